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
	maxDays          = 30 // maximum number of days on the sheet
)

// These are the first columns of the sheet. One column for each outcome follows.
const (
	dayColumn = 1 + iota
	dayRunsColumn
	dayPayinsColumn
	dayFirstOutcome
)

// These constants are the first rows of the chart and of the table below the chart.
const (
	dayChartRow = 5
	dayTableRow = 31
)

// rowPixels is the smallest height of a row in any spreadsheet program. The height of the chart depends on rowPixels.
const rowPixels = 17

// outcomeColours contains the colours of the chart. Colours are muted for settled outcomes and strong for outcomes that
// need a person. Adjacent colours differ in brightness, so they are distinct in black and white.
var outcomeColours = map[reconcile.Outcome]string{
	reconcile.Confirmed: ink, reconcile.Pending: "C9D0D4", reconcile.Declined: frame, reconcile.Timeout: "D9B44A",
	reconcile.DifferentAmount: fallInk, reconcile.Disputed: "E8A598", reconcile.Rejected: "4A4A4A",
	reconcile.Reversed: "7A1F3D",
	reconcile.NotFound: "B79CC9", reconcile.Unverifiable: "5B3E78", reconcile.Unreachable: "000000",
}

// readDailyTotals reads the totals up to the report's run or the end of its period. A correction has no daily totals.
func (b *workbook) readDailyTotals(ctx context.Context, a reconcile.Archive) error {
	r := b.report
	if !r.HasAllFindings() {
		return nil
	}
	days, err := a.DailyTotals(ctx, r.Scope, r.Location(), maxDays)
	if err != nil {
		return fmt.Errorf("read the daily totals: %w", err)
	}
	b.dailyTotals = days
	return b.reconcileLastDay()
}

// reconcileLastDay compares the last day with the report's run, if that day has no other run.
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
			return fmt.Errorf("the daily totals do not agree: the number of %s payins is %d in run %d, but %d in the "+
				"totals of its day",
				outcome, n, r.Run.ID, last.Counts[outcome])
		}
	}
	if n, count := last.Payins(), totals.Counts(r.Totals).Count; n != count {
		return fmt.Errorf("the daily totals do not agree: run %d has %d payins, but its day has %d", r.Run.ID, count, n)
	}
	return nil
}

// writeDailyTotals writes the sheet. The sheet has a row for each day, a column for each outcome, and a chart.
func (b *workbook) writeDailyTotals() error {
	days := b.dailyTotals
	if len(days) == 0 {
		return nil
	}
	g := &cellWriter{workbook: b, sheet: b.report.T(dailyTotalsTitle), row: 1}
	_, err := b.file.NewSheet(g.sheet)
	g.keep(err)
	g.keep(b.file.MoveSheet(g.sheet, b.sheets()[1].title)) // moves the sheet to the position after Control
	if err := b.layOut(g.sheet, 1); err != nil {
		return err
	}
	outcomes := outcomesOf(days)
	widths := []float64{15, 16, 14}
	for range outcomes {
		widths = append(widths, 18)
	}
	g.widths(widths...)
	title := g.T("daily_totals.title", reports.Number(int64(len(days))))
	if len(days) == 1 {
		title = g.T("daily_totals.title_one")
	}
	g.put(1, title, titleStyle)
	g.next(1)
	g.put(1, g.T("daily_totals.meaning"), plainStyle)
	g.next(1)
	g.put(1, g.T("daily_totals.left_out"), plainStyle)
	g.row = dayTableRow
	if len(days) == 1 {
		g.row = dayChartRow // a single day has no chart
	}
	first := g.row
	g.dayHeader(outcomes)
	for i := range days {
		g.dayRow(&days[i], outcomes)
	}
	if len(days) > 1 {
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

// outcomesOf lists the outcomes that occur on the days, in the order of reconcile.Outcomes.
func outcomesOf(days []reconcile.DailyTotals) []reconcile.Outcome {
	return slices.DeleteFunc(slices.Clone(reconcile.Outcomes), func(o reconcile.Outcome) bool {
		return !slices.ContainsFunc(days, func(n reconcile.DailyTotals) bool { return n.Counts[o] > 0 })
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

// dayChart draws a stacked column of outcomes for each day.
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
	c.PlotArea.ShowVal = false // the chart has no labels, because the table has the numbers
	c.XAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "mm-dd"}
	c.Legend = excelize.ChartLegend{Position: "bottom", Font: &excelize.Font{Family: fontName, Size: 9, Color: "000000"}}
	c.YAxis = excelize.ChartAxis{MajorGridLines: true, Font: excelize.Font{Family: fontName, Size: 9, Color: "000000"}}
	c.Dimension = excelize.ChartDimension{Width: uint(max(900, 270+130*len(outcomes))),
		Height: rowPixels * (dayTableRow - dayChartRow - 1)}
	g.keep(g.workbook.file.AddChart(g.sheet, fmt.Sprintf("A%d", dayChartRow), c))
}
