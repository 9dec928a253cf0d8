package sql_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

func TestRunFromOpeningToEnd(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(7)...)
		run, l := f.open(nightly("a"))
		equal(f, "state", run.State, reconcile.Running)
		equal(f, "selected", run.Selected, 7)
		equal(f, "window", run.Window, window)
		equal(f, "owner", run.Owner, owner("a"))
		if run.HeartbeatAge < 0 || run.HeartbeatAt.IsZero() {
			f.Errorf("heartbeat at %s, %s ago", run.HeartbeatAt, run.HeartbeatAge)
		}
		some, err := f.s.UnjudgedPayins(f.ctx, run.ID, reconcile.Span{After: 2}, 3)
		f.must(err)
		equal(f, "page", []int64{some[0].Seq, some[1].Seq, some[2].Seq}, []int64{3, 4, 5})
		equal(f, "payin", some[0].Payin, payin(2))
		part, err := f.s.UnjudgedPayins(f.ctx, run.ID, reconcile.Span{After: 5, To: 6}, 3)
		f.must(err)
		equal(f, "a span's payins", len(part), 1)
		equal(f, "the span's last place", part[0].Seq, 6)

		f.must(f.s.SaveVerdicts(f.ctx, l, []reconcile.Finding{verdict(some[0]), declined(some[1])}))
		now, err := f.s.Run(f.ctx, run.ID)
		f.must(err)
		equal(f, "judged", now.Judged, 2)
		equal(f, "settled", now.Settled, 0)

		f.judge(l, verdict)
		w, err := f.s.Summarise(f.ctx, run.ID, time.Time{}, false)
		f.must(err)
		equal(f, "weight", w, reconcile.ImpactSummary{Answered: 7, Trusted: 7, Open: 7, Changes: 7, Harmful: 1})
		f.must(f.s.SaveCorrectionMode(f.ctx, l, reconcile.CorrectionApplied, w, reconcile.Words("note")))
		n, _, err := f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 4)
		f.must(err)
		equal(f, "settled", n, 4)
		again, err := f.s.Summarise(f.ctx, run.ID, time.Time{}, false)
		f.must(err)
		equal(f, "weight, half settled", again, w)
		now, err = f.s.Run(f.ctx, run.ID)
		f.must(err)
		equal(f, "judged, settled", []int64{now.Judged, now.Settled}, []int64{7, 4})
		equal(f, "decision", now.CorrectionMode, reconcile.CorrectionApplied)

		if _, err := f.s.CloseRun(f.ctx, l, reconcile.Complete, closing); err == nil ||
			!strings.Contains(err.Error(), "7 payins were selected, but only 4 are settled") {
			f.Errorf("closed a run that is not settled: %v", err)
		}
		equal(f, "settled", f.settleAll(l, reconcile.CorrectionApplied), 3)
		end, err := f.s.CloseRun(f.ctx, l, reconcile.Complete, closing)
		f.must(err)
		equal(f, "end", []any{end.State, end.ClosedAt, end.Judged, end.Settled, end.Impact, end.Note, end.ResultStatus()},
			[]any{reconcile.Complete, closing, 7, 7, w, reconcile.Words("note"), reconcile.ResultComplete})
		equal(f, "success rows", f.count("select count(*) from payins where status = 'success' and settled_amount = amount"),
			6)
		equal(f, "declined rows", f.count("select count(*) from payins where status = 'decline' and sub_status = "+
			"'canceled' and settled_amount is null"), 1)
	})
}

// The share of a class is the number of its corrections divided by the number of possible corrections. Final rows and
// payins without an answer are left out.
func TestSummarizeOpenPayins(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(10)...)
		run, l := f.open(nightly("a"))
		f.do("update hhrecon_selection set status = 'success' where seq in (1, 2)")
		f.do("update hhrecon_selection set status = 'decline' where seq = 3")
		f.judge(l, func(one reconcile.Finding) reconcile.Finding {
			v := declined(one)
			switch one.Seq {
			case 4:
				v.Outcome, v.Changes, v.Harmful = reconcile.NotFound, false, false
			case 5:
				v.Outcome, v.Changes, v.Harmful = reconcile.Unverifiable, false, false
			case 6:
				v.Outcome, v.Changes, v.Harmful, v.Result = reconcile.Unreachable, false, false, reconcile.ResultUnreachable
			}
			return v
		})
		w, err := f.s.Summarise(f.ctx, run.ID, time.Time{}, false)
		f.must(err)
		equal(f, "answered and open", []int64{w.Answered, w.Open}, []int64{9, 4})
	})
}

