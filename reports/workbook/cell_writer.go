package workbook

import (
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/xlsx"
)

// cellWriter writes cells of a small sheet through excelize, from top to bottom, and saves the first error.
type cellWriter struct {
	workbook *workbook
	sheet    string
	row      int
	err      error

	wide   []float64 // widths of the columns, in digits
	names  int       // width of the widest text in column 1 with a value in column 2, in tenths of a digit
	name   int       // width of the current row's text in column 1
	broken int       // first row of the current printed page
}

func (g *cellWriter) T(key string, args ...any) string { return g.workbook.report.T(key, args...) }

func (g *cellWriter) next(rows int) { g.row += rows }

func (g *cellWriter) cell(column int) string {
	name, err := excelize.CoordinatesToCellName(column, g.row)
	g.keep(err)
	return name
}

func (g *cellWriter) keep(err error) {
	if g.err == nil {
		g.err = err
	}
}

// put writes one value into a cell. For a zero time or an empty text, the cell stays blank.
func (g *cellWriter) put(column int, value any, style styleFunc) {
	id, err := style(g.workbook.styles)
	g.keep(err)
	g.measure(column, value)
	g.keep(g.workbook.file.SetCellStyle(g.sheet, g.cell(column), g.cell(column), id))
	switch v := value.(type) {
	case time.Time:
		if v.IsZero() {
			return
		}
		if serial, ok := xlsx.Serial(v.In(g.workbook.report.Location())); ok {
			g.keep(g.workbook.file.SetCellFloat(g.sheet, g.cell(column), float64(serial)/xlsx.SerialScale, -1, 64))
			return
		}
		value = v.In(g.workbook.report.Location()).Format(time.RFC3339)
	case string:
		if v == "" {
			return
		}
		value = xlsx.Escape(reports.Clean(v))
	}
	g.keep(g.workbook.file.SetCellValue(g.sheet, g.cell(column), value))
}

// money writes a sum in the currency's format.
func (g *cellWriter) money(column int, k reports.Kind, sum reconcile.Sum, currency string, bold bool) {
	value, l := moneyValue(g.workbook.report.Printer, k, sum, currency)
	g.put(column, value, func(s *styles) (int, error) { return s.figure(l, bold) })
}

// formula sets the formula of a cell. Programs that do not calculate formulas show the value that put wrote.
func (g *cellWriter) formula(column int, formula string) {
	g.keep(g.workbook.file.SetCellFormula(g.sheet, g.cell(column), formula))
}

func (g *cellWriter) fact(key string, value any, style styleFunc) {
	if value == "" {
		return
	}
	name := ""
	if key != "" {
		name = g.T(key)
	}
	g.put(1, name, plainStyle)
	g.put(2, value, style)
	if text, ok := value.(string); ok {
		g.run(text)
	}
	g.next(1)
}

// run merges a text of the second column with the cells to its right. If the text needs several lines, run makes the
// row higher. Next to the chart, the merged cells end at the chart.
func (g *cellWriter) run(text string) {
	last := len(g.wide)
	if g.row < chartFoot {
		last = chartColumn - 1
	}
	room := -cellMargin * 10
	for _, width := range g.wide[1:last] {
		room += int(width) * 10
	}
	lines := xlsx.CountLines(text, room*10/11)
	if lines == 1 {
		return
	}
	corner, err := excelize.CoordinatesToCellName(last, g.row)
	g.keep(err)
	g.keep(g.workbook.file.MergeCell(g.sheet, g.cell(2), corner))
	id, err := wrappedStyle(g.workbook.styles)
	g.keep(err)
	g.keep(g.workbook.file.SetCellStyle(g.sheet, g.cell(1), corner, id))
	g.keep(g.workbook.file.SetRowHeight(g.sheet, g.row, xlsx.RowHeight(lines)))
}

// measure updates the width that column 1 needs. measure ignores a text if the cell to its right is empty.
func (g *cellWriter) measure(column int, value any) {
	text, isText := value.(string)
	switch {
	case column == 1 && isText:
		g.name = xlsx.BoldWidth(xlsx.TextWidth(text))
	case column == 1:
		g.name = 0
	case column == 2 && value != "":
		g.names = max(g.names, g.name)
	}
}

// widenNames makes column 1 as wide as its texts, up to a limit.
func (g *cellWriter) widenNames() {
	width := min(60, max(g.wide[0], float64(g.names/10+1+cellMargin)))
	g.keep(g.workbook.file.SetColWidth(g.sheet, "A", "A", width))
}

// rowsOnPage is the number of rows that fit on a printed page of the Summary.
const rowsOnPage = 42

// together keeps the next rows on one printed page. It begins a new page if the rows do not fit on the current page.
func (g *cellWriter) together(rows int) {
	if g.row-g.broken+rows > rowsOnPage {
		g.breakPage()
	}
}

