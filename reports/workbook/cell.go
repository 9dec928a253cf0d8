package workbook

import (
	"strconv"
	"strings"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/xlsx"
)

// rowCells writes rows as a worksheet's XML, cell by cell. Texts are inline strings, so a text such as =1+1 never
// becomes a formula, and memory use does not grow. Amounts are written digit by digit from whole minor units.
type rowCells struct {
	styles  *styles
	columns []cellColumn
	err     error

	number []byte // the row's number as text
	at     int    // column of the next cell, from 0
	xml    []byte // the cells of the row that were already written
	lines  int    // number of lines of the longest text
}

// cellColumn has the data that all cells of a column share.
type cellColumn struct {
	kind  reports.Kind
	name  string // the column's letters, such as "AB"
	width int    // width of the column, in widths of a digit
	style int
	begin []byte // the tag before the row's number: `<c r="AB`
	end   []byte // the tag after the row's number: `" s="7"`
}

func newCellColumn(k reports.Kind, name string, width, style int) cellColumn {
	return cellColumn{kind: k, name: name, width: width, style: style, begin: []byte(`<c r="` + name),
		end: appendStyle(nil, style)}
}

func appendStyle(to []byte, style int) []byte {
	return append(strconv.AppendInt(append(to, `" s="`...), int64(style), 10), '"')
}

// begin starts a row with the given number.
func (r *rowCells) begin(row int) {
	r.number = strconv.AppendInt(r.number[:0], int64(row), 10)
	r.at, r.xml, r.lines = 0, r.xml[:0], 1
}

// cell begins the next cell and leaves its tag open.
func (r *rowCells) cell(style int) {
	column := &r.columns[r.at]
	r.at++
	r.xml = append(r.xml, column.begin...)
	r.xml = append(r.xml, r.number...)
	if style == column.style {
		r.xml = append(r.xml, column.end...)
		return
	}
	r.xml = appendStyle(r.xml, style)
}

// styleOf returns the style of a cell if the style differs from the style of the cell's column.
func (r *rowCells) styleOf(l cellStyle) int {
	style, err := r.styles.cell(l)
	if err != nil && r.err == nil {
		r.err = err
	}
	return style
}

func (r *rowCells) Blank() { r.at++ }

// Field writes an empty cell with a visible style, for a person to fill in.
func (r *rowCells) Field(k reports.Kind) {
	r.cell(r.styleOf(cellStyle{kind: k, field: true}))
	r.xml = append(r.xml, "/>"...)
}

func (r *rowCells) Count(n int64) { r.value(r.columns[r.at].style, n, 0) }

// value writes a number in units of 10^-decimals.
func (r *rowCells) value(style int, units int64, decimals int) {
	r.cell(style)
	r.xml = append(r.xml, "><v>"...)
	r.xml = xlsx.AppendDecimal(r.xml, units, decimals)
	r.xml = append(r.xml, "</v></c>"...)
}

// formula writes a formula for a number. Programs that do not calculate formulas show the value units · 10^-decimals.
func (r *rowCells) formula(style int, formula string, units int64, decimals int) {
	r.cell(style)
	r.xml = append(r.xml, "><f>"...)
	r.xml = xlsx.AppendEscaped(r.xml, formula)
	r.xml = append(r.xml, "</f><v>"...)
	r.xml = xlsx.AppendDecimal(r.xml, units, decimals)
	r.xml = append(r.xml, "</v></c>"...)
}

// textFormula writes a formula for a text. Programs that do not calculate formulas show text.
func (r *rowCells) textFormula(formula, text string) {
	r.cell(r.columns[r.at].style)
	r.xml = append(r.xml, ` t="str"><f>`...)
	r.xml = xlsx.AppendEscaped(r.xml, formula)
	r.xml = append(r.xml, "</f><v>"...)
	r.xml = xlsx.AppendEscaped(r.xml, text)
	r.xml = append(r.xml, "</v></c>"...)
}

func (r *rowCells) Text(s string) {
	if s == "" {
		r.Blank()
		return
	}
	column := &r.columns[r.at]
	s = reports.Clean(s)
	style, room := column.style, (column.width-cellMargin)*10
	long := tooLong(column.kind, s, room)
	if long {
		style = r.styleOf(cellStyle{kind: column.kind, wrapped: true})
	}
	if long || column.kind.Wraps() {
		r.lines = max(r.lines, xlsx.CountLines(s, room))
	}
	r.string(style, s)
}

// tooLong reports whether a text must be wrapped although its column does not wrap. Without wrapping, the text would be
// too small to read or would be cut off.
func tooLong(k reports.Kind, s string, room int) bool {
	switch {
	case k.Shrinks():
		room = room * 8 / 5
	case k != reports.KindRemark:
		return false
	}
	// Text width is in tenths of a digit, and no character is wider than two digits.
	return strings.IndexByte(s, '\n') >= 0 || len(s) > room/20 && xlsx.TextWidth(s) > room
}

// string writes a text without control characters. The caller must pass the text through reports.Clean first.
func (r *rowCells) string(style int, s string) {
	r.cell(style)
	if xlsx.IsPlain(s) {
		r.xml = append(r.xml, ` t="inlineStr"><is><t>`...)
		r.xml = append(r.xml, s...)
		r.xml = append(r.xml, "</t></is></c>"...)
		return
	}
	r.xml = append(r.xml, ` t="inlineStr"><is><t`...)
	if strings.ContainsAny(s, "\n\t") || strings.HasPrefix(s, " ") || strings.HasSuffix(s, " ") {
		r.xml = append(r.xml, ` xml:space="preserve"`...)
	}
	r.xml = append(r.xml, '>')
	r.xml = xlsx.AppendEscaped(r.xml, s)
	r.xml = append(r.xml, "</t></is></c>"...)
}

func (r *rowCells) Currency(code string) { r.Text(reports.CurrencyName(code)) }

// sum writes an amount or a difference. A sum that is too large for a number is written as text.
func (r *rowCells) sum(k reports.Kind, s reconcile.Sum, currency string) {
	if minor, fits := s.Int64(); fits {
		r.money(k, minor, currency)
		return
	}
	r.string(r.styleOf(cellStyle{kind: k, asText: true}), reports.Clean(r.styles.Sum(s, currency)))
}

func (r *rowCells) Amount(minor int64, currency string) { r.money(reports.KindAmount, minor, currency) }
func (r *rowCells) Change(minor int64, currency string) { r.money(reports.KindChange, minor, currency) }

func (r *rowCells) money(k reports.Kind, minor int64, currency string) {
	l := amountStyle(k, minor, currency)
	if l.asText {
		r.string(r.styleOf(l), reports.Clean(r.styles.Amount(minor, currency)))
		return
	}
	style := r.columns[r.at].style
	if l.exponent != usualExponent {
		style = r.styleOf(l)
	}
	r.value(style, minor, l.exponent)
}

func (r *rowCells) Time(t time.Time) {
	if t.IsZero() {
		r.Blank()
		return
	}
	if parts, ok := xlsx.Serial(t); ok {
		r.value(r.columns[r.at].style, parts, xlsx.SerialDecimals)
		return
	}
	r.Text(t.Format(time.RFC3339))
}

// height returns the height of the row in points if a text has several lines. Some programs do not compute the height
// of a row when they open a file. A height of 0 lets the spreadsheet program choose.
func (r *rowCells) height() float64 { return xlsx.RowHeight(r.lines) }
