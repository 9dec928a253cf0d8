package reports

import (
	"hhrecon/reconcile"
)

// bridge leads from the merchant's amounts to HighHelp's in three steps, one column a currency, and draws the
// currencies that have a step. It ties by its making: A − M = (I − M) + (O − I) + (A − O).
func (g *grid) bridge(done *Summary) {
	sums, err := SumByCurrency(done.Totals)
	g.keep(err)
	if len(sums) == 0 {
		return
	}
	g.together(len(steps) + len(bridgeNotes) + 3)
	g.heading("bridge.title")
	titles := []string{stepTitle}
	for _, sum := range sums {
		titles = append(titles, ">="+clean(sum.Currency))
	}
	g.header(titles...)
	first := g.row
	for _, step := range steps {
		text := plainStyle
		if step.bold {
			text = totalStyle
		}
		g.put(1, g.T(step.name), text)
		for i, sum := range sums {
			g.money(i+2, step.kind, step.of(&sum), sum.Currency, step.bold)
		}
		g.next(1)
	}
	g.next(1)
	for _, note := range bridgeNotes {
		g.put(1, g.T(note), noteStyle)
		g.next(1)
	}
	g.next(1)
	for i := range sums {
		g.waterfall(&sums[i], i+2, first+beforeM)
	}
}

// beforeM is how many steps lead to M, from where the columns of a chart begin.
const beforeM = 2

var bridgeNotes = [...]string{
	"bridge.record_note",
	"bridge.reprice_note",
	"bridge.appeal_note",
}

const stepTitle = "column.step"

// steps lead from M to A.
var steps = [...]struct {
	name string
	kind kind
	bold bool
	of   func(t *reconcile.Total) int64
}{
	{"bridge.all", amount, false, func(t *reconcile.Total) int64 { return t.Amount }},
	{"bridge.not_compared", change, false, func(t *reconcile.Total) int64 { return t.ComparedAmount - t.Amount }},
	{"bridge.m", amount, true, func(t *reconcile.Total) int64 { return t.ComparedAmount }},
	{"bridge.record", change, false, func(t *reconcile.Total) int64 { return t.InitialAmount - t.ComparedAmount }},
	{"bridge.i", amount, true, func(t *reconcile.Total) int64 { return t.InitialAmount }},
	{"bridge.reprice", change, false, func(t *reconcile.Total) int64 { return t.OldAmount - t.InitialAmount }},
	{"bridge.o", amount, true, func(t *reconcile.Total) int64 { return t.OldAmount }},
	{"bridge.appeal", change, false, func(t *reconcile.Total) int64 { return t.PaidAmount - t.OldAmount }},
	{"bridge.a", amount, true, func(t *reconcile.Total) int64 { return t.PaidAmount }},
}
