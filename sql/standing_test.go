package sql_test

import (
	"errors"
	"testing"

	"hhrecon/reconcile"
)

// TestStandings: two whole nights and a dry run between them; each payin has the step that it took, and a
// thousand others do not get in the way.
func TestStandings(t *testing.T) {
	conform(t, func(f *fixture) {
		const settled, still, overtaken, superseded, back, left, fresh, atOnce = "payin-0000", "payin-0001", "payin-0002", "payin-0003", "payin-0004", "payin-0005", "payin-0006", "payin-0007"
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
		got := make(map[string]reconcile.Step)
		for s, err := range f.s.Standings(f.ctx, before, second) {
			f.must(err)
			if step := second.Rules.Step(&s); step != "" {
				got[s.PaymentID] = step
				if want := payinOf(all, s.PaymentID); !s.CreatedAt.Equal(want.CreatedAt) || s.Amount != want.Amount || s.Currency != "KGS" {
					f.Errorf("%+v, want %+v", s, want)
				}
			}
		}
		equal(f, "steps", got, map[string]reconcile.Step{
			settled: reconcile.StepSettled, still: reconcile.StepStillOpen, overtaken: reconcile.StepOvertaken,
			superseded: reconcile.StepOvertaken, back: reconcile.StepCameBack, fresh: reconcile.StepNew, left: reconcile.StepStillOpen,
		})
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
