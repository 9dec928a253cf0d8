package workbook

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// A waterfall chart uses these columns of cells.
const (
	fallStep = 1 + iota
	fallAmount
	fallBase     // invisible part below a step
	fallStanding // an amount: M, I, O or A
	fallRise
	fallFall
	fallBelow // the negative part of a step that crosses zero
	fallLabel
)

// waterfallRows is the height of a waterfall in rows of the sheet.
const waterfallRows = 13

// waterfall draws the steps of a currency if at least one step is not zero. The cells of the chart refer to the bridge
// table. The arguments column and row are the currency's column and the row of M in the bridge table.
func (g *summaryWriter) waterfall(sum *reconcile.Total, column, row int) {
	currency := sum.Currency
	drawn := steps[beforeM:]
	amounts := make([]int64, len(drawn))
	moves := false
	for i, step := range drawn {
		var fits bool
		if amounts[i], fits = step.of(sum).Int64(); !fits || amountStyle(step.kind, amounts[i], currency).asText {
			return // formulas cannot calculate with an amount that is a text
		}
		moves = moves || step.kind == reports.KindChange && amounts[i] != 0
	}
	if !moves {
		return
	}
	g.together(len(drawn) + 2 + waterfallRows)
	g.put(1, g.T("waterfall.title", currency), headingStyle)
	g.next(1)
	g.header(stepTitle, ">="+currency, ">waterfall.base", ">waterfall.amount", ">waterfall.rise",
		">waterfall.fall", ">waterfall.below_zero", "waterfall.label")
	first := g.row
	for i := range drawn {
		g.fallRow(amounts, i, currency, g.span(column, row+i, row+i))
	}
	g.next(1)
	g.fallChart(first, currency, floorOf(amounts, currency))
	g.next(waterfallRows)
}

// fallRow writes the cells of one chart column as formulas.
func (g *summaryWriter) fallRow(amounts []int64, i int, currency, source string) {
	step := steps[beforeM+i]
	exponent := amountStyle(step.kind, amounts[i], currency).exponent
	bar := barOf(amounts, i)
	g.put(fallStep, g.T(step.name), plainStyle)
	g.money(fallAmount, step.kind, reconcile.SumOf(amounts[i]), currency, false)
	g.formula(fallAmount, source)
	for _, cell := range [...]struct {
		column int
		minor  int64
	}{{fallBase, bar.base}, {fallStanding, bar.standing}, {fallRise, bar.rise}, {fallFall, bar.fall},
		{fallBelow, bar.below}} {
		g.money(cell.column, reports.KindAmount, reconcile.SumOf(cell.minor), currency, false)
		g.formula(cell.column, barFormula(cell.column, g.row, exponent, step.kind == reports.KindChange))
	}
	text := reconcile.FormatAmount(amounts[i], currency)
	if step.kind == reports.KindChange && amounts[i] > 0 {
		text = "+" + text
	}
	g.put(fallLabel, g.T(step.name)+": "+g.workbook.report.NoBreak(text), plainStyle)
	g.next(1)
}

// bar is one column of a waterfall chart, in minor units. Parts below zero are negative.
type bar struct{ base, standing, rise, fall, below int64 }

// barOf computes the parts of the i-th column of the chart. The column of an amount has one part. The column of a step
// extends from the amount before the step to the amount after the step.
func barOf(amounts []int64, i int) bar {
	if i%2 == 0 {
		return bar{standing: amounts[i]}
	}
	from, to := amounts[i-1], amounts[i+1]
	b := bar{base: max(0, min(from, to)) + min(0, max(from, to))}
	if min(from, to) < 0 && max(from, to) > 0 {
		b.below = min(from, to)
	}
	switch part := to - from; {
	case part > 0 && to > 0:
		b.rise = to - max(0, from)
	case part > 0:
		b.rise = from - to
	case part < 0 && from > 0:
		b.fall = from - max(0, to)
	default:
		b.fall = to - from
	}
	return b
}

// barFormula returns a formula for the result of barOf. In the bridge table, the amount before a step is one row above
// the step, and the amount after the step is one row below.
func barFormula(column, row, exponent int, step bool) string {
	from, to := fmt.Sprintf("B%d", row-1), fmt.Sprintf("B%d", row+1)
	var text string
	switch {
	case !step && column == fallStanding:
		return fmt.Sprintf("B%d", row)
	case !step, column == fallStanding:
		return "0"
	case column == fallBase:
		text = "MAX(0,MIN(FROM,TO))+MIN(0,MAX(FROM,TO))"
	case column == fallRise:
		text = "IF(TO>FROM,IF(TO>0,TO-MAX(0,FROM),FROM-TO),0)"
	case column == fallFall:
		text = "IF(TO<FROM,IF(FROM>0,FROM-MAX(0,TO),TO-FROM),0)"
	default:
		text = "IF(AND(MIN(FROM,TO)<0,MAX(FROM,TO)>0),MIN(FROM,TO),0)"
	}
	return fmt.Sprintf("ROUND(%s,%d)", strings.NewReplacer("FROM", from, "TO", to).Replace(text), exponent)
}

// floorOf returns the value at which the axis begins, in whole major units. A value above 0 makes small steps visible.
func floorOf(amounts []int64, currency string) int64 {
	lowest, highest := amounts[0], amounts[0]
	for i := 0; i < len(amounts); i += 2 {
		lowest, highest = min(lowest, amounts[i]), max(highest, amounts[i])
	}
	if lowest <= 4*(highest-lowest) {
		return 0
	}
	exponent, _ := reconcile.Exponent(currency)
	return (lowest - (highest-lowest)/2) / int64(powersOf10[exponent])
}

// fallChart draws a waterfall as stacked columns. The lowest part of each column is invisible.
func (g *summaryWriter) fallChart(first int, currency string, floor int64) {
	last := first + len(steps) - beforeM - 1
	title := g.T("waterfall.title", currency)
	if floor > 0 {
		title += " · " + g.T("waterfall.cut_off", reports.FormatCount(floor))
	}
	c := chart(excelize.ColStacked, title, g.T("waterfall.figures"))
	for _, s := range [...]struct {
		column int
		colour string
	}{{fallBase, ""}, {fallStanding, ink}, {fallRise, riseInk}, {fallFall, fallInk}, {fallBelow, frame}} {
		fill := excelize.Fill{Type: "pattern"} // no fill
		if s.colour != "" {
			fill = solid(s.colour)
		}
		c.Series = append(c.Series, excelize.ChartSeries{
			Name: g.span(s.column, first-1, first-1), Categories: g.span(fallLabel, first, last),
			Values: g.span(s.column, first, last), Fill: fill,
		})
	}
	c.PlotArea.ShowVal = false // the labels have the numbers
	c.XAxis.TickLabelPosition = excelize.ChartTickLabelLow
	if floor > 0 {
		least := float64(floor)
		c.YAxis.Minimum = &least
	}
	c.Dimension = excelize.ChartDimension{Width: 1300, Height: 20 * (waterfallRows - 2)}
	g.keep(g.workbook.file.AddChart(g.sheet, g.cell(1), c))
}
