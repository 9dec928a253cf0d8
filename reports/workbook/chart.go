package workbook

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// outcomeChart draws the number of payins by outcome, to the right of the run's details.
func (g *cellWriter) outcomeChart(first int) {
	last := first + len(reconcile.Outcomes) - 1
	title := g.T("summary.chart")
	c := chart(excelize.Bar, title, g.T("summary.chart_figures"))
	c.Series = []excelize.ChartSeries{{Name: title, Categories: g.span(1, first, last), Values: g.span(2, first, last),
		Fill: solid(ink)}}
	c.XAxis.ReverseOrder = true // shows the first outcome at the top
	c.Dimension = excelize.ChartDimension{Width: 610, Height: 340}
	g.keep(g.workbook.file.AddChart(g.sheet, "F3", c))
}

// span returns the cell reference of a range within one column.
func (g *cellWriter) span(column, first, last int) string {
	name, err := excelize.ColumnNumberToName(column)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", g.sheet, name, first, name, last)
}

// chart returns a chart without series. The chart shows numbers next to the bars, so it has no value axis.
func chart(kind excelize.ChartType, title, alt string) *excelize.Chart {
	gap := uint(45)
	return &excelize.Chart{
		Type: kind,
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
