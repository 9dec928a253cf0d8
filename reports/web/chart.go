package web

import (
	"hhrecon/reconcile"
	"hhrecon/reports/totals"
)

// bar is a bar of a chart, in thousandths of the chart's width. Each bar is a separate SVG. The text next to a bar is
// HTML, so it stays readable on a phone.
type bar struct {
	From, Length int64
	Class        string
}

// newBar returns a bar with the length part/greatest. If part is above zero, the bar is visible.
func newBar(part, greatest int64, class string) bar {
	if part <= 0 || greatest <= 0 {
		return bar{Class: class}
	}
	return bar{0, max(4, scale(part, greatest, 1000)), class}
}

// signedBar returns a bar that begins in the middle of the chart. It extends to the right for a positive value and to
// the left for a negative value.
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

// scale returns part·width/whole in integers, without an overflow.
func scale(part, whole, width int64) int64 {
	for part > 1<<40 || whole > 1<<40 {
		part, whole = part>>1, whole>>1
	}
	return part * width / max(whole, 1)
}

// outcomeRow is a row of the table of outcomes with a bar for its number of payins.
type outcomeRow struct {
	totals.Row
	Bar bar
}

func outcomeRows(all []reconcile.Total) []outcomeRow {
	var rows []outcomeRow
	var greatest int64
	for _, row := range totals.Rows(all) {
		rows = append(rows, outcomeRow{Row: row})
		if row.Sum == "" {
			greatest = max(greatest, row.Count)
		}
	}
	for i := range rows {
		if rows[i].Sum == "" {
			rows[i].Bar = newBar(rows[i].Count, greatest, string(rows[i].Outcome))
		}
	}
	return rows
}

// bridge explains the difference between the merchant's and HighHelp's amounts in one currency, in three steps.
type bridge struct {
	Currency       string
	Merchant, Paid reconcile.Sum // the merchant's amounts (M) and paid amounts (A) of the compared payins
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
			{Name: "record", Text: "the merchant's amount differs from HighHelp's initial amount", Change: record},
			{Name: "reprice", Text: "an earlier transfer or price change changed the amount", Change: reprice},
			{Name: "appeal", Text: "the customer transferred a different sum, and HighHelp accepted this sum",
				Change: s.PaidAmount.Minus(s.OldAmount)},
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
