package sql_test

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// sum adds up findings in Go, to compare with the database.
func sum(findings []reconcile.Finding) []reconcile.Total {
	type key struct{ outcome, currency string }
	sums := make(map[key]*reconcile.Total)
	for i := range findings {
		f := &findings[i]
		k := key{string(f.Outcome), f.Currency}
		if sums[k] == nil {
			sums[k] = &reconcile.Total{Outcome: f.Outcome, Currency: f.Currency}
		}
		t := sums[k]
		t.Count++
		t.Amount.Add(f.Amount)
		if f.Compared() {
			t.Compared++
			t.ComparedAmount.Add(f.Amount)
			t.InitialAmount.Add(f.InitialAmount)
			t.OldAmount.Add(f.OldAmount)
			t.PaidAmount.Add(f.PaidAmount)
		}
		switch f.Correction {
		case reconcile.CorrectionApplied:
			t.Applied++
		case reconcile.CorrectionSuperseded:
			t.Superseded++
		case reconcile.CorrectionHeld:
			t.Held++
		case reconcile.CorrectionDryRun:
			t.DryRun++
		case reconcile.CorrectionRefused:
			t.Refused++
		}
	}
	var totals []reconcile.Total
	for _, t := range sums {
		totals = append(totals, *t)
	}
	slices.SortFunc(totals, func(a, b reconcile.Total) int {
		return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Currency, b.Currency))
	})
	return totals
}

// mixed returns a verdict that depends on the payin.
func mixed(p reconcile.Finding) reconcile.Finding {
	switch p.Seq % 5 {
	case 0:
		p = declined(p)
	case 1:
		p = unchanged(p)
	case 2: // an unreachable payin has no data from HighHelp
		own := reconcile.State{Status: p.Status, SubStatus: p.SubStatus, SettledAmount: p.SettledAmount}
		p = reconcile.Finding{Seq: p.Seq, Payin: p.Payin,
			Verdict: reconcile.Verdict{Outcome: reconcile.Unreachable, After: own},
			Result:  reconcile.ResultUnreachable, Reason: reconcile.Words("No usable answer."), CheckedAt: closing}
	case 3:
		p = verdict(p)
		p.Outcome, p.Causes = reconcile.DifferentAmount, reconcile.CauseAppeal|reconcile.CauseRecord
		p.PaidAmount, p.InitialAmount, p.ExpiresAt = p.Amount+500, p.Amount-1, closing.Add(time.Hour)
	default: // a decline with amounts
		p = declined(p)
		p.InitialAmount, p.OldAmount, p.PaidAmount = 5, 6, 7
	}
	return p
}

func TestTotalsAgreeWithFindings(t *testing.T) {
	conform(t, func(f *fixture) {
		const many = 2345 // more payins than two pages contain
		all := payins(many)
		for i := range all {
			all[i].Currency = []string{"KGS", "USD", "JPY"}[i%3]
		}
		f.save(all...)
		run, l := f.open(nightly("a"))
		wanted := f.judge(l, mixed)
		f.do("update payins set status = 'new' where payment_id > 'payin-2000'")
		w, err := f.s.Summarise(f.ctx, run.ID, time.Time{}, false)
		f.must(err)
		f.must(f.s.SaveCorrectionMode(f.ctx, l, reconcile.CorrectionApplied, w, reconcile.Reason{}))
		for {
			n, _, err := f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 1000)
			f.must(err)
			if n == 0 {
				break
			}
		}
		_, err = f.s.CloseRun(f.ctx, l, reconcile.Complete, closing)
		f.must(err)

		for _, scope := range []reconcile.ReportScope{{RunID: run.ID}, {ProjectID: project}, {Window: window},
			{Window: reconcile.Window{From: window.To, To: window.To.Add(time.Microsecond)}}} {
			found := f.findings(scope)
			totals, err := f.s.Totals(f.ctx, scope)
			f.must(err)
			equal(f, "totals", totals, sum(found))
			if scope.Window == window { // the run started at the end of the time window
				equal(f, "outside", len(found), 0)
				continue
			}
			equal(f, "findings", len(found), many)
			for i, one := range found {
				want := wanted[i]
				want.RunID, want.Correction = run.ID, one.Correction
				if one.Correction == reconcile.CorrectionSuperseded {
					want.Reason = want.Reason.With(one.Reason.And...)
				}
				if one.Changes != want.Changes || one.Changes && one.Correction != reconcile.CorrectionApplied &&
					one.Correction != reconcile.CorrectionSuperseded {
					f.Errorf("correction %s of %v", one.Correction, want)
				}
				equal(f, one.PaymentID, one, want)
				if f.Failed() {
					return
				}
			}
		}
		weight, err := f.s.Summarise(f.ctx, run.ID, time.Time{}, false)
		f.must(err)
		equal(f, "weight", weight, w)
	})
}

