package web

import (
	"hhrecon/reconcile"
	"hhrecon/reports/totals"
)

// bar is one bar of a chart, in thousandths of its width. Each row has one SVG; the words beside it are text of the
// page and stay readable on a phone.
type bar struct {
	From, Length int64
	Class        string
}

// newBar is a bar for a part of the greatest value; a part above zero is always visible.
func newBar(part, greatest int64, class string) bar {
	if part <= 0 || greatest <= 0 {
		return bar{Class: class}
	}
	return bar{0, max(4, scale(part, greatest, 1000)), class}
}

// signedBar is a bar to the right of the middle for a plus, to the left for a minus.
func signedBar(change, greatest int64) bar {
	if change == 0 || greatest <= 0 {
		return bar{}
	}
	if change > 0 {
		return bar{500, max(4, scale(change, greatest, 500)), "plus"}
	}
	left := max(4, scale(-change, greatest, 500))
	return bar{500 - left, left, "minus"}
}

// scale is part·width/whole, without a float and without going past an int64.
func scale(part, whole, width int64) int64 {
	for part > 1<<40 || whole > 1<<40 {
		part, whole = part>>1, whole>>1
	}
	return part * width / max(whole, 1)
}

// outcomeRow is one row of a run's outcomes.
type outcomeRow struct {
	reconcile.Total
	Bar        bar
	Difference reconcile.Sum // A − M over the payins that were compared
}

// outcomeRows returns the rows in the order of all tables.
func outcomeRows(all []reconcile.Total) []outcomeRow {
	sorted := totals.InOrder(all)
	var greatest int64
	for _, t := range sorted {
		greatest = max(greatest, t.Count)
	}
	rows := make([]outcomeRow, len(sorted))
	for i, t := range sorted {
		rows[i] = outcomeRow{t, newBar(t.Count, greatest, string(t.Outcome)), t.PaidAmount.Minus(t.ComparedAmount)}
	}
	return rows
}

// bridge leads from the merchant's amounts to HighHelp's in three steps, in one currency.
type bridge struct {
	Currency       string
	Merchant, Paid reconcile.Sum // M and A, of the payins that were compared
	Steps          []bridgeStep
}

type bridgeStep struct {
	Name, Text string
	Change     reconcile.Sum
	Bar        bar
}

func bridges(all []reconcile.Total) []bridge {
	var list []bridge
	for _, s := range totals.ByCurrency(all) {
		if s.Compared == 0 {
			continue
		}
		record, reprice := s.InitialAmount.Minus(s.ComparedAmount), s.OldAmount.Minus(s.InitialAmount)
		b := bridge{Currency: s.Currency, Merchant: s.ComparedAmount, Paid: s.PaidAmount, Steps: []bridgeStep{
			{Name: "record", Text: "the merchant's row is not what HighHelp was asked for", Change: record},
			{Name: "reprice", Text: "the amount was changed before the latest change", Change: reprice},
			{Name: "appeal", Text: "the customer transferred another sum", Change: s.PaidAmount.Minus(s.OldAmount)},
		}}
		var greatest int64
		for _, step := range b.Steps {
			greatest = max(greatest, step.Change.Bounded(), -step.Change.Bounded())
		}
		for i := range b.Steps {
			b.Steps[i].Bar = signedBar(b.Steps[i].Change.Bounded(), greatest)
		}
		list = append(list, b)
	}
	return list
}
