package workbook

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/totals"
	"hhrecon/reports/xlsx"
)

// These are the keys of the sheets' names, in the order of the sheets.
const (
	summaryTitle     = "sheet.summary"
	controlTitle     = "sheet.control"
	differentTitle   = "sheet.different_amounts"
	timeoutsTitle    = "sheet.timeouts"
	supportTitle     = "sheet.support"
	correctionsTitle = "sheet.corrections"
	unresolvedTitle  = "sheet.unresolved"
	allTitle         = "sheet.all_payins"
)

// workbook is the state of a workbook that is being written.
type workbook struct {
	report  *reports.Report
	file    *excelize.File
	styles  *styles
	maxRows int
	left    int64 // open payins that became too old for the period
	waiting int64 // payins that wait for a person's decision

	coverage reports.Coverage
	largest  largest
	sums     totals.Totals
	texts    map[totals.Key]bool // totals with at least one amount that is a text in the sheets

	summary      string                  // name of the first sheet
	front        *xlsx.PartWriter        // writes the first sheet of the packed file
	sinceLastRun *changesSinceLastRun    // nil if there is no run to compare with
	history      *historySheet           // nil if the report is about one run
	dailyTotals  []reconcile.DailyTotals // days up to the report's run or end, the oldest first
	changes      *sheet                  // nil if the report is not a correction

	control, different, timeouts, support, corrections, unresolved, all, legend *sheet
}

func (b *workbook) sheets() []*sheet {
	sheets := []*sheet{b.control}
	if b.sinceLastRun != nil {
		sheets = append(sheets, b.sinceLastRun.sheet)
	}
	if b.history != nil {
		sheets = append(sheets, b.history.sheet)
	}
	if b.changes != nil {
		sheets = append(sheets, b.changes)
	}
	return append(sheets, b.different, b.timeouts, b.support, b.corrections, b.unresolved, b.all, b.legend)
}

func newWorkbook(r *reports.Report, maxRows int) (*workbook, error) {
	f := excelize.NewFile()
	r.WrapText = true
	b := &workbook{report: r, file: f, styles: newStyles(f, r.Printer), maxRows: maxRows, sums: make(totals.Totals),
		texts: make(map[totals.Key]bool), summary: r.T(summaryTitle)}
	b.control, b.legend = b.controlSheet(), b.table(legendTitle, "", 1, legendHeadings)
	if r.Run != nil && r.Run.Whole && r.HasAllFindings() && reports.IsClosed(r.Run) { // a run over all open payins
		b.sinceLastRun = &changesSinceLastRun{sheet: b.sinceSheet(), sums: make(map[sumKey]*countAndSum)}
	}
	b.different = b.sheet(differentTitle, "empty.different_amounts", []reports.Column{
		reports.ColPayment, reports.ColCreated, reports.ColCurrency, reports.ColAmount, reports.ColInitial, reports.ColOld,
		reports.ColPaid, reports.ColDifference,
		reports.ColRecord, reports.ColReprice, reports.ColAppeal, reports.ColCauses, reports.ColOutcome, reports.ColProvider,
		reports.ColBefore, reports.ColAfter, reports.ColCorrection, reports.ColReason,
		reports.ColDecision, reports.ColNote, reports.ColRun, reports.ColRow,
	})
	b.different.seal = (*sheetPart).askForDecisions
	b.timeouts = b.sheet(timeoutsTitle, "empty.timeouts", []reports.Column{
		reports.ColPayment, reports.ColCreated, reports.ColExpires, reports.ColLate, reports.ColCauses, reports.ColCurrency,
		reports.ColAmount, reports.ColInitial, reports.ColOld, reports.ColPaid,
		reports.ColProvider, reports.ColBefore, reports.ColAfter, reports.ColCorrection, reports.ColReason,
	})
	b.support = b.sheet(supportTitle, "empty.support", r.SupportColumns())
	b.corrections = b.sheet(correctionsTitle, "empty.corrections", []reports.Column{
		reports.ColCorrection, reports.ColPayment, reports.ColCreated, reports.ColCurrency, reports.ColAmount,
		reports.ColStatusBefore, reports.ColSubStatusBefore, reports.ColSettledBefore, reports.ColStatusAfter,
		reports.ColSubStatusAfter, reports.ColSettledAfter,
		reports.ColOutcome, reports.ColUnwritten, reports.ColReason,
	})
	b.unresolved = b.sheet(unresolvedTitle, "empty.unresolved", []reports.Column{
		reports.ColWhy, reports.ColPayment, reports.ColCreated, reports.ColCurrency, reports.ColAmount, reports.ColBefore,
		reports.ColSettledBefore, reports.ColUpdated,
		reports.ColOutcome, reports.ColRequest, reports.ColChecked, reports.ColReason,
	})
	b.all = b.sheet(allTitle, "empty.all_payins", reports.AllColumns)
	b.mark()
	if r.Run == nil && r.HasAllFindings() { // a correction has the sheet of changes instead
		b.history = &historySheet{sheet: b.newHistorySheet(), last: make(map[totals.Key]int64)}
	}
	if !r.HasAllFindings() {
		b.changes = b.changesSheet()
	}
	if err := b.openAll(); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *workbook) sheet(title, empty string, columns []reports.Column) *sheet {
	columns = b.report.Columns(columns)
	return &sheet{
		workbook: b, key: title, title: b.report.T(title), empty: b.report.T(empty), columns: columns,
		fixed: 1 + slices.IndexFunc(columns, func(c reports.Column) bool { return c.Title == reports.ColPayment.Title }),
		row:   rowCells{styles: b.styles},
	}
}

