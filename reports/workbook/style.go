package workbook

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

// Quiet greys: whatever a colour says here, bold type or a word says too, so that it survives a
// black-and-white print.
const (
	shade   = "E7ECEF" // headers and totals
	rule    = "C9D0D4" // the line under each row
	ink     = "3C5A66" // charts
	riseInk = "7FA650" // steps of a chart that lead up
	fallInk = "B4503C" // … and down
	paper   = "FBF7E4" // what is to be filled in, inside a frame
	frame   = "7F7F7F"
	alarm   = "FFC7CE" // what does not tie
)

const (
	timeFormat = "yyyy-mm-dd hh:mm:ss"
	fontName   = "Arial"
)

// cellStyle identifies the style of a data cell.
type cellStyle struct {
	kind     reports.Kind
	exponent int  // of amounts
	asText   bool // an amount that no number can hold
	field    bool // to be filled in
	wrapped  bool // a text that would be too small if it were shrunk
}

// usualExponent is the number of decimals of a column of amounts, unless a cell has another.
const usualExponent = 2

// styles makes each style once, when it is first asked for.
type styles struct {
	i18n.Printer
	file       *excelize.File
	cellStyles map[cellStyle]int
	named      map[string]int
}

func newStyles(f *excelize.File, in i18n.Printer) *styles {
	return &styles{Printer: in, file: f, cellStyles: make(map[cellStyle]int), named: make(map[string]int)}
}

// font is the common one. Its measures are those of the free fonts that stand in for it.
func font(bold bool) *excelize.Font { return &excelize.Font{Family: fontName, Size: 10, Bold: bold} }

// solid is a fill of one colour.
func solid(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}

// cell is the style of a data cell.
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
		style.Alignment.Indent = 1 // off the figures before it
	}
	if format := l.format(); format != "" {
		style.CustomNumFmt = &format
	}
	made, err := s.file.NewStyle(style)
	s.cellStyles[l] = made
	return made, err
}

// format is the number format; texts have none.
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

// header is the style of a column's title, aligned as the column is.
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
			Vertical: "center", //nolint:misspell // the format's own word
		},
		Border: []excelize.Border{{Type: "bottom", Color: "000000", Style: 1}},
	}
}

// make keeps a style under a name.
func (s *styles) make(name string, style *excelize.Style) (int, error) {
	if made, ok := s.named[name]; ok {
		return made, nil
	}
	made, err := s.file.NewStyle(style)
	s.named[name] = made
	return made, err
}

// figure is the style of an amount in the Summary; a bold one is a total, under a line.
func (s *styles) figure(l cellStyle, bold bool) (int, error) {
	format := l.format()
	style := &excelize.Style{Font: font(bold), CustomNumFmt: &format,
		Alignment: &excelize.Alignment{Horizontal: "right", ShrinkToFit: true}}
	if bold {
		style.Border = []excelize.Border{{Type: "top", Color: "000000", Style: 1}}
	}
	return s.make(fmt.Sprint("figure ", l, bold), style)
}