func (g *cellWriter) breakPage() {
	g.keep(g.workbook.file.InsertPageBreak(g.sheet, g.cell(1)))
	g.broken = g.row
}

func (g *cellWriter) heading(text string) {
	g.put(1, g.T(text), headingStyle)
	g.next(1)
}

// header writes the header of a table. A title with the prefix ">" is right-aligned like the numbers below. A title
// with the prefix "=" (or ">=") is not translated.
func (g *cellWriter) header(titles ...string) {
	said := len(titles)
	for len(titles) < summaryColumns {
		titles = append(titles, "")
	}
	lines := 1
	for i, title := range titles {
		k := reports.KindWord
		if figure, ok := strings.CutPrefix(title, ">"); ok {
			title, k = figure, reports.KindAmount
		}
		if name, ok := strings.CutPrefix(title, "="); ok {
			title = name
		} else if title != "" {
			title = g.T(title)
		}
		style := func(s *styles) (int, error) { return s.header(k) }
		if i == said-1 && k == reports.KindWord && said < summaryColumns {
			style = openHeader // the title and the texts below extend into empty cells
		} else {
			lines = max(lines, xlsx.CountLines(reports.Clean(title), (int(g.wide[i])-cellMargin)*100/11))
		}
		g.put(i+1, title, style)
	}
	if height := xlsx.RowHeight(lines); height > 0 {
		g.keep(g.workbook.file.SetRowHeight(g.sheet, g.row, height))
	}
	g.next(1)
}

func (g *cellWriter) widths(widths ...float64) {
	g.wide = widths
	for i, width := range widths {
		name, err := excelize.ColumnNumberToName(i + 1)
		g.keep(err)
		g.keep(g.workbook.file.SetColWidth(g.sheet, name, name, width))
	}
}

func (g *cellWriter) link(column int, sheet string) {
	g.put(column, sheet, linkStyle)
	g.keep(g.workbook.file.SetCellHyperLink(g.sheet, g.cell(column), "'"+sheet+"'!A1", "Location"))
}

// styleFunc is a function that returns a style. It creates the style at the first call.
type styleFunc = func(*styles) (int, error)

// textStyle creates a text style. The indent separates the text from a number to its left.
func textStyle(name string, font excelize.Font) styleFunc {
	return func(s *styles) (int, error) { return s.make(name, &excelize.Style{Font: &font, Alignment: indented()}) }
}

// formatStyle creates a style with a number format.
func formatStyle(name, format string) styleFunc {
	return func(s *styles) (int, error) {
		return s.make(name, &excelize.Style{Font: font(false), CustomNumFmt: &format, Alignment: indented()})
	}
}

var (
	titleStyle   = textStyle("title", excelize.Font{Family: fontName, Bold: true, Size: 16})
	headingStyle = textStyle("heading", excelize.Font{Family: fontName, Bold: true, Size: 12})
	strongStyle  = textStyle("strong", *font(true))
	noteStyle    = textStyle("note", excelize.Font{Family: fontName, Size: 10, Italic: true})
	linkStyle    = textStyle("link", excelize.Font{Family: fontName, Size: 10, Underline: "single"})
	plainStyle   = textStyle("plain", *font(false))
	timeStyle    = formatStyle("moment", timeFormat)
	dayStyle     = formatStyle("day", "yyyy-mm-dd")
)

func totalStyle(s *styles) (int, error) {
	return s.make("total", &excelize.Style{
		Font: font(true), Alignment: indented(),
		Border: []excelize.Border{{Type: "top", Color: "000000", Style: 1}},
	})
}

func wrappedStyle(s *styles) (int, error) {
	a := indented()
	a.WrapText, a.Vertical = true, "top"
	return s.make("wrapped", &excelize.Style{Font: font(false), Alignment: a})
}

// openHeader creates the style of a title that may extend over empty cells.
func openHeader(s *styles) (int, error) {
	style := headerStyle("left", 1)
	style.Alignment.WrapText = false
	return s.make("header open", style)
}

func indented() *excelize.Alignment { return &excelize.Alignment{Horizontal: "left", Indent: 1} }

func leftStyle(s *styles) (int, error) {
	return s.make("left", &excelize.Style{Font: font(false), NumFmt: 1, Alignment: indented()})
}

func countStyle(s *styles) (int, error) { return s.figure(cellStyle{kind: reports.KindAmount}, false) }

func strongCountStyle(s *styles) (int, error) {
	return s.figure(cellStyle{kind: reports.KindAmount}, true)
}

func shareStyle(s *styles) (int, error) {
	return s.make("share", &excelize.Style{Font: font(false), NumFmt: 10})
}
