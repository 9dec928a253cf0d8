package run

import (
	"context"
	"fmt"
	"sync"

	"hhrecon/reconcile"
)

// settler settles while the run still queries. It tracks the stored verdicts: their impact, and up to which position of
// the selection all payins are judged. It stores only the positions of unjudged payins that were read.
type settler struct {
	engine  *Engine
	current *reconcile.Run
	usual   reconcile.ProjectUsual

	mu       sync.Mutex
	weight   reconcile.ImpactSummary
	unjudged map[int64]struct{} // positions that were read and have no verdict
	seen     int64              // the last position that was read

	wake chan struct{} // signals that there are verdicts to settle
}

// queryAndSettle queries all payins of the run. As soon as no further answer can hold the run, it settles concurrently.
// It returns the position up to which all payins are settled.
func (r *Engine) queryAndSettle(ctx context.Context, run *reconcile.Run) (settled int64, err error) {
	r = r.withSerialProgress()
	f, err := r.newSettler(ctx, run)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	asked := make(chan struct{})
	opening := *run
	var settling error
	var beside sync.WaitGroup
	beside.Go(func() {
		settled, settling = f.run(ctx, asked)
		cancelOn(cancel, settling)
	})
	err = r.query(ctx, opening, reconcile.Span{}, f)
	cancelOn(cancel, err)
	close(asked)
	beside.Wait()
	if err == nil || context.Cause(ctx) == settling { //nolint:errorlint // which of the two it was
		return settled, settling
	}
	return settled, err
}

// withSerialProgress returns an engine whose Progress is called by one stage at a time.
func (r *Engine) withSerialProgress() *Engine {
	turn := *r
	if r.Progress != nil {
		var mu sync.Mutex
		turn.Progress = func(p Progress) {
			mu.Lock()
			defer mu.Unlock()
			r.Progress(p)
		}
	}
	return &turn
}

// newSettler returns a settler. It sums up the verdicts of a resumed run.
func (r *Engine) newSettler(ctx context.Context, run *reconcile.Run) (*settler, error) {
	f := settler{engine: r, current: run, unjudged: make(map[int64]struct{}), wake: make(chan struct{}, 1)}
	var err error
	if f.weight, f.usual, err = r.summarize(ctx, run, false); err != nil {
		return nil, err
	}
	if run.Judged > run.Settled {
		f.wake <- struct{}{}
	}
	return &f, nil
}

// payinsRead adds payins that will be queried.
func (f *settler) payinsRead(page []reconcile.Finding) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range page {
		f.unjudged[page[i].Seq] = struct{}{}
	}
	f.seen = page[len(page)-1].Seq
}

// verdictsSaved adds verdicts that are stored.
func (f *settler) verdictsSaved(batch []reconcile.Finding, rules *reconcile.Rules) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range batch {
		delete(f.unjudged, batch[i].Seq)
		f.weight.Judged(&batch[i], rules)
	}
	select {
	case f.wake <- struct{}{}:
	default: // already signalled
	}
}

// judgedUpTo returns the position up to which all payins have a verdict.
func (f *settler) judgedUpTo() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	place := f.seen
	for seq := range f.unjudged {
		place = min(place, seq-1)
	}
	return place
}

// run settles until all payins are queried. It returns the position up to which all payins are settled.
func (f *settler) run(ctx context.Context, asked <-chan struct{}) (settled int64, err error) {
	for {
		select {
		case <-ctx.Done():
			return settled, nil // the query stage returns the error
		case <-asked:
			return settled, nil
		case <-f.wake:
		}
		if err := f.decideEarly(ctx); err != nil {
			return settled, err
		}
		if f.current.CorrectionMode == "" {
			continue
		}
		judged := f.judgedUpTo() // read before settleAfter, which settles at least these
		if err := f.engine.settleAfter(ctx, f.current, settled); err != nil {
			return settled, err
		}
		settled = judged
	}
}

// decideEarly decides that corrections are written, as soon as no further answer can hold the run. A dry run writes
// none, so it need not wait; its end reports whether it would be held.
func (f *settler) decideEarly(ctx context.Context) error {
	f.mu.Lock()
	weight := f.weight
	f.mu.Unlock()
	decision := reconcile.CorrectionApplied
	switch {
	case f.current.CorrectionMode != "":
		return nil // a resumed run that had begun to settle
	case f.current.DryRun:
		decision = reconcile.CorrectionDryRun
	case !f.engine.Project.CannotHold(&weight, f.usual):
		return nil
	}
	if err := f.engine.Store.SaveCorrectionMode(ctx, f.engine.lease, decision, weight, reconcile.Reason{}); err != nil {
		return fmt.Errorf("decide: %w", err)
	}
	f.current.CorrectionMode = decision
	f.engine.Logger.Info("settling while querying", "run", f.current.ID, "project", f.current.ProjectID,
		"judged", f.current.Selected-weight.Left, "left", weight.Left, "harmful", weight.Harmful, "decision", decision)
	return nil
}
