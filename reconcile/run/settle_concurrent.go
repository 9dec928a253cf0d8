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
	impact   reconcile.ImpactSummary
	unjudged map[int64]struct{} // positions that were read and have no verdict
	seen     int64              // the last position that was read

	wake chan struct{} // signals that there are verdicts to settle
}

// queryAndSettle queries all payins of the run. As soon as no further answer can hold the run, it settles concurrently.
// It returns the position up to which all payins are settled.
func (e *Engine) queryAndSettle(ctx context.Context, run *reconcile.Run) (settled int64, err error) {
	e = e.withSerialProgress()
	s, err := e.newSettler(ctx, run)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	asked := make(chan struct{})
	opening := *run
	var settling error
	var concurrent sync.WaitGroup
	concurrent.Go(func() {
		settled, settling = s.run(ctx, asked)
		cancelOn(cancel, settling)
	})
	err = e.query(ctx, opening, reconcile.Span{}, s)
	cancelOn(cancel, err)
	close(asked)
	concurrent.Wait()
	if err == nil || context.Cause(ctx) == settling { //nolint:errorlint // which of the two it was
		return settled, settling
	}
	return settled, err
}

// withSerialProgress returns an engine whose Progress is called by one stage at a time.
func (e *Engine) withSerialProgress() *Engine {
	turn := *e
	if e.Progress != nil {
		var mu sync.Mutex
		turn.Progress = func(p Progress) {
			mu.Lock()
			defer mu.Unlock()
			e.Progress(p)
		}
	}
	return &turn
}

// newSettler returns a settler. It sums up the verdicts of a resumed run.
func (e *Engine) newSettler(ctx context.Context, run *reconcile.Run) (*settler, error) {
	s := settler{engine: e, current: run, unjudged: make(map[int64]struct{}), wake: make(chan struct{}, 1)}
	var err error
	if s.impact, s.usual, err = e.summarise(ctx, run, false); err != nil {
		return nil, err
	}
	if run.Judged > run.Settled {
		s.wake <- struct{}{}
	}
	return &s, nil
}

// payinsRead adds payins that will be queried.
func (s *settler) payinsRead(page []reconcile.Finding) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range page {
		s.unjudged[page[i].Seq] = struct{}{}
	}
	s.seen = page[len(page)-1].Seq
}

// verdictsSaved adds verdicts that are stored.
func (s *settler) verdictsSaved(batch []reconcile.Finding, rules *reconcile.Rules) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range batch {
		delete(s.unjudged, batch[i].Seq)
		s.impact.Judged(&batch[i], rules)
	}
	select {
	case s.wake <- struct{}{}:
	default: // already signalled
	}
}

// judgedUpTo returns the position up to which all payins have a verdict.
func (s *settler) judgedUpTo() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	place := s.seen
	for seq := range s.unjudged {
		place = min(place, seq-1)
	}
	return place
}

// run settles until all payins are queried. It returns the position up to which all payins are settled.
func (s *settler) run(ctx context.Context, asked <-chan struct{}) (settled int64, err error) {
	for {
		select {
		case <-ctx.Done():
			return settled, nil // the query stage returns the error
		case <-asked:
			return settled, nil
		case <-s.wake:
		}
		if err := s.decideEarly(ctx); err != nil {
			return settled, err
		}
		if s.current.CorrectionMode == "" {
			continue
		}
		judged := s.judgedUpTo() // read before settleAfter, which settles at least these
		if err := s.engine.settleAfter(ctx, s.current, settled); err != nil {
			return settled, err
		}
		settled = judged
	}
}

// decideEarly decides that corrections are written, as soon as no further answer can hold the run. A dry run writes
// none, so it need not wait; its end reports whether it would be held.
func (s *settler) decideEarly(ctx context.Context) error {
	s.mu.Lock()
	impact := s.impact
	s.mu.Unlock()
	decision := reconcile.CorrectionApplied
	switch {
	case s.current.CorrectionMode != "":
		return nil // a resumed run that had begun to settle
	case s.current.DryRun:
		decision = reconcile.CorrectionDryRun
	case !s.engine.Project.CannotHold(&impact, s.usual):
		return nil
	}
	if err := s.engine.Store.SaveCorrectionMode(ctx, s.engine.lease, decision, impact, reconcile.Reason{}); err != nil {
		return fmt.Errorf("decide: %w", err)
	}
	s.current.CorrectionMode = decision
	s.engine.Logger.Info("settling while querying", "run", s.current.ID, "project", s.current.ProjectID,
		"judged", s.current.Selected-impact.Left, "left", impact.Left, "harmful", impact.Harmful, "decision", decision)
	return nil
}
