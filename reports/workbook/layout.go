package workbook

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

const paperA4 = 9

// layOut sets up a worksheet for printing in landscape. The argument wide is the width in printed pages. The header has
// the report's title and the footer has page numbers.
func (b *workbook) layOut(sheet string, wide int) error {
	size, landscape, yes, any := paperA4, "landscape", true, 0
	side, top, edge := 0.4, 0.75, 0.3 // margins in inches
	if err := errors.Join(
		b.file.SetSheetDimension(sheet, ""), // excelize's "A1" would hide all other cells from readers of streams
		b.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &yes}),
		b.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{
			Size: &size, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &any,
		}),
		b.file.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{
			Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &edge, Footer: &edge,
		}),
		b.file.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{
			OddHeader: "&L" + forMargin(b.report.Title()) + b.report.DryRunMark() + "&R&A",
			OddFooter: "&L" + forMargin(b.report.T("print.times", b.report.Location().String())) + "&R" +
				b.report.T("print.page"),
		}),
	); err != nil {
		return fmt.Errorf("sheet %s: %w", sheet, err)
	}
	return nil
}

// forMargin prepares a text for a page header. It escapes the character &, which has a special meaning in headers. It
// shortens the text, because a header has at most 255 characters.
func forMargin(s string) string {
	s = reports.Clean(s)
	if runes := []rune(s); len(runes) > 80 {
		s = string(runes[:79]) + "…"
	}
	return strings.ReplaceAll(s, "&", "&&")
}

// mark formats cells whose text a person must check. The text is bold and the background is grey.
func (b *workbook) mark() {
	b.corrections.mark = marker(&reports.ColCorrection,
		names(reconcile.CorrectionSuperseded, reconcile.CorrectionRefused, reconcile.CorrectionLocked,
			reconcile.CorrectionHeld)...)
	b.all.mark = marker(&reports.ColOutcome, string(reconcile.DifferentAmount), string(reconcile.Reversed),
		string(reconcile.NotFound), string(reconcile.Unverifiable), string(reconcile.Unreachable))
	b.different.mark = marker(&reports.ColOutcome, string(reconcile.Reversed))
}

func marker(of *reports.Column, words ...string) func(p *sheetPart) error {
	return func(p *sheetPart) error {
		rules := reconcile.Map(words, func(word string) excelize.ConditionalFormatOptions {
			return excelize.ConditionalFormatOptions{Type: "cell", Criteria: "==", Value: strconv.Quote(word)}
		})
		name := p.columnName(of.Title)
		return p.highlight(fmt.Sprintf("%s2:%s%d", name, name, max(2, p.last)), excelize.Font{Bold: true}, shade, rules...)
	}
}

// highlight formats the cells to which a rule applies.
func (p *sheetPart) highlight(cells string, font excelize.Font, colour string,
	rules ...excelize.ConditionalFormatOptions) error {
	style, err := p.workbook.file.NewConditionalStyle(&excelize.Style{Font: &font, Fill: solid(colour)})
	if err != nil {
		return err
	}
	for i := range rules {
		rules[i].Format = &style
	}
	return p.workbook.file.SetConditionalFormat(p.name, cells, rules)
}

// facts returns the description for the properties of the file. The description identifies the report even if
// the file was renamed.
func (b *workbook) facts() string {
	r := b.report
	window := r.Scope.Window
	if r.Run != nil {
		window = r.Run.Window
	}
	return reports.Clean(fmt.Sprintf("%s; %s – %s; %s; hhrecon %s", r.Title(),
		window.From.In(r.Location()).Format(time.RFC3339), window.To.In(r.Location()).Format(time.RFC3339), r.Location(),
		r.Version))
}

func (b *workbook) setProperties() error {
	calculate := true // spreadsheet programs recalculate all formulas when they open the file
	made := b.report.Now.UTC().Format(time.RFC3339)
	maker := strings.TrimSpace("hhrecon " + b.report.Version)
	if err := errors.Join(
		b.file.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: &calculate}),
		b.file.SetDocProps(&excelize.DocProperties{
			Title: reports.Clean(b.report.Title()), Subject: b.report.T("print.subject"), Description: b.facts(),
			Creator: maker, LastModifiedBy: maker, Created: made, Modified: made, Language: b.report.Printer.Language(),
		}),
	); err != nil {
		return fmt.Errorf("set the workbook's properties: %w", err)
	}
	if core, ok := b.file.Pkg.Load(coreProperties); ok {
		b.file.Pkg.Store(coreProperties, []byte(corePrefix.Replace(string(core.([]byte)))))
	}
	return nil
}

const coreProperties = "docProps/core.xml"

// corePrefix adds the prefix that Excel writes and that exceljs requires. excelize writes the same names without it.
var corePrefix = strings.NewReplacer("<coreProperties xmlns=", "<cp:coreProperties xmlns:cp=",
	"</coreProperties>", "</cp:coreProperties>", "<lastModifiedBy>", "<cp:lastModifiedBy>",
	"</lastModifiedBy>", "</cp:lastModifiedBy>")