// The summary counts payins without a verdict, and judged payins that are settled or not.
func TestSummarizeUnjudgedPayins(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(7)...)
		run, l := f.open(nightly("a"))
		all, err := f.s.UnjudgedPayins(f.ctx, run.ID, reconcile.Span{}, 10)
		f.must(err)
		f.must(f.s.SaveVerdicts(f.ctx, l, []reconcile.Finding{declined(all[0]), declined(all[3]), verdict(all[5])}))
		weighed := func(want reconcile.ImpactSummary) {
			f.Helper()
			w, err := f.s.Summarise(f.ctx, run.ID, time.Time{}, false)
			f.must(err)
			equal(f, "weight", w, want)
		}
		want := reconcile.ImpactSummary{Answered: 3, Trusted: 3, Open: 3, Changes: 3, Harmful: 2, Left: 4}
		weighed(want)
		f.settleAll(l, reconcile.CorrectionApplied)
		weighed(want)
	})
}

// A held run that is interrupted while it settles keeps the reason of its hold.
func TestHoldReasonAfterInterruption(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		run, l := f.open(nightly("a"))
		f.judge(l, declined)
		w, err := f.s.Summarise(f.ctx, run.ID, time.Time{}, false)
		f.must(err)
		f.must(f.s.SaveCorrectionMode(f.ctx, l, reconcile.CorrectionHeld, w, reconcile.Words("too many")))
		_, _, err = f.s.Settle(f.ctx, l, reconcile.CorrectionHeld, closing, 0, 2)
		f.must(err)
		broken, err := f.s.InterruptRun(f.ctx, l, reconcile.Words("stopped"))
		f.must(err)
		equal(f, "note", broken.Note, reconcile.Words("stopped"))
		taken, err := f.s.AcquireRun(f.ctx, run.ID, owner("b"), closing, alive)
		f.must(err)
		equal(f, "decision", []any{taken.CorrectionMode, taken.Note, taken.Impact, taken.Settled},
			[]any{reconcile.CorrectionHeld, reconcile.Words("too many"), w, 2})
	})
}

func TestContextEnds(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		_, l := f.open(nightly("a"))
		all := f.judge(l, verdict)
		reason := errors.New("the evening is over")
		ctx, cancel := context.WithCancelCause(f.ctx)
		cancel(reason)
		n := nightly("b")
		n.Project.ID = "another"
		_, err1 := f.s.OpenRun(ctx, n)
		err2 := f.s.SaveVerdicts(ctx, l, all)
		_, _, err3 := f.s.Settle(ctx, l, reconcile.CorrectionApplied, closing, 0, 10)
		_, err4 := f.s.Totals(ctx, reconcile.ReportScope{RunID: l.RunID})
		for i, err := range []error{err1, err2, err3, err4} {
			if !errors.Is(err, reason) || !errors.Is(err, context.Canceled) || err.Error() != reason.Error() {
				f.Errorf("call %d: %v", i, err)
			}
		}
		errs := 0
		for _, err := range f.s.Findings(ctx, reconcile.ReportScope{RunID: l.RunID}) {
			if errs++; !errors.Is(err, reason) {
				f.Errorf("findings: %v", err)
			}
		}
		equal(f, "errors", errs, 1)
		equal(f, "runs", f.count("select count(*) from hhrecon_run"), 1)
		equal(f, "rows written", f.count("select count(*) from payins where status = 'success'"), 0)
	})
}

// If a context ends during a statement, the error is the context's error, not the database's.
func TestContextEndsAStatement(t *testing.T) {
	t.Parallel()
	sqltest.URLs(t, func(t *testing.T, url string) {
		t.Parallel()
		slow := "pg_sleep(20) is not null"
		if strings.HasPrefix(url, "sqlite:") {
			slow = "(with recursive c (x) as (select 1 union all select x + 1 from c limit 300000000) select count(*) from " +
				"c) > 0"
		}
		dir := t.TempDir()
		write(t, dir, "correct_payins.sql", `
			update payins set status = s.status_after, updated_at = :now from hhrecon_selection as s
			where s.run_id = :run_id and s.seq between :first and :last and payins.payment_id = s.payment_id and `+slow+`
			returning payins.payment_id`)
		write(t, dir, "final_payins.sql", strings.NewReplacer("created_at >=", "updated_at >=", "created_at < :to",
			slow).Replace(goodOpen))
		f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.OpenWith(t, url, sql.Options{SQLDir: dir}),
			db: sqltest.DB(t, url)}
		f.save(payins(3)...)
		f.s = sqltest.Open(t, url)
		_, l := f.open(nightly("a"))
		f.judge(l, verdict)
		f.s = sqltest.OpenWith(t, url, sql.Options{SQLDir: dir})
		recheck := nightly("b")
		recheck.Project.ID, recheck.Selection.RecheckFrom = "another", midnight
		f.do("insert into payins select 'another', payment_id, amount, currency, status, sub_status, settled_amount, " +
			"lifetime, created_at, updated_at from payins")
		calls := map[string]func(context.Context) error{
			"settle": func(ctx context.Context) error {
				_, _, err := f.s.Settle(ctx, l, reconcile.CorrectionApplied, closing, 0, 10)
				return err
			},
			"open run": func(ctx context.Context) error {
				_, err := f.s.OpenRun(ctx, recheck)
				return err
			},
		}
		for what, call := range calls {
			ctx, cancel := context.WithTimeout(f.ctx, 300*time.Millisecond)
			if err := call(ctx); err == nil || !errors.Is(err, context.DeadlineExceeded) ||
				err.Error() != context.DeadlineExceeded.Error() {
				f.Errorf("%s until a deadline: %v", what, err)
			}
			cancel()
			ctx, cancel = context.WithCancel(f.ctx)
			time.AfterFunc(300*time.Millisecond, cancel)
			if err := call(ctx); err == nil || !errors.Is(err, context.Canceled) || err.Error() != context.Canceled.Error() {
				f.Errorf("%s until it is cancelled: %v", what, err)
			}
		}
		equal(f, "rows written", f.count("select count(*) from payins where status = 'success'"), 0)
	})
}

