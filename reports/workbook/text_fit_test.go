package workbook

import (
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
	"hhrecon/reports/xlsx"
)

// TestTextsFit checks that each text fits its cell in every language. The row of a wrapped text must be high enough,
// and no word may be wider than the column. A shrunk text must be legible. A text may extend over other cells only if
// these cells are empty.
func TestTextsFit(t *testing.T) {
	quiet := everything()
	quiet.before = &reconcile.Run{ID: 6, StartedAt: at("2026-10-31T02:30:00+06:00")}
	long := everything()
	p := payin(60, 10_000_000_000_000, "JPY")
	p.PaymentID = strings.Repeat("a line\n=1+1 платёж 😀 ", 10)
	long.add(p, theirs(p, "success", "", 10_000_000_000_000, 1, 10_000_000_000_000), reconcile.ResultAnswered, "")
	broken := payin(61, 100, "KGS")
	broken.PaymentID = "KG\u2028line\nbreak"
	long.add(broken, nil, reconcile.ResultUnreachable, "")
	long.run.Impact.Answered--
	long.before, long.transitions = quiet.before, []reconcile.Transition{{
		PaymentID: p.PaymentID, Currency: "JPY", Amount: p.Amount, CreatedAt: p.CreatedAt, Status: "processing",
		Outcome: reconcile.Pending,
	}}
	thirtyDays := everything()
	thirtyDays.days = daysOf(thirtyDays, 30)
	named := everything()
	named.run.Note = reconcile.Because(
		"hold.share", reconcile.Because("class.declines"), int64(120), int64(200), "50")
	for name, s := range map[string]*testArchive{"empty": newTestArchive(), "held": heldArchive(), "quiet": quiet,
		"long":  long,
		"noted": named, "days": thirtyDays} {
		for _, language := range i18n.Languages {
			t.Run(name+"/"+language, func(t *testing.T) {
				o := bishkek()
				o.Language, o.Support = language, marked{}
				o.Projects = map[string]string{somProject: "A project whose name is so long that no column of the Summary holds " +
					"it on one line"}
				f, _ := workbookWith(t, s, one(s), o, excelize.TotalRows)
				for _, sheet := range f.GetSheetList() {
					r := room{t: t, f: f, sheet: sheet}
					r.check()
				}
			})
		}
	}
}

// TestTitlesKeepClear checks that there is a space between a title that fills its column and the title before it. It
// also checks that other columns are not wider than necessary.
func TestTitlesKeepClear(t *testing.T) {
	for language, want := range map[string][3]int{"en": {17, 17, 18}, "ru": {18, 17, 18}, "ky": {18, 17, 19}} {
		o := bishkek()
		o.Language = language
		s := everything()
		r, err := reports.NewReport(t.Context(), s, one(s), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := [...]int{widthOf(&reports.ColInitial, r), widthOf(&reports.ColPaid, r),
			widthOf(&reports.ColReprice, r)}; got != want {
			t.Errorf("%s: %v digits, want %v", language, got, want)
		}
	}
}

// loose matches a place within a number at which a line may break. Such a place is a space, or a hyphen that is used
// as a minus sign.
var loose = regexp.MustCompile(`\d \d{3}\b|\d %|[( ]-\d`)

// room measures the available space in the cells of a sheet.
type room struct {
	t      *testing.T
	f      *excelize.File
	sheet  string
	widths []int // in tenths of a digit's width, without the margin
	merged map[string]string
}

func (r *room) check() {
	r.t.Helper()
	rows, err := r.f.GetRows(r.sheet)
	if err != nil {
		r.t.Fatal(err)
	}
	r.merged = make(map[string]string)
	merges, err := r.f.GetMergeCells(r.sheet)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, m := range merges {
		r.merged[m.GetStartAxis()] = m.GetEndAxis()
	}
	for _, row := range rows {
		for len(r.widths) < max(len(row), summaryColumns) {
			name, _ := excelize.ColumnNumberToName(len(r.widths) + 1)
			width, err := r.f.GetColWidth(r.sheet, name)
			if err != nil {
				r.t.Fatal(err)
			}
			r.widths = append(r.widths, int(width*10))
		}
	}
	for i, row := range rows {
		for j, text := range row {
			if text != "" {
				r.cell(row, i+1, j, text)
			}
		}
	}
}

func (r *room) cell(row []string, line, column int, text string) {
	r.t.Helper()
	name, _ := excelize.CoordinatesToCellName(column+1, line)
	kind, err := r.f.GetCellType(r.sheet, name)
	if err != nil {
		r.t.Fatal(err)
	}
	if kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
		if len(text) > 10 && line > 1 && xlsx.TextWidth(text) > r.widths[column]-5 { // Excel would show ####
			r.t.Errorf("%s %s: the number %s does not fit", r.sheet, name, text)
		}
		return
	}
	id, err := r.f.GetCellStyle(r.sheet, name)
	if err != nil {
		r.t.Fatal(err)
	}
	style, err := r.f.GetStyle(id)
	if err != nil {
		r.t.Fatal(err)
	}
	need, space := xlsx.TextWidth(text), r.widths[column]-cellMargin*10
	if style.Font.Bold {
		need = xlsx.BoldWidth(need)
	}
	if figure := loose.FindString(text); figure != "" && style.Alignment.WrapText {
		r.t.Errorf("%s %s: a line may break within %q of %q", r.sheet, name, figure, text)
	}
	switch {
	case style.Alignment.WrapText:
		last, _, _ := excelize.CellNameToCoordinates(r.merged[name])
		for next := column + 1; next < last; next++ {
			space += r.widths[next]
		}
		height, err := r.f.GetRowHeight(r.sheet, line)
		if err != nil {
			r.t.Fatal(err)
		}
		if lines := xlsx.CountLines(text, space); float64(lines)*xlsx.LineHeight > height && height < xlsx.MaxRowHeight &&
			lines > 1 {
			r.t.Errorf("%s %s: %q takes %d lines, the row has %v points", r.sheet, name, text, lines, height)
		}
		if (line == 1 || style.Font.Bold) && xlsx.BoldWidth(xlsx.WidestWord(text)) > space {
			r.t.Errorf("%s %s: a word of %q is wider than its column", r.sheet, name, text)
		}
	case style.Alignment.ShrinkToFit:
		if xlsx.TextWidth(text) > space*8/5 || strings.Contains(text, "\n") {
			r.t.Errorf("%s %s: %q is shrunk too much", r.sheet, name, text)
		}
	default:
		for next := column + 1; next < len(r.widths) && (next >= len(row) || row[next] == ""); next++ {
			space += r.widths[next]
		}
		if style.Font.Size > 10 {
			need = need * int(style.Font.Size) / 10
		}
		if need > space {
			r.t.Errorf("%s %s: %q needs %d tenths of a digit's width, but has %d", r.sheet, name, text, need, space)
		}
	}
}
