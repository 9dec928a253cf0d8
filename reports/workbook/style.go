package workbook

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

// The workbook uses these colours. Bold type or a word repeats the meaning of each colour, because people
// print in black and white.
const (
	shade   = "E7ECEF" // headers and totals
	rule    = "C9D0D4" // the line under each row
	ink     = "3C5A66" // charts
	riseInk = "7FA650" // positive steps of a waterfall
	fallInk = "B4503C" // negative steps of a waterfall
	paper   = "FBF7E4" // input cells; these cells also have a frame
	frame   = "7F7F7F"
	alarm   = "FFC7CE" // totals that do not match
)

const (
	timeFormat = "yyyy-mm-dd hh:mm:ss"
	fontName   = "Arial"
)

// cellStyle identifies the style of a data cell.
type cellStyle struct {
	kind     reports.Kind
	exponent int  // number of decimals of an amount
	asText   bool // an amount that is written as text
	field    bool // an input cell
	wrapped  bool // a long text in a column that does not wrap
}

// usualExponent is the default number of decimals in a column of amounts. A single cell may have a different number.
const usualExponent = 2

// styles creates each style once, at its first use.
type styles struct {
	i18n.Printer
	file       *excelize.File
	cellStyles map[cellStyle]int
	named      map[string]int
}

func newStyles(f *excelize.File, in i18n.Printer) *styles {
	return &styles{Printer: in, file: f, cellStyles: make(map[cellStyle]int), named: make(map[string]int)}
}

// font returns the font of all cells. Free replacements for this font have the same character widths.
func font(bold bool) *excelize.Font { return &excelize.Font{Family: fontName, Size: 10, Bold: bold} }

// solid returns a fill of one colour.
func solid(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}

// cell returns the style of a data cell.
func (s *styles) cell(l cellStyle) (int, error) {
	if made, ok := s.cellStyles[l]; ok {
		return made, nil
	}
	style := &excelize.Style{
		Font: font(false),
		Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left", WrapText: l.kind.Wraps() || l.wrapped,
			ShrinkToFit: l.asText || l.kind.Shrinks() && !l.wrapped},
		Border: []excelize.Border{{Type: "bottom", Color: rule, Style: 1}},
	}
	if l.field {
		style.Fill = solid(paper)
		style.Border = nil
		for _, side := range [...]string{"left", "top", "right", "bottom"} {
			style.Border = append(style.Border, excelize.Border{Type: side, Color: frame, Style: 1})
		}
	}
	if l.kind.IsNumber() {
		style.Alignment.Horizontal = "right"
	} else {
		style.Alignment.Indent = 1 // separates the text from a number to its left
	}
	if format := l.format(); format != "" {
		style.CustomNumFmt = &format
	}
	made, err := s.file.NewStyle(style)
	s.cellStyles[l] = made
	return made, err
}

// format returns the number format of a cell, or "" for text.
func (l cellStyle) format() string {
	switch {
	case l.asText:
		return "@"
	case l.kind == reports.KindTime || l.kind == reports.KindTimeUTC:
		return timeFormat
	case l.kind == reports.KindAmount:
		return amountFormat(l.exponent)
	case l.kind == reports.KindChange:
		return changeFormat(l.exponent)
	}
	return ""
}

// header returns the style of a column's title. The title is aligned like the column's cells.
func (s *styles) header(k reports.Kind) (int, error) {
	align, indent := "left", 1
	if k.IsNumber() {
		align, indent = "right", 0
	}
	return s.make("header "+align, headerStyle(align, indent))
}

func headerStyle(align string, indent int) *excelize.Style {
	return &excelize.Style{
		Font: font(true),
		Fill: solid(shade),
		Alignment: &excelize.Alignment{
			Horizontal: align, Indent: indent, WrapText: true,
			Vertical: "center", //nolint:misspell // the file format requires this spelling
		},
		Border: []excelize.Border{{Type: "bottom", Color: "000000", Style: 1}},
	}
}

// make creates a style when it is first called with a name. Later calls return the same style.
func (s *styles) make(name string, style *excelize.Style) (int, error) {
	if made, ok := s.named[name]; ok {
		return made, nil
	}
	made, err := s.file.NewStyle(style)
	s.named[name] = made
	return made, err
}

// figure returns the style of an amount in the Summary. A total is bold and has a line above.
func (s *styles) figure(l cellStyle, bold bool) (int, error) {
	format := l.format()
	style := &excelize.Style{Font: font(bold), CustomNumFmt: &format,
		Alignment: &excelize.Alignment{Horizontal: "right", ShrinkToFit: true}}
	if bold {
		style.Border = []excelize.Border{{Type: "top", Color: "000000", Style: 1}}
	}
	return s.make(fmt.Sprint("figure ", l, bold), style)
}