func TestSavePayinsOverwritesNothing(t *testing.T) {
	conform(t, func(f *fixture) {
		n, err := f.s.SavePayins(f.ctx, slices.Values(payins(2500)))
		f.must(err)
		equal(f, "saved", n, 2500)
		changed := payin(2)
		changed.Amount = 1
		fresh := payin(9999)
		if _, err := f.s.SavePayins(f.ctx, slices.Values([]reconcile.Payin{fresh, changed})); err == nil ||
			!strings.Contains(err.Error(), "not overwritten") {
			f.Errorf("overwritten: %v", err)
		}
		equal(f, "amount", f.count("select amount from payins where payment_id = ?", changed.PaymentID), 1002)
		equal(f, "rows", f.count("select count(*) from payins"), 2500)
		equal(f, "nulls", f.count("select count(*) from payins where sub_status is null and settled_amount is null and "+
			"lifetime is null"), 2500)
	})
}

func TestTimesToTheMicrosecond(t *testing.T) {
	conform(t, func(f *fixture) {
		p := payin(1)
		p.CreatedAt = midnight.Add(1234567 * time.Nanosecond) // 1.234 ms and a fraction of 1 µs
		p.UpdatedAt = p.CreatedAt
		edge := payin(2)
		edge.CreatedAt = window.To // outside the time window
		last := payin(3)
		last.CreatedAt = window.To.Add(-time.Microsecond)
		f.save(p, edge, last)
		run, l := f.open(nightly("a"))
		equal(f, "selected", run.Selected, 2)
		some, err := f.s.UnjudgedPayins(f.ctx, l.RunID, reconcile.Span{}, 1)
		f.must(err)
		equal(f, "created at", some[0].CreatedAt, p.CreatedAt.Truncate(time.Microsecond))
	})
}

// A run uses the rules that were set when it was opened, even if the settings change.
func TestRulesOfTheOpening(t *testing.T) {
	conform(t, func(f *fixture) {
		n := nightly("a")
		n.Project.Grace, n.Project.DifferentAmount, n.Project.AcceptWithin = 7*time.Minute, reconcile.Accept, nil
		n.Project.StatusMap = map[string]string{"success": "paid \"in full\" Оплачено", "decline": "it's off"}
		run, _ := f.open(n)
		want := n.Project.Rules(n.StartedAt)
		equal(f, "opened", run.Rules, want)
		taken, err := f.s.AcquireRun(f.ctx, run.ID, owner("b"), closing, dead)
		f.must(err)
		equal(f, "taken", taken.Rules, want)
		f.do("update hhrecon_run set rules = '{'")
		if _, err := f.s.Run(f.ctx, run.ID); err == nil || !strings.HasPrefix(err.Error(), "the rules of run 1: ") {
			f.Errorf("no rules: %v", err)
		}
	})
}

// The throughput is computed from all verdicts of the last minute, settled or not.
func TestThroughput(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(31)...)
		run, l := f.open(nightly("a"))
		now := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
		throughput := func(after time.Duration, want float64) {
			f.Helper()
			got, err := f.s.RecentThroughput(f.ctx, run.ID, now.Add(after))
			f.must(err)
			equal(f, "after "+after.String(), got, want)
		}
		throughput(0, 0)
		asked := 0
		f.judge(l, func(p reconcile.Finding) reconcile.Finding {
			p = unchanged(p)
			p.CheckedAt = now.Add(time.Duration(asked/2) * time.Second) // two verdicts per second
			asked++
			return p
		})
		equal(f, "asked", asked, 31)
		throughput(20*time.Second, 2)
		throughput(56*time.Second, 2)
		throughput(66*time.Second, 0) // the remaining part of the minute is too short for a measurement
		throughput(2*time.Minute, 0)
		f.must(f.s.SaveCorrectionMode(f.ctx, l, reconcile.CorrectionApplied, reconcile.ImpactSummary{}, reconcile.Reason{}))
		_, _, err := f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 10)
		f.must(err)
		throughput(20*time.Second, 2)
	})
}
