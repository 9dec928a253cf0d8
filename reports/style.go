package reports

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Quiet greys: whatever a colour says here, bold type or a word says too, so that it survives a
// black-and-white print.
const (
	shade = "E7ECEF" // headers and totals
	rule  = "C9D0D4" // the line under each row
	ink   = "3C5A66" // charts
)

const momentFormat = "yyyy-mm-dd hh:mm:ss"

// look names a style of a data cell.
type look struct {
	kind     kind
	exponent int  // of amounts
	asText   bool // an amount that no number can hold
}

// styles makes each style once, when it is first asked for.
type styles struct {
	file  *excelize.File
	looks map[look]int
	named map[string]int
}

func newStyles(f *excelize.File) *styles {
	return &styles{file: f, looks: make(map[look]int), named: make(map[string]int)}
}

// cell is the style of a data cell.
func (s *styles) cell(l look) (int, error) {
	if made, ok := s.looks[l]; ok {
		return made, nil
	}
	style := &excelize.Style{
		Alignment: &excelize.Alignment{Vertical: "top"},
		Border:    []excelize.Border{{Type: "bottom", Color: rule, Style: 1}},
	}
	format := ""
	switch l.kind {
	case sentence, words:
		style.Alignment.WrapText = true
	case id:
		style.Alignment.ShrinkToFit = true
	case moment, momentUTC:
		format, style.Alignment.Horizontal = momentFormat, "left"
	case amount:
		format, style.Alignment.Horizontal = amountFormat(l.exponent), "right"
	case change:
		format, style.Alignment.Horizontal = changeFormat(l.exponent), "right"
	}
	if l.asText {
		format, style.Alignment.ShrinkToFit = "@", true
	}
	if format != "" {
		style.CustomNumFmt = &format
	}
	made, err := s.file.NewStyle(style)
	s.looks[l] = made
	return made, err
}

// header is the style of a column's title, aligned as the column is.
func (s *styles) header(k kind) (int, error) {
	align := "left"
	if k == amount || k == change || k == count {
		align = "right"
	}
	return s.make("header "+align, &excelize.Style{
		Font:      &excelize.Font{Bold: true},
		Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{shade}},
		Alignment: &excelize.Alignment{Horizontal: align, Vertical: "center", WrapText: true},
		Border:    []excelize.Border{{Type: "bottom", Color: "000000", Style: 1}},
	})
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
func (s *styles) figure(l look, bold bool) (int, error) {
	format := amountFormat(l.exponent)
	if l.kind == change {
		format = changeFormat(l.exponent)
	}
	if l.asText {
		format = "@"
	}
	style := &excelize.Style{CustomNumFmt: &format, Alignment: &excelize.Alignment{Horizontal: "right", ShrinkToFit: l.asText}}
	if bold {
		style.Font = &excelize.Font{Bold: true}
		style.Border = []excelize.Border{{Type: "top", Color: "000000", Style: 1}}
	}
	return s.make(fmt.Sprint("figure ", l, bold), style)
}
