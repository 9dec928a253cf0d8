package sql_test

import (
	"testing"
	"time"

	"hhrecon/reconcile"
)

// A verdict that was reset corrects no row while other verdicts are settled.
func TestForgottenVerdictsCorrectNothing(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		run, l := f.open(nightly("a"))
		f.judge(l, verdict)
		f.do("update hhrecon_selection set checked_at = ? where seq <> 2",
			closing.Add(time.Hour).Format(time.RFC3339)[:19]+".000000Z")
		_, err := f.s.InterruptRun(f.ctx, l, reconcile.Words("stopped"))
		f.must(err)
		_, err = f.s.AcquireRun(f.ctx, run.ID, owner("b"), closing.Add(reconcile.MaxEvidenceAge+time.Second), dead)
		f.must(err)
		l.Token = "b"
		equal(f, "settled", f.settleAll(l, reconcile.CorrectionApplied), 2)
		equal(f, "corrected", f.word("select status from payins where payment_id = 'payin-0000'"), "success")
		equal(f, "left alone", f.word("select status from payins where payment_id = 'payin-0001'"), "pending")
	})
}

// The payins of verdicts with old answers are queried again, and the run's summary is computed again. Findings stay.
func TestOldAnswersAreForgotten(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(6)...)
		run, l := f.open(nightly("a"))
		f.judge(l, verdict)
		w, err := f.s.Summarise(f.ctx, run.ID, time.Time{}, false)
		f.must(err)
		f.must(f.s.SaveCorrectionMode(f.ctx, l, reconcile.CorrectionApplied, w, reconcile.Reason{}))
		_, _, err = f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 2)
		f.must(err)
		_, err = f.s.InterruptRun(f.ctx, l, reconcile.Words("stopped"))
		f.must(err)
		checked := f.findings(reconcile.ReportScope{RunID: run.ID})[0].CheckedAt

		soon, err := f.s.AcquireRun(f.ctx, run.ID, owner("b"), checked.Add(reconcile.MaxEvidenceAge), dead)
		f.must(err)
		equal(f, "taken soon", []any{soon.Judged, soon.Settled, soon.CorrectionMode},
			[]any{int64(6), int64(2), reconcile.CorrectionApplied})
		late, err := f.s.AcquireRun(f.ctx, run.ID, owner("c"), checked.Add(reconcile.MaxEvidenceAge+time.Second), dead)
		f.must(err)
		equal(f, "taken late", []any{late.Judged, late.Settled, late.CorrectionMode},
			[]any{int64(2), int64(2), reconcile.Correction("")})
		left, err := f.s.UnjudgedPayins(f.ctx, run.ID, reconcile.Span{}, 10)
		f.must(err)
		equal(f, "asked about again", len(left), 4)
	})
}

func TestVerdictsMeetTheirPayins(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		_, l := f.open(nightly("a"))
		all, err := f.s.UnjudgedPayins(f.ctx, l.RunID, reconcile.Span{}, 10)
		f.must(err)
		all[0], all[1] = verdict(all[0]), verdict(all[1])
		all[1].PaymentID = "payin-0002" // another position's payin, so the verdict is rejected
		if err := f.s.SaveVerdicts(f.ctx, l, all[:2]); err == nil || err.Error() != "1 of 2 payins are not in the selection" {
			f.Errorf("saved: %v", err)
		}
		left, err := f.s.UnjudgedPayins(f.ctx, l.RunID, reconcile.Span{}, 10)
		f.must(err)
		equal(f, "left", len(left), 3)
		f.must(f.s.SaveVerdicts(f.ctx, l, nil))
		if _, _, err := f.s.Settle(f.ctx, l, reconcile.CorrectionNone, closing, 0, 1); err == nil ||
			err.Error() != `"none" is not a correction mode` {
			f.Errorf("settled: %v", err)
		}
		if _, err := f.s.CloseRun(f.ctx, l, reconcile.Running, closing); err == nil ||
			err.Error() != `"running" is not a final state of a run` {
			f.Errorf("closed: %v", err)
		}
	})
}

// Two workers may query the same payin. The later verdict changes nothing, even if the run has settled the payin.
func TestFirstVerdictStands(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		run, l := f.open(nightly("a"))
		all, err := f.s.UnjudgedPayins(f.ctx, l.RunID, reconcile.Span{}, 10)
		f.must(err)
		late := make([]reconcile.Finding, len(all))
		for i := range all {
			late[i], all[i] = declined(all[i]), verdict(all[i])
		}
		f.must(f.s.SaveVerdicts(f.ctx, l, all[:3]))
		f.must(f.s.SaveVerdicts(f.ctx, l, late[1:3]))
		if n, _, err := f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 2); err != nil || n != 2 {
			f.Fatalf("settled %d, %v", n, err)
		}
		f.must(f.s.SaveVerdicts(f.ctx, l, late)) // a settled payin, a judged payin, and a payin without a verdict
		late[3].PaymentID = "payin-0000"
		if err := f.s.SaveVerdicts(f.ctx, l, late); err == nil || err.Error() != "1 of 4 payins are not in the selection" {
			f.Errorf("saved: %v", err)
		}
		f.settleAll(l, reconcile.CorrectionApplied)
		var got []reconcile.Outcome
		for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
			got = append(got, one.Outcome)
		}
		equal(f, "outcomes", got, []reconcile.Outcome{"confirmed", "confirmed", "confirmed", "declined"})
		equal(f, "declined rows", f.count("select count(*) from payins where status = 'decline'"), 1)
	})
}
