package sql_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// TestStandings: two whole nights and a dry run between them; each payin has the step that it took, and a
// thousand others do not get in the way.
func TestStandings(t *testing.T) {
	conform(t, func(f *fixture) {
		const settled, still, overtaken, superseded, back, left, fresh, atOnce = "payin-0000", "payin-0001", "payin-0002",
			"payin-0003", "payin-0004", "payin-0005", "payin-0006", "payin-0007"
		all := payins(1100)
		f.save(append(all[:6:6], all[8:]...)...)
		_, l := f.open(nightly("a"))
		f.judge(l, func(p reconcile.Finding) reconcile.Finding {
			if p.PaymentID == back || p.PaymentID > atOnce {
				return verdict(p)
			}
			return unchanged(p)
		})
		first := f.end(l, reconcile.CorrectionApplied)
		if _, err := f.s.WholeRunBefore(f.ctx, first.ID); !errors.Is(err, reconcile.ErrNoRun) {
			f.Error(err)
		}
		n := nightly("dry")
		n.DryRun = true
		_, l = f.open(n)
		f.judge(l, unchanged)
		f.end(l, reconcile.CorrectionDryRun)

		f.do("update payins set status = 'success' where payment_id = '" + overtaken + "'")
		f.do("update payins set status = 'pending' where payment_id = '" + back + "'")
		f.save(all[6], all[7])
		_, l = f.open(nightly("b"))
		f.judge(l, func(p reconcile.Finding) reconcile.Finding {
			switch p.PaymentID {
			case settled, superseded, atOnce:
				return verdict(p)
			}
			return unchanged(p)
		})
		f.do("update payins set status = 'processing' where payment_id = '" + superseded + "'")
		second := f.end(l, reconcile.CorrectionApplied)

		before, err := f.s.WholeRunBefore(f.ctx, second.ID)
		f.must(err)
		equal(f, "the run before", before.ID, first.ID)
		got := make(map[string]reconcile.TransitionKind)
		for s, err := range f.s.Transitions(f.ctx, before, second) {
			f.must(err)
			if step := second.Rules.TransitionKind(&s); step != "" {
				got[s.PaymentID] = step
				if want := payinOf(all, s.PaymentID); !s.CreatedAt.Equal(want.CreatedAt) || s.Amount != want.Amount ||
					s.Currency != "KGS" {
					f.Errorf("%+v, want %+v", s, want)
				}
			}
		}
		equal(f, "steps", got, map[string]reconcile.TransitionKind{
			settled: reconcile.TransitionSettled, still: reconcile.TransitionStillOpen, overtaken: reconcile.TransitionOvertaken,
			superseded: reconcile.TransitionOvertaken, back: reconcile.TransitionCameBack, fresh: reconcile.TransitionNew,
			left: reconcile.TransitionStillOpen,
		})
	})
}

// TestReversedComesBackOnce: over several nights a reversed payin comes back once, then is still open, and is settled
// when HighHelp agrees again. One that is not asked about any more has no step, nor has one that a person decided.
func TestReversedComesBackOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		asked, gone := "payin-0000", "payin-0001"
		reversed := func(p reconcile.Finding) reconcile.Finding {
			p = unchanged(p)
			p.Outcome = reconcile.Reversed
			return p
		}
		var before reconcile.Run
		for night, c := range []struct {
			how  func(reconcile.Finding) reconcile.Finding
			want map[string]reconcile.TransitionKind
		}{
			{verdict, nil},
			{reversed, map[string]reconcile.TransitionKind{asked: reconcile.TransitionCameBack,
				gone: reconcile.TransitionCameBack}},
			{reversed, map[string]reconcile.TransitionKind{asked: reconcile.TransitionStillOpen,
				gone: reconcile.TransitionStillOpen}},
			{reversed, map[string]reconcile.TransitionKind{asked: reconcile.TransitionStillOpen}},
			{unchanged, map[string]reconcile.TransitionKind{asked: reconcile.TransitionSettled}},
			{unchanged, map[string]reconcile.TransitionKind{}},
			{reversed, map[string]reconcile.TransitionKind{asked: reconcile.TransitionCameBack}},
			{reversed, map[string]reconcile.TransitionKind{}}, // a person has decided
			{reversed, map[string]reconcile.TransitionKind{}},
		} {
			if night == 3 {
				f.do("delete from payins where payment_id = '" + gone + "'")
			}
			if night == 7 {
				a, err := f.rule(reconcile.Decision{
					RunID: before.ID, Seq: 1, After: reconcile.State{Status: "decline"}, By: "Aida", At: closing,
				})
				f.must(err)
				equal(f, "decision", a.Result, reconcile.CorrectionApplied)
			}
			n := nightly(fmt.Sprint("night ", night))
			n.Selection.RecheckFrom = time.Unix(0, 0)
			_, l := f.open(n)
			f.judge(l, c.how)
			run := f.end(l, reconcile.CorrectionApplied)
			if night > 0 {
				got := make(map[string]reconcile.TransitionKind)
				for s, err := range f.s.Transitions(f.ctx, before, run) {
					f.must(err)
					if step := run.Rules.TransitionKind(&s); step != "" {
						got[s.PaymentID] = step
					}
				}
				equal(f, fmt.Sprint("steps of night ", night), got, c.want)
			}
			before = run
		}
	})
}

func payinOf(all []reconcile.Payin, id string) reconcile.Payin {
	for _, p := range all {
		if p.PaymentID == id {
			return p
		}
	}
	return reconcile.Payin{}
}
