package mail

import (
	"strings"
	"unicode/utf8"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
	"hhrecon/reports/totals"
	"hhrecon/reports/workbook"
)

// table contains the texts of a table of outcomes. The table is about one currency.
type table struct {
	Currency string
	Rows     []row
	All      row
}

// row contains the texts of a row of a table.
type row struct{ Outcome, Count, Amount, Difference string }

// Words returns the words of the outcome's name. The mail program may break a line between these words.
func (r row) Words() []string { return strings.Split(r.Outcome, "_") }

// difference contains the texts about one payin whose paid amount differs from the merchant's amount.
type difference struct{ PaymentID, Outcome, Ours, Theirs, Difference string }

// tables returns one table for each currency. Each table ends with a row of sums.
func (d *templateData) tables() []table {
	var tables []table
	for _, all := range totals.ByCurrency(d.summary.Totals) {
		t := table{Currency: reports.CurrencyName(all.Currency)}
		for _, total := range d.summary.Totals {
			if total.Currency == all.Currency {
				t.Rows = append(t.Rows, rowOf(&total))
			}
		}
		all.Outcome = reconcile.Outcome(d.T("control.all"))
		t.All = rowOf(&all)
		tables = append(tables, t)
	}
	return tables
}

func rowOf(t *reconcile.Total) row {
	r := row{Outcome: string(t.Outcome), Count: i18n.Count(t.Count).String(),
		Amount: reconcile.FormatSum(t.Amount, t.Currency)}
	if t.Compared > 0 {
		r.Difference = signed(t.PaidAmount.Minus(t.ComparedAmount), t.Currency)
	}
	return r
}

// largest returns the payins with the largest differences of amounts, and the heading of this list.
func (d *templateData) largest() (heading string, all []difference) {
	for _, f := range d.summary.Largest {
		all = append(all, difference{
			PaymentID: short(reports.OneLine(f.PaymentID)), Outcome: string(f.Outcome),
			Ours:       d.T("mail.ours", reconcile.FormatAmount(f.Amount, f.Currency)),
			Theirs:     d.T("mail.theirs", reconcile.FormatAmount(f.PaidAmount, f.Currency)),
			Difference: signed(reconcile.SumOf(f.PaidAmount-f.Amount), f.Currency) + " " + reports.OneLine(f.Currency),
		})
	}
	if len(all) < workbook.MaxLargest {
		return d.T("mail.differences", i18n.Count(len(all))), all
	}
	return d.T("mail.largest", i18n.Count(len(all))), all
}

// signed formats a sum with a leading plus or minus sign.
func signed(s reconcile.Sum, currency string) string {
	text := reconcile.FormatSum(s, currency)
	if s.Sign() > 0 {
		return "+" + text
	}
	return text
}

// longest is the maximum number of characters of a payment_id in a message. The workbook shows the full payment_id.
const longest = 80

func short(s string) string {
	if utf8.RuneCountInString(s) <= longest {
		return s
	}
	return string([]rune(s)[:longest-1]) + "…"
}
