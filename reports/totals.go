package reports

import (
	"slices"

	"hhrecon/reconcile"
)

// meanings explain each outcome in one sentence.
var meanings = map[reconcile.Outcome]string{
	reconcile.Confirmed:       "HighHelp says success, and all four amounts agree: the payin is settled.",
	reconcile.DifferentAmount: "HighHelp has another amount than the merchant's row, or disputes the payin for it.",
	reconcile.Timeout:         "Not paid or not confirmed in time, or never closed by HighHelp after it expired.",
	reconcile.Disputed:        "HighHelp holds the payin in dispute for any other reason.",
	reconcile.Declined:        "HighHelp declined the payin: no money moved.",
	reconcile.Rejected:        "HighHelp ended the payin with an error: it must not be credited.",
	reconcile.Pending:         "Still under way at HighHelp and not overdue: the next run asks again.",
	reconcile.Reversed:        "Final in the merchant's row, but HighHelp now says something else: a person must decide.",
	reconcile.NotFound:        "HighHelp does not know this payin: nothing was changed.",
	reconcile.Unverifiable:    "HighHelp's answer cannot be trusted: nothing was changed.",
	reconcile.Unreachable:     "No usable answer after every retry: nothing was changed, the next run asks again.",
}

// sumOf adds totals up; only counts, since amounts of different currencies have no sum.
func sumOf(totals []reconcile.Total) (sum reconcile.Total) {
	for _, t := range totals {
		sum.Count += t.Count
		sum.Applied += t.Applied
		sum.Superseded += t.Superseded
		sum.Held += t.Held
		sum.DryRun += t.DryRun
		sum.Refused += t.Refused
	}
	return sum
}

// outcomes counts the payins by outcome beside what each outcome means. It returns the first row of the
// counts, for the chart.
func (g *grid) outcomes(done *Summary) (first int) {
	g.heading("Outcomes")
	g.header("Outcome", ">Payins", ">Share", "What it means")
	first = g.row
	for _, outcome := range reconcile.Outcomes {
		var n int64
		for _, t := range done.Totals {
			if t.Outcome == outcome {
				n += t.Count
			}
		}
		g.put(1, string(outcome), plainStyle)
		g.put(2, n, countStyle)
		if done.Payins > 0 {
			g.put(3, float64(n)/float64(done.Payins), shareStyle)
		}
		g.put(4, g.say(meanings[outcome]), plainStyle)
		g.next(1)
	}
	g.put(1, g.say("All payins"), totalStyle)
	g.put(2, done.Payins, strongCountStyle)
	g.next(2)
	return first
}

// totals are the control totals: by outcome and currency, with a total for each currency.
func (g *grid) totals(done *Summary) {
	currencies := currenciesOf(done.Totals)
	if len(currencies) > 0 {
		g.together(rowsOf(done.Totals, currencies[0]) + 2)
	}
	g.heading("Control totals by currency and outcome")
	g.header("Outcome", "Currency", ">Payins", ">Sum of M", ">Compared", ">M, compared", ">Initial (I)", ">Old (O)", ">Amount (A)", ">Difference A − M")
	for i, currency := range currencies {
		if i > 0 {
			g.together(rowsOf(done.Totals, currency))
		}
		sum := reconcile.Total{Outcome: reconcile.Outcome(g.say("all")), Currency: currency}
		for _, t := range done.Totals {
			if t.Currency != currency {
				continue
			}
			g.total(&t, false)
			g.keep(addTotal(&sum, &t))
		}
		g.total(&sum, true)
		g.next(1)
	}
	g.put(1, g.say("Compared are the payins under success, processing or dispute; under decline and error no money moved. M is the merchant's amount."), noteStyle)
	g.next(2)
}

// rowsOf counts a currency's rows, that of its total included.
func rowsOf(totals []reconcile.Total, currency string) int {
	rows := 1
	for _, t := range totals {
		if t.Currency == currency {
			rows++
		}
	}
	return rows
}

func (g *grid) total(t *reconcile.Total, bold bool) {
	text, figure := plainStyle, countStyle
	if bold {
		text, figure = totalStyle, strongCountStyle
	}
	g.put(1, string(t.Outcome), text)
	g.put(2, t.Currency, text)
	g.put(3, t.Count, figure)
	g.money(4, amount, t.Amount, t.Currency, bold)
	g.put(5, t.Compared, figure)
	g.money(6, amount, t.ComparedAmount, t.Currency, bold)
	g.money(7, amount, t.InitialAmount, t.Currency, bold)
	g.money(8, amount, t.OldAmount, t.Currency, bold)
	g.money(9, amount, t.PaidAmount, t.Currency, bold)
	g.money(10, change, t.PaidAmount-t.ComparedAmount, t.Currency, bold)
	g.next(1)
}

// addTotal adds one total to another of the same currency.
func addTotal(sum, t *reconcile.Total) error {
	sum.Count += t.Count
	sum.Compared += t.Compared
	fits := plus(&sum.Amount, t.Amount) && plus(&sum.ComparedAmount, t.ComparedAmount) &&
		plus(&sum.InitialAmount, t.InitialAmount) && plus(&sum.OldAmount, t.OldAmount) && plus(&sum.PaidAmount, t.PaidAmount)
	if !fits {
		return errOverflow
	}
	return nil
}

// corrections counts what became of the changes.
func (g *grid) corrections(done *Summary) {
	sum := sumOf(done.Totals)
	g.together(7)
	g.heading("Corrections")
	g.header("Correction", ">Payins", "What it means")
	for _, c := range [...]struct {
		word    reconcile.Correction
		n       int64
		meaning string
	}{
		{reconcile.CorrectionApplied, sum.Applied, g.say("Written into the merchant's row.")},
		{reconcile.CorrectionSuperseded, sum.Superseded, g.say("The row had changed since it was read, and was left alone.")},
		{reconcile.CorrectionRefused, sum.Refused, g.say("The merchant's table would not take it; the reason says why.")},
		{reconcile.CorrectionHeld, sum.Held, g.book.about.fateOfHeld()},
		{reconcile.CorrectionDryRun, sum.DryRun, g.say("Would have been written; this was a dry run.")},
	} {
		g.put(1, string(c.word), plainStyle)
		g.put(2, c.n, countStyle)
		g.put(3, c.meaning, plainStyle)
		g.next(1)
	}
	g.next(1)
}

// currenciesOf lists the currencies, each once, by name.
func currenciesOf(totals []reconcile.Total) []string {
	var names []string
	for _, t := range totals {
		names = append(names, t.Currency)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
