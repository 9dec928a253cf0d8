package sql_test

import (
	"context"
	"errors"
	"testing"

	"hhrecon/reconcile"
)

// TestFollow: whoever follows a run has its findings as whoever reads them afterwards, in their order; and where the run settles no
// more, the context's end is told.
func TestFollow(t *testing.T) {
	conform(t, func(f *fixture) {
		const many = 1234 // more than a page
		f.save(payins(many)...)
		run, l := f.open(nightly("a"))
		f.judge(l, mixed)

		ctx, stop := context.WithCancel(f.ctx)
		defer stop()
		type end struct {
			followed []reconcile.Finding
			err      error
		}
		ended := make(chan end)
		follow := func() {
			var e end
			for one, err := range f.s.Follow(ctx, run) {
				if e.err = err; err == nil {
					e.followed = append(e.followed, one)
				}
			}
			ended <- e
		}
		go follow()
		f.end(l, reconcile.CorrectionApplied)
		e := <-ended
		f.must(e.err)
		equal(f, "followed", len(e.followed), many)
		for i, one := range f.findings(reconcile.Scope{RunID: run.ID}) {
			equal(f, one.PaymentID, e.followed[i], one)
		}

		run.Selected++ // one that never comes
		go follow()
		stop()
		if e := <-ended; !errors.Is(e.err, context.Canceled) {
			f.Errorf("the end of the context is told as %v", e.err)
		}
	})
}
