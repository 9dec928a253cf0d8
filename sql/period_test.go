package sql_test

import (
	"fmt"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// runAnswer is a run's finding about a payin, as the test records the finding.
type runAnswer struct {
	at time.Time
	reconcile.Finding
}

func (a runAnswer) same(b runAnswer) bool {
	return a.Outcome == b.Outcome && a.ProviderStatus == b.ProviderStatus && a.PaidAmount == b.PaidAmount
}

// answerSequences contains HighHelp's answers about payins in successive runs. The last answer is repeated.
var answerSequences = [][]func(reconcile.Finding) reconcile.Finding{
	{verdict},
	{unchanged, verdict},
	{unchanged},
	{verdict, unanswered, verdict},
	{verdict, unanswered},
	{verdict, turned},
	{unanswered, declined},
	{unanswered},
	{topUp, verdict},
	{unanswered, topUp},
}

func topUp(p reconcile.Finding) reconcile.Finding { return paid(p, p.Amount-100) }

// turned returns the verdict on a payin whose success HighHelp has reversed.
func turned(p reconcile.Finding) reconcile.Finding {
	p = declined(p)
	p.Outcome = reconcile.Reversed
	return p
}

// counted returns the finding that represents a payin in a period. It returns false if the period does not include the
// payin.
func counted(all []runAnswer, w reconcile.Window) (runAnswer, bool) {
	var known, any []runAnswer
	for _, one := range all {
		if one.at.Before(w.To) {
			any = append(any, one)
			if one.Outcome != reconcile.Unreachable {
				known = append(known, one)
			}
		}
	}
	if known == nil {
		known = any
	}
	if known == nil {
		return runAnswer{}, false
	}
	first := len(known) - 1
	for first > 0 && known[first-1].same(known[first]) {
		first--
	}
	return known[first], !known[first].at.Before(w.From)
}

// Nightly runs of twelve months also query final payins again. The counts of each month agree with the test's own
// records. The numbers of confirmed payins of all months add up to the number of the year.
func TestYearOfPeriods(t *testing.T) {
	conform(t, func(f *fixture) {
		records := make(map[string][]runAnswer)
		january := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		n := 0
		for month := range 12 {
			for _, day := range []int{0, 1, 14, 27, -1} { // some days of the month, and its last day
				at := january.AddDate(0, month, day)
				if day < 0 {
					at = january.AddDate(0, month+1, day)
				}
				at = at.Add(3 * time.Hour)
				var fresh []reconcile.Payin
				for range 2 + n%2 {
					p := payin(n)
					p.CreatedAt, p.UpdatedAt = at.Add(-time.Hour), at.Add(-time.Hour)
					fresh, n = append(fresh, p), n+1
				}
				f.do("delete from payins where payment_id < ?", fmt.Sprintf("payin-%04d", n-9))
				f.save(fresh...)
				run := nightly("a")
				run.StartedAt, run.Selection.Window = at, reconcile.Window{From: january.AddDate(-1, 0, 0), To: at}
				run.Selection.RecheckFrom = january.AddDate(-1, 0, 0)
				_, l := f.open(run)
				for _, one := range f.judge(l, func(p reconcile.Finding) reconcile.Finding {
					var number int
					_, err := fmt.Sscanf(p.PaymentID, "payin-%d", &number)
					f.must(err)
					answers := answerSequences[number%len(answerSequences)]
					final := p.Status == "success" || p.Status == "decline"
					p = answers[min(len(records[p.PaymentID]), len(answers)-1)](p)
					p.Changes = p.Changes && !final
					return p
				}) {
					records[one.PaymentID] = append(records[one.PaymentID], runAnswer{at, one})
				}
				f.end(l, reconcile.CorrectionApplied)
			}
		}
		var confirmed, paid reconcile.Sum
		for month := range 12 {
			w := reconcile.Window{From: january.AddDate(0, month, 0), To: january.AddDate(0, month+1, 0)}
			var want []reconcile.Finding
			for _, all := range records {
				if one, counts := counted(all, w); counts {
					want = append(want, one.Finding)
					if one.Outcome == reconcile.Confirmed {
						paid.Add(one.PaidAmount)
					}
				}
			}
			totals := f.period(w)
			equal(f, fmt.Sprint("payins of month ", month+1), countsOf(totals), countsOf(sum(want)))
			for _, t := range totals {
				if t.Outcome == reconcile.Confirmed {
					confirmed = confirmed.Plus(t.PaidAmount)
					// Later nightly runs have not corrected the other payins.
					equal(f, "corrections of what is confirmed", t.Applied, t.Count)
				}
			}
		}
		equal(f, "confirmed in all months", confirmed, paid)
		year := f.period(reconcile.Window{From: january, To: january.AddDate(1, 0, 0)})
		var payins int64
		for _, t := range year {
			payins += t.Count
		}
		equal(f, "payins of the year", payins, int64(n))
		before := f.period(reconcile.Window{From: january.AddDate(-1, 0, 0), To: january})
		equal(f, "payins of the year before", len(before), 0)
	})
}

// period adds up a period's findings in the database and in Go. It checks that each payin has at most one finding.
func (f *fixture) period(w reconcile.Window) []reconcile.Total {
	f.Helper()
	scope := reconcile.ReportScope{ProjectID: project, Window: w}
	totals, err := f.s.Totals(f.ctx, scope)
	f.must(err)
	found := f.findings(scope)
	equal(f, "totals", totals, sum(found))
	seen := make(map[string]bool)
	for _, one := range found {
		if seen[one.PaymentID] {
			f.Errorf("%s counts twice", one.PaymentID)
		}
		seen[one.PaymentID] = true
	}
	for j, err := range f.s.PayinHistories(f.ctx, scope) {
		if f.must(err); !seen[j.PaymentID] {
			f.Errorf("%s has a history, and does not count", j.PaymentID)
		}
	}
	return totals
}

// countsOf returns only the counts that do not depend on the choice among several equal findings.
func countsOf(totals []reconcile.Total) []string {
	var all []string
	for _, t := range totals {
		all = append(all, fmt.Sprint(t.Outcome, " ", t.Count, " ", t.Amount, " ", t.PaidAmount))
	}
	return all
}

// TestVerified checks the counts of a period's successes by HighHelp's answers.
func TestVerified(t *testing.T) {
	conform(t, func(f *fixture) {
		period := reconcile.Window{From: midnight, To: midnight.Add(24 * time.Hour)}
		at := []time.Time{ // the times at which the merchant's code wrote a row
			period.From.Add(-time.Microsecond), period.From, period.From.Add(time.Hour),
			period.To.Add(-time.Microsecond), period.To,
		}
		untrusted := func(p reconcile.Finding) reconcile.Finding {
			p = unchanged(verdict(p))
			p.Outcome, p.ProviderStatus = reconcile.Unverifiable, "success"
			return p
		}
		notAsked := func(p reconcile.Finding) reconcile.Finding {
			p = unanswered(p)
			p.Result = reconcile.ResultNotAsked
			return p
		}
		answers := []func(reconcile.Finding) reconcile.Finding{verdict, unchanged, untrusted, unanswered, notAsked, declined}
		number := map[string]int{}
		f.save(payins(30)...)
		night := nightly("a")
		night.Project.Final = reconcile.FinalStatuses{Success: []string{"credited"}, Decline: []string{"canceled"}}
		_, l := f.open(night)
		for i, p := range payins(60) {
			number[p.PaymentID] = i
		}
		f.judge(l, func(p reconcile.Finding) reconcile.Finding {
			return answers[number[p.PaymentID]%len(answers)](p)
		})
		run := f.end(l, reconcile.CorrectionDryRun)
		f.save(payins(60)[30:]...) // no run selects these payins
		var want reconcile.Verified
		for i, p := range payins(60) {
			word, written := []string{"success", "credited"}[i/3%2], at[i/6%len(at)]
			if i%11 == 10 {
				word = []string{"decline", "canceled"}[i/11%2]
			}
			f.do("update payins set status = $1, updated_at = $2 where payment_id = $3",
				word, written.UTC().Format("2006-01-02T15:04:05.000000Z"), p.PaymentID)
			if i%11 == 10 || written.Before(period.From) || !written.Before(period.To) {
				continue
			}
			want.Successes++
			if i >= 30 || i%len(answers) == 4 {
				want.NeverAsked++
			} else if i%len(answers) == 0 {
				want.Confirmed++
			}
		}
		got, err := f.s.Verified(f.ctx, run, period)
		f.must(err)
		equal(f, "successes", got, want)
		if want.Confirmed == 0 || want.NeverAsked == want.Successes {
			f.Errorf("the test counts only %+v", want)
		}
		run.ProjectID = "another"
		got, err = f.s.Verified(f.ctx, run, period)
		f.must(err)
		equal(f, "of another project", got, reconcile.Verified{})
	})
}
