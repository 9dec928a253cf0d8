package reports

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// outcomeChart draws the payins by outcome, beside the facts.
func (g *grid) outcomeChart(first int) {
	last := first + len(reconcile.Outcomes) - 1
	c := chart(excelize.Bar, g.T("summary.chart"), g.T("summary.chart_figures"), g.span(1, first, last), g.span(2, first, last))
	c.XAxis.ReverseOrder = true // the first outcome on top
	c.Dimension = excelize.ChartDimension{Width: 610, Height: 340}
	g.keep(g.book.file.AddChart(g.sheet, "F3", c))
}

// span names cells of one column of the sheet.
func (g *grid) span(column, first, last int) string {
	name, err := excelize.ColumnNumberToName(column)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", g.sheet, name, first, name, last)
}

// chart is a plain one: one series in one ink, its figures beside the bars, no axis that would repeat them.
func chart(kind excelize.ChartType, title, alt, categories, values string) *excelize.Chart {
	gap := uint(45)
	return &excelize.Chart{
		Type: kind,
		Series: []excelize.ChartSeries{{
			Name: title, Categories: categories, Values: values,
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{ink}},
		}},
		Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{
			Text: title, Font: &excelize.Font{Family: fontName, Size: 11, Bold: true, Color: "000000"},
		}}},
		Legend:   excelize.ChartLegend{Position: "none"},
		PlotArea: excelize.ChartPlotArea{ShowVal: true},
		XAxis:    excelize.ChartAxis{Font: excelize.Font{Family: fontName, Size: 9, Color: "000000"}},
		YAxis:    excelize.ChartAxis{None: true},
		GapWidth: &gap,
		Format:   excelize.GraphicOptions{AltText: title + ". " + alt},
	}
}
