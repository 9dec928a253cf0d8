package workbook

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"hhrecon/reports"
	"hhrecon/reports/xlsx"
)

// worksheetHead is the beginning of a worksheet's XML, up to its columns. excelize writes the XML after the rows, which
// has the settings for printing, filters and conditional formats.
const worksheetHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"` +
	` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
	`<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView workbookViewId="0">`

// head returns the worksheet's XML up to its first row. It freezes the header row and the columns up to the payin's id,
// and sets the width and the style of each column.
func (p *sheetPart) head() []byte {
	corner := p.row.columns[p.fixed].name + "2"
	xml := fmt.Appendf(nil, worksheetHead+
		`<pane xSplit="%d" ySplit="1" topLeftCell="%s" activePane="bottomRight" state="frozen"/>`+
		`<selection pane="bottomRight" activeCell="%s" sqref="%s"/>`+
		`</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>`,
		p.fixed, corner, corner, corner)
	for i, c := range p.row.columns {
		xml = fmt.Appendf(xml, `<col min="%d" max="%d" width="%d" customWidth="1" style="%d"/>`, i+1, i+1, c.width, c.style)
	}
	return append(xml, "</cols><sheetData>"...)
}

// cellColumns returns the columns' names, widths and styles.
func (s *sheet) cellColumns() ([]cellColumn, error) {
	columns := make([]cellColumn, len(s.columns))
	for i, c := range s.columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return nil, err
		}
		style, err := s.workbook.styles.cell(cellStyle{kind: c.Kind, exponent: usualExponent})
		if err != nil {
			return nil, err
		}
		columns[i] = newCellColumn(c.Kind, name, widthOf(&c, s.workbook.report), style)
	}
	return columns, nil
}

// widths contains the width of each kind of column, in widths of a digit. The widths are sufficient for the fonts that
// replace Arial on other systems.
var widths = [...]int{
	reports.KindWord: 18, reports.KindCode: 10, reports.KindState: 26, reports.KindList: 18, reports.KindID: 28,
	reports.KindSentence: 54, reports.KindRemark: 100, reports.KindTime: 19, reports.KindTimeUTC: 19,
	reports.KindAmount: 17,
	reports.KindChange: 18, reports.KindCount: 9, reports.KindChoice: 13, reports.KindEntry: 40,
}

// widthOf returns the width of a column. The width is that of the column's kind, or of the title's longest word if
// the word is wider. If a title over numbers barely fits on one line, the column gets one digit more, to separate it
// from the title before it.
func widthOf(c *reports.Column, r *reports.Report) int {
	title := c.Heading(r)
	width := max(widths[c.Kind], xlsx.BoldWidth(xlsx.WidestWord(title))/10+1+cellMargin)
	line := xlsx.BoldWidth(xlsx.TextWidth(title))
	if c.Kind.IsNumber() && line > width*10 && line <= (width+cellMargin)*10 {
		width++
	}
	return width
}

// headHeight is the minimum height of a row of titles, in points.
const headHeight = 33

// writeHeader writes the row of titles.
func (p *sheetPart) writeHeader() error {
	p.row.begin(p.last + 1)
	lines := 1
	for i, c := range p.columns {
		lines = max(lines, xlsx.CountLines(c.Heading(p.workbook.report), (p.row.columns[i].width-cellMargin)*100/11))
		style, err := p.workbook.styles.header(c.Kind)
		if err != nil {
			return err
		}
		p.row.string(style, reports.Clean(c.Heading(p.workbook.report)))
	}
	return p.write(max(headHeight, xlsx.RowHeight(lines)))
}
