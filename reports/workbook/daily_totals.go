package workbook

import (
	"context"
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/totals"
)

const (
	dailyTotalsTitle = "sheet.daily_totals"
	maxDays          = 30 // that the sheet shows
)

// The sheet's first columns; one for each outcome follows.
const (
	dayColumn = 1 + iota
	dayRunsColumn
	dayPayinsColumn
	dayFirstOutcome
)

// The rows that the chart takes up, above the table.
const (
	dayChartRow = 5
	dayTableRow = 31
)

// rowPixels is the height of a row in the program that has the lowest ones: no chart is taller than the rows that are
// left for it.
const rowPixels = 17

// outcomeColours are the colours of the chart: quiet for settled outcomes, strong for those that need people.
// Neighbours differ in brightness, so they can be told apart in black and white.
var outcomeColours = map[reconcile.Outcome]string{
	reconcile.Confirmed: ink, reconcile.Pending: "C9D0D4", reconcile.Declined: frame, reconcile.Timeout: "D9B44A",
	reconcile.DifferentAmount: fallInk, reconcile.Disputed: "E8A598", reconcile.Rejected: "4A4A4A",
	reconcile.Reversed: "7A1F3D",
	reconcile.NotFound: "B79CC9", reconcile.Unverifiable: "5B3E78", reconcile.Unreachable: "000000",
}

// readDailyTotals reads the totals up to the report's run, or to the end of its period. A correction has none.
func (b *workbook) readDailyTotals(ctx context.Context, a reconcile.Archive) error {
	r := b.report
	if !r.HasAllFindings() {
		return nil
	}
	nights, err := a.DailyTotals(ctx, r.Scope, r.Location(), maxDays)
	if err != nil {
		return fmt.Errorf("count the payins of the last nights: %w", err)
	}
	b.dailyTotals = nights
	return b.reconcileLastDay()
}

// reconcileLastDay compares the last day with the report's run, if that is the only run of the day.
func (b *workbook) reconcileLastDay() error {
	r := b.report
	if r.Run == nil || !r.Run.Whole || r.Run.DryRun || !reports.IsClosed(r.Run) || len(b.dailyTotals) == 0 {
		return nil
	}
	last := &b.dailyTotals[len(b.dailyTotals)-1]
	if last.Runs != 1 {
		return nil
	}
	for outcome, n := range totals.CountByOutcome(r.Totals) {
		if last.Counts[outcome] != n {
			return fmt.Errorf("the nights do not tie: %s: %d payins in the totals of run %d, %d in those of its night", outcome,
				n, r.Run.ID, last.Counts[outcome])
		}
	}
	if n, count := last.Payins(), totals.Counts(r.Totals).Count; n != count {
		return fmt.Errorf("the nights do not tie: run %d has %d payins, its night %d", r.Run.ID, count, n)
	}
	return nil
}

// writeDailyTotals fills the sheet: one row a day, one column an outcome, and a chart.
func (b *workbook) writeDailyTotals() error {
	nights := b.dailyTotals
	if len(nights) == 0 {
		return nil
	}
	g := &cellWriter{workbook: b, sheet: b.report.T(dailyTotalsTitle), row: 1}
	_, err := b.file.NewSheet(g.sheet)
	g.keep(err)
	g.keep(b.file.MoveSheet(g.sheet, b.sheets()[1].title)) // behind Control
	if err := b.layOut(g.sheet, 1); err != nil {
		return err
	}
	outcomes := outcomesOf(nights)
	widths := []float64{15, 16, 14}
	for range outcomes {
		widths = append(widths, 18)
	}
	g.widths(widths...)
	title := g.T("daily_totals.title", reports.Number(int64(len(nights))))
	if len(nights) == 1 {
		title = g.T("daily_totals.title_one")
	}
	g.put(1, title, titleStyle)
	g.next(1)
	g.put(1, g.T("daily_totals.meaning"), plainStyle)
	g.next(1)
	g.put(1, g.T("daily_totals.left_out"), plainStyle)
	g.row = dayTableRow
	if len(nights) == 1 {
		g.row = dayChartRow // two nights make a chart
	}
	first := g.row
	g.dayHeader(outcomes)
	for i := range nights {
		g.dayRow(&nights[i], outcomes)
	}
	if len(nights) > 1 {
		g.dayChart(first, outcomes)
	}
	corner, err := excelize.CoordinatesToCellName(dayFirstOutcome+len(outcomes)-1, g.row-1, true)
	g.keep(err)
	g.keep(b.define("_xlnm.Print_Area", g.sheet, fmt.Sprintf("'%s'!$A$1:%s", g.sheet, corner)))
	if g.err != nil {
		return fmt.Errorf("sheet %s: %w", g.sheet, g.err)
	}
	return nil
}

// outcomesOf lists the outcomes that the days have, in their order.
func outcomesOf(nights []reconcile.DailyTotals) []reconcile.Outcome {
	return slices.DeleteFunc(slices.Clone(reconcile.Outcomes), func(o reconcile.Outcome) bool {
		return !slices.ContainsFunc(nights, func(n reconcile.DailyTotals) bool { return n.Counts[o] > 0 })
	})
}

func (g *cellWriter) dayHeader(outcomes []reconcile.Outcome) {
	titles := []heading{{g.T("column.day"), reports.KindWord}, {g.T("column.runs"), reports.KindCount},
		{g.T("column.payins"), reports.KindCount}}
	for _, o := range outcomes {
		titles = append(titles, heading{string(o), reports.KindCount})
	}
	for i, t := range titles {
		g.put(i+1, t.title, func(s *styles) (int, error) { return s.header(t.kind) })
	}
	g.next(1)
}

func (g *cellWriter) dayRow(n *reconcile.DailyTotals, outcomes []reconcile.Outcome) {
	g.put(dayColumn, n.Day, dayStyle)
	g.put(dayRunsColumn, n.Runs, countStyle)
	g.put(dayPayinsColumn, n.Payins(), countStyle)
	for i, o := range outcomes {
		g.put(dayFirstOutcome+i, n.Counts[o], countStyle)
	}
	g.next(1)
}

// dayChart draws the days as stacked columns of outcomes.
func (g *cellWriter) dayChart(header int, outcomes []reconcile.Outcome) {
	first, last := header+1, g.row-1
	c := chart(excelize.ColStacked, g.T("daily_totals.chart"), g.T("daily_totals.figures"))
	for i, outcome := range outcomes {
		c.Series = append(c.Series, excelize.ChartSeries{
			Name: g.span(dayFirstOutcome+i, header, header), Categories: g.span(dayColumn, first, last),
			Values: g.span(dayFirstOutcome+i, first, last),
			Fill:   solid(outcomeColours[outcome]),
		})
	}
	c.PlotArea.ShowVal = false // the table has them
	c.XAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "mm-dd"}
	c.Legend = excelize.ChartLegend{Position: "bottom", Font: &excelize.Font{Family: fontName, Size: 9, Color: "000000"}}
	c.YAxis = excelize.ChartAxis{MajorGridLines: true, Font: excelize.Font{Family: fontName, Size: 9, Color: "000000"}}
	c.Dimension = excelize.ChartDimension{Width: uint(max(900, 270+130*len(outcomes))),
		Height: rowPixels * (dayTableRow - dayChartRow - 1)}
	g.keep(g.workbook.file.AddChart(g.sheet, fmt.Sprintf("A%d", dayChartRow), c))
}
