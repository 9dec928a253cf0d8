package totals

import "hhrecon/reconcile"

// Row is a row of a table of outcomes. A row adds up the compared payins of an outcome, the other payins of an
// outcome, or several rows.
type Row struct {
	Outcome            reconcile.Outcome
	Sum                string // label of a row with a sum; "" for an outcome
	Currency           string
	Count              int64
	Merchant, HighHelp reconcile.Sum
	Compared           bool // if false, the row has no amounts of HighHelp
}

// Difference returns HighHelp's sum minus the merchant's sum.
func (r Row) Difference() reconcile.Sum { return r.HighHelp.Minus(r.Merchant) }

func newRow(t *reconcile.Total, compared bool, sum string) Row {
	if compared {
		return Row{t.Outcome, sum, t.Currency, t.Compared, t.ComparedAmount, t.PaidAmount, true}
	}
	return Row{Outcome: t.Outcome, Sum: sum, Currency: t.Currency, Count: t.Count - t.Compared,
		Merchant: t.Amount.Minus(t.ComparedAmount)}
}

// Rows returns the rows of each currency. The first rows add up the compared payins. The next rows add up the payins
// without an amount from HighHelp. If a currency has both kinds of rows, each kind ends with a sum.
func Rows(all []reconcile.Total) []Row {
	var rows []Row
	for _, sum := range ByCurrency(all) {
		both := sum.Compared > 0 && sum.Compared < sum.Count
		for _, compared := range []bool{true, false} {
			for _, t := range InOrder(all) {
				if row := newRow(&t, compared, ""); t.Currency == sum.Currency && row.Count > 0 {
					rows = append(rows, row)
				}
			}
			if both {
				label := map[bool]string{true: "Compared", false: "Not compared"}[compared]
				rows = append(rows, newRow(&sum, compared, label))
			}
		}
		row := newRow(&sum, !both && sum.Compared > 0, "All")
		if both {
			row.Count, row.Merchant = sum.Count, sum.Amount
		}
		rows = append(rows, row)
	}
	return rows
}