func TestPeriodHasTheLatestFinding(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		other := payin(1)
		other.ProjectID = "another"
		f.save(other)
		execute := func(of string, day int, dry bool, mode reconcile.Correction,
			how func(reconcile.Finding) reconcile.Finding,
			ids ...string) {
			f.Helper()
			n := nightly("a")
			n.Project.ID, n.StartedAt, n.DryRun = of, midnight.AddDate(0, 0, day), dry
			n.Selection.PaymentIDs, n.Selection.Whole = ids, false
			_, l := f.open(n)
			f.judge(l, how)
			f.end(l, mode)
		}
		execute(project, 1, false, reconcile.CorrectionApplied, unchanged)
		execute("another", 1, false, reconcile.CorrectionApplied, unchanged)
		execute(project, 2, false, reconcile.CorrectionHeld, declined, "payin-0001")
		execute(project, 3, true, reconcile.CorrectionDryRun, verdict, "payin-0002")
		execute(project, 4, false, reconcile.CorrectionApplied, verdict, "payin-0000")
		_, l := f.open(nightly("a")) // the run is still open, so it does not have the latest finding
		f.judge(l, verdict)
		_, _, err := f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 10)
		f.must(err)

		outcomes := func(scope reconcile.ReportScope) string {
			f.Helper()
			found := f.findings(scope)
			totals, err := f.s.Totals(f.ctx, scope)
			f.must(err)
			equal(f, "totals", totals, sum(found))
			var outcomes []string
			for _, one := range found {
				outcomes = append(outcomes, strings.TrimPrefix(one.PaymentID, "payin-000")+":"+string(one.Outcome))
			}
			return strings.Join(outcomes, " ")
		}
		days := func(from, to int) reconcile.Window {
			return reconcile.Window{From: midnight.AddDate(0, 0, from), To: midnight.AddDate(0, 0, to)}
		}
		equal(f, "all days", outcomes(reconcile.ReportScope{ProjectID: project, Window: days(1, 9)}),
			"2:pending 1:declined 0:confirmed")
		equal(f, "the first days", outcomes(reconcile.ReportScope{ProjectID: project, Window: days(1, 4)}),
			"0:pending 2:pending 1:declined")
		equal(f, "one day", outcomes(reconcile.ReportScope{ProjectID: project, Window: days(4, 5)}), "0:confirmed")
		equal(f, "both projects", outcomes(reconcile.ReportScope{Window: days(1, 2)}),
			"0:pending 1:pending 2:pending 1:pending")
		equal(f, "no end", outcomes(reconcile.ReportScope{ProjectID: "another"}), "1:pending")
		equal(f, "a run", outcomes(reconcile.ReportScope{RunID: 3}), "1:declined")
	})
}

func TestEarlyBreakLeavesNothingOpen(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(30)...)
		_, l := f.open(nightly("a"))
		f.judge(l, verdict)
		f.end(l, reconcile.CorrectionApplied)
		for range 40 { // the number of streams is higher than the number of connections in the pool
			for _, err := range f.s.Findings(f.ctx, reconcile.ReportScope{}) {
				f.must(err)
				_, err := f.s.Runs(f.ctx, "", 1) // the store can still be used
				f.must(err)
				break
			}
			for _, err := range f.s.Unresolved(f.ctx, reconcile.ReportScope{}) {
				f.must(err)
				break
			}
		}
		equal(f, "payins", len(f.findings(reconcile.ReportScope{})), 30)
	})
}

// The sums of the largest and smallest possible amounts are exact.
func TestSumsBeyond64Bits(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(5)...)
		_, l := f.open(nightly("a"))
		f.judge(l, unchanged)
		f.end(l, reconcile.CorrectionApplied)
		for _, amount := range []int64{math.MaxInt64 - 10, math.MinInt64, 10_000_000_000_001, -1} {
			f.tamper("update hhrecon_finding set merchant_amount = ?, initial_amount = ?, old_amount = ?, amount = ?",
				amount, amount, amount, amount)
			want := new(big.Int).Mul(big.NewInt(amount), big.NewInt(5)).String()
			for _, scope := range []reconcile.ReportScope{{RunID: l.RunID}, {}} {
				totals, err := f.s.Totals(f.ctx, scope)
				f.must(err)
				for i, s := range []reconcile.Sum{
					totals[0].Amount, totals[0].ComparedAmount, totals[0].InitialAmount, totals[0].OldAmount, totals[0].PaidAmount,
				} {
					equal(f, fmt.Sprint("sum ", i), s.String(), want)
				}
			}
		}
	})
}
