package web

import (
	"hhrecon/reconcile"
	"hhrecon/reports"
)

// bar is one bar of a chart, in thousandths of its width: an SVG of its own in each row, so that the words beside it
// are the page's and stay readable on a phone.
type bar struct {
	From, Length int64
	Class        string
}

// barOf is a part of the greatest; what is not nothing can be seen.
func barOf(part, greatest int64, class string) bar {
	if part <= 0 || greatest <= 0 {
		return bar{Class: class}
	}
	return bar{0, max(4, scale(part, greatest, 1000)), class}
}

// swing is a bar to the right of the middle for a plus, to the left for a minus.
func swing(change, greatest int64) bar {
	if change == 0 || greatest <= 0 {
		return bar{}
	}
	if change > 0 {
		return bar{500, max(4, scale(change, greatest, 500)), "plus"}
	}
	length := max(4, scale(-change, greatest, 500))
	return bar{500 - length, length, "minus"}
}

// scale is part·width/whole, without a float and without going past an int64.
func scale(part, whole, width int64) int64 {
	for part > 1<<40 || whole > 1<<40 {
		part, whole = part>>1, whole>>1
	}
	return part * width / max(whole, 1)
}

// outcomeLine is one row of a run's outcomes.
type outcomeLine struct {
	reconcile.Total
	Bar        bar
	Difference int64 // A − M over the payins that were compared
}

// outcomeLines are in the order of all tables.
func outcomeLines(totals []reconcile.Total) []outcomeLine {
	sorted := reports.InOrder(totals)
	var greatest int64
	for _, t := range sorted {
		greatest = max(greatest, t.Count)
	}
	lines := make([]outcomeLine, len(sorted))
	for i, t := range sorted {
		lines[i] = outcomeLine{t, barOf(t.Count, greatest, string(t.Outcome)), t.PaidAmount - t.ComparedAmount}
	}
	return lines
}

// bridge leads from the merchant's amounts to HighHelp's in three steps, in one currency.
type bridge struct {
	Currency       string
	Merchant, Paid int64 // M and A, of the payins that were compared
	Steps          []bridgeStep
}

type bridgeStep struct {
	Name, Text string
	Change     int64
	Bar        bar
}

func bridges(totals []reconcile.Total) ([]bridge, error) {
	sums, err := reports.SumByCurrency(totals)
	var list []bridge
	for _, s := range sums {
		if s.Compared == 0 {
			continue
		}
		b := bridge{Currency: s.Currency, Merchant: s.ComparedAmount, Paid: s.PaidAmount, Steps: []bridgeStep{
			{Name: "record", Text: "the merchant's row is not what HighHelp was asked for", Change: s.InitialAmount - s.ComparedAmount},
			{Name: "reprice", Text: "the amount was changed before the latest change", Change: s.OldAmount - s.InitialAmount},
			{Name: "appeal", Text: "the customer transferred another sum", Change: s.PaidAmount - s.OldAmount},
		}}
		var greatest int64
		for _, step := range b.Steps {
			greatest = max(greatest, step.Change, -step.Change)
		}
		for i := range b.Steps {
			b.Steps[i].Bar = swing(b.Steps[i].Change, greatest)
		}
		list = append(list, b)
	}
	return list, err
}
