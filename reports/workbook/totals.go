package workbook

import (
	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/totals"
)

// outcomes writes the number of payins by outcome, with the meaning of each outcome. It returns the first row of the
// table, which the chart needs.
func (g *summaryWriter) outcomes(done *Summary) (first int) {
	g.heading("summary.outcomes")
	g.header("column.outcome", ">column.payins", ">column.share", "column.meaning")
	first = g.row
	counts := totals.CountByOutcome(done.Totals)
	for _, outcome := range reconcile.Outcomes {
		n := counts[outcome]
		g.put(1, string(outcome), plainStyle)
		g.put(2, n, countStyle)
		if done.Payins > 0 {
			g.put(3, float64(n)/float64(done.Payins), shareStyle)
		}
		g.put(4, g.T("outcome."+string(outcome)), plainStyle)
		g.next(1)
	}
	g.put(1, g.T("sheet.all_payins"), totalStyle)
	g.put(2, done.Payins, strongCountStyle)
	g.next(2)
	return first
}

// totals writes the control totals by outcome and currency, and a total for each currency.
func (g *summaryWriter) totals(done *Summary) {
	sums := totals.ByCurrency(done.Totals)
	if len(sums) > 0 {
		g.together(rowsOf(done.Totals, sums[0].Currency) + 2)
	}
	g.heading("summary.totals")
	g.header("column.outcome", "column.currency", ">column.payins", ">column.sum_of_m", ">column.compared",
		">column.compared_m", ">column.compared_i", ">column.compared_o", ">column.paid_amount", ">column.difference_a_m")
	for i, sum := range sums {
		if i > 0 {
			g.together(rowsOf(done.Totals, sum.Currency))
		}
		for _, t := range done.Totals {
			if t.Currency == sum.Currency {
				g.total(&t, false)
			}
		}
		sum.Outcome = reconcile.Outcome(g.T("control.all"))
		g.total(&sum, true)
		g.next(1)
	}
	g.put(1, g.T("summary.totals_note"), noteStyle)
	g.next(2)
}

// rowsOf returns the number of rows of a currency, including the row of its total.
func rowsOf(totals []reconcile.Total, currency string) int {
	rows := 1
	for _, t := range totals {
		if t.Currency == currency {
			rows++
		}
	}
	return rows
}

func (g *summaryWriter) total(t *reconcile.Total, bold bool) {
	text, figure := plainStyle, countStyle
	if bold {
		text, figure = totalStyle, strongCountStyle
	}
	g.put(1, string(t.Outcome), text)
	g.put(2, reports.CurrencyName(t.Currency), text)
	g.put(3, t.Count, figure)
	g.money(4, reports.KindAmount, t.Amount, t.Currency, bold)
	g.put(5, t.Compared, figure)
	g.money(6, reports.KindAmount, t.ComparedAmount, t.Currency, bold)
	g.money(7, reports.KindAmount, t.InitialAmount, t.Currency, bold)
	g.money(8, reports.KindAmount, t.OldAmount, t.Currency, bold)
	g.money(9, reports.KindAmount, t.PaidAmount, t.Currency, bold)
	g.money(10, reports.KindChange, t.PaidAmount.Minus(t.ComparedAmount), t.Currency, bold)
	g.next(1)
}

// corrections writes the number of corrections by result.
func (g *summaryWriter) corrections(done *Summary) {
	sum := totals.Counts(done.Totals)
	g.together(7)
	g.heading("sheet.corrections")
	g.header("column.correction", ">column.payins", "column.meaning")
	for _, c := range [...]struct {
		word    reconcile.Correction
		n       int64
		meaning string
	}{
		{reconcile.CorrectionApplied, sum.Applied, g.T("correction.applied")},
		{reconcile.CorrectionSuperseded, sum.Superseded, g.T("correction.superseded")},
		{reconcile.CorrectionRefused, sum.Refused, g.T("correction.refused")},
		{reconcile.CorrectionLocked, sum.Locked, g.T("correction.locked")},
		{reconcile.CorrectionHeld, sum.Held, g.workbook.report.DescribeHeld()},
		{reconcile.CorrectionDryRun, sum.DryRun, g.T("correction.dry_run")},
	} {
		g.put(1, string(c.word), plainStyle)
		g.put(2, c.n, countStyle)
		g.put(3, c.meaning, plainStyle)
		g.next(1)
	}
	g.next(1)
	g.wouldWrite(done)
}

// wouldWrite writes the number and the sum of a dry run's corrections by outcome and currency.
func (g *summaryWriter) wouldWrite(done *Summary) {
	if totals.Counts(done.Totals).DryRun == 0 {
		return
	}
	g.heading("summary.would_write")
	g.header("column.outcome", "column.currency", ">column.payins", ">column.sum_of_m")
	for _, t := range done.Totals {
		if t.DryRun > 0 {
			g.put(1, string(t.Outcome), plainStyle)
			g.put(2, reports.CurrencyName(t.Currency), plainStyle)
			g.put(3, t.DryRun, countStyle)
			g.money(4, reports.KindAmount, t.DryRunAmount, t.Currency, false)
			g.next(1)
		}
	}
	g.next(1)
}