// heading contains the title and the kind of a column.
type heading struct {
	title string
	kind  reports.Kind
}

// table returns a sheet whose rows addRow writes. fixed is the number of frozen columns. empty is the key of the text
// of an empty sheet, or "".
func (b *workbook) table(key, empty string, fixed int, headings []heading) *sheet {
	s := &sheet{workbook: b, key: key, title: b.report.T(key), fixed: fixed, row: rowCells{styles: b.styles}}
	if empty != "" {
		s.empty = b.report.T(empty)
	}
	s.columns = reconcile.Map(headings, func(h heading) reports.Column {
		return reports.Column{Title: h.title, Kind: h.kind}
	})
	return s
}

// openAll opens the sheets in their order. Each sheet exists even if it has no rows.
func (b *workbook) openAll() error {
	if err := b.file.SetDefaultFont(fontName); err != nil {
		return fmt.Errorf("set the font: %w", err)
	}
	if err := b.file.SetSheetName("Sheet1", b.summary); err != nil {
		return fmt.Errorf("sheet %s: %w", b.summary, err)
	}
	for _, s := range b.sheets() {
		if err := s.open(); err != nil {
			return err
		}
	}
	return nil
}

// addFailed adds a finding to the sheet of corrections if its correction could not be written.
func (b *workbook) addFailed(f *reconcile.Finding) error {
	if l := (&reports.Row{Finding: f, Report: b.report}); l.Correction.Failed() {
		return b.corrections.add(l)
	}
	return nil
}

// add writes a finding to each sheet that the finding belongs to. The function addFailed writes failed corrections.
func (b *workbook) add(f *reconcile.Finding) error {
	l := b.report.NewRow(f)
	b.coverage.Add(f)
	b.sums.Add(f)
	if asText(f) {
		b.texts[totals.Key{Outcome: f.Outcome, Currency: f.Currency}] = true
	}
	b.largest.add(f)
	if l.Undecided {
		b.waiting++
	}
	for _, to := range [...]struct {
		sheet   *sheet
		belongs bool
	}{
		{b.different, l.Differs()},
		{b.timeouts, f.Outcome == reconcile.Timeout},
		{b.support, l.Question != ""},
		{b.corrections, l.Planned() && !l.Correction.Failed()},
		{b.unresolved, l.Why != ""},
		{b.all, true},
	} {
		if !to.belongs {
			continue
		}
		if err := to.sheet.add(l); err != nil {
			return err
		}
	}
	return nil
}

// addLeft adds an open payin that became too old for the period and therefore has no finding.
func (b *workbook) addLeft(p *reconcile.Payin) error {
	b.left++
	return b.unresolved.add(&reports.Row{Finding: &reconcile.Finding{Payin: *p}, Report: b.report,
		Why: b.report.T("unresolved.left_window")})
}

// finish moves the continuation worksheets behind their sheets, and finishes each sheet.
func (b *workbook) finish() error {
	sheets := b.sheets()
	for i, s := range sheets[:len(sheets)-1] {
		for _, p := range s.pages[1:] {
			if err := b.file.MoveSheet(p.name, sheets[i+1].title); err != nil {
				return fmt.Errorf("sheet %s: %w", p.name, err)
			}
		}
	}
	for _, s := range sheets {
		if err := s.finish(); err != nil {
			return err
		}
	}
	return b.setProperties()
}

// close removes the temporary files.
func (b *workbook) close() {
	_ = b.file.Close()
	for _, s := range b.sheets() {
		s.close()
	}
	if b.front != nil {
		b.front.Close()
	}
}
