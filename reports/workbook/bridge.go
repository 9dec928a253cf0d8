package workbook

import (
	"slices"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/totals"
)

// bridge writes a table that explains the difference between the merchant's and HighHelp's amounts in three steps. The
// table has one column for each currency. bridge also draws a chart for each currency with a nonzero step. A − M = (I −
// M) + (O − I) + (A − O) always holds.
func (g *summaryWriter) bridge(done *Summary) {
	sums := totals.ByCurrency(done.Totals)
	if len(sums) == 0 {
		return
	}
	g.together(len(steps) + len(bridgeNotes) + 3)
	g.heading("bridge.title")
	const most = summaryColumns - 1 // maximum number of currencies in one table
	var first []int
	for few := range slices.Chunk(sums, most) {
		g.together(len(steps) + 2)
		titles := []string{stepTitle}
		for _, sum := range few {
			titles = append(titles, ">="+reports.CurrencyName(sum.Currency))
		}
		g.header(titles...)
		first = append(first, g.row)
		for _, step := range steps {
			text := plainStyle
			if step.bold {
				text = totalStyle
			}
			g.put(1, g.T(step.name), text)
			for i, sum := range few {
				g.money(i+2, step.kind, step.of(&sum), sum.Currency, step.bold)
			}
			g.next(1)
		}
		g.next(1)
	}
	for _, note := range bridgeNotes {
		g.put(1, g.T(note), noteStyle)
		g.next(1)
	}
	g.next(1)
	for i := range sums {
		g.waterfall(&sums[i], i%most+2, first[i/most]+beforeM)
	}
}

// beforeM is the number of rows of the bridge before the amount M. A chart begins at the row of M.
const beforeM = 2

var bridgeNotes = [...]string{
	"bridge.record_note",
	"bridge.reprice_note",
	"bridge.appeal_note",
}

const stepTitle = "column.step"

// steps contains the rows of the bridge. The first row is the sum of all merchant amounts, and the last row is the sum
// of the paid amounts (A).
var steps = [...]struct {
	name string
	kind reports.Kind
	bold bool
	of   func(t *reconcile.Total) reconcile.Sum
}{
	{"bridge.all", reports.KindAmount, false, merchantSum},
	{"bridge.not_compared", reports.KindChange, false, minus(comparedSum, merchantSum)},
	{"bridge.m", reports.KindAmount, true, comparedSum},
	{"bridge.record", reports.KindChange, false, minus(initialSum, comparedSum)},
	{"bridge.i", reports.KindAmount, true, initialSum},
	{"bridge.reprice", reports.KindChange, false, minus(oldSum, initialSum)},
	{"bridge.o", reports.KindAmount, true, oldSum},
	{"bridge.appeal", reports.KindChange, false, minus(paidSum, oldSum)},
	{"bridge.a", reports.KindAmount, true, paidSum},
}

func merchantSum(t *reconcile.Total) reconcile.Sum { return t.Amount }
func comparedSum(t *reconcile.Total) reconcile.Sum { return t.ComparedAmount }
func initialSum(t *reconcile.Total) reconcile.Sum  { return t.InitialAmount }
func oldSum(t *reconcile.Total) reconcile.Sum      { return t.OldAmount }
func paidSum(t *reconcile.Total) reconcile.Sum     { return t.PaidAmount }

func minus(a, b func(t *reconcile.Total) reconcile.Sum) func(t *reconcile.Total) reconcile.Sum {
	return func(t *reconcile.Total) reconcile.Sum { return a(t).Minus(b(t)) }
}
