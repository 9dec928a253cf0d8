package run

import (
	"context"
	"fmt"
	"sync"

	"hhrecon/reconcile"
)

// settler settles verdicts while the run still queries other payins. A settler tracks the impact of the stored
// verdicts, and the position of the selection up to which all payins are judged. Only the positions of payins that were
// read and are not judged yet are in memory.
type settler struct {
	engine  *Engine
	current *reconcile.Run
	usual   reconcile.ProjectUsual

	mu       sync.Mutex
	impact   reconcile.ImpactSummary
	unjudged map[int64]struct{} // positions that were read and have no verdict yet
	seen     int64              // the last position that was read

	wake chan struct{} // signals that there are verdicts to settle
}

// queryAndSettle queries all payins of the run, and settles concurrently as soon as no further answer can make the run
// exceed a hold limit. The result is the position up to which all payins are settled.
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
	if err == nil || context.Cause(ctx) == settling { //nolint:errorlint // settling failed before querying failed
		return settled, settling
	}
	return settled, err
}

// withSerialProgress returns an engine that never calls Progress from two stages concurrently.
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

// newSettler returns a settler. For a resumed run, newSettler summarises the stored verdicts.
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

// payinsRead adds a page of payins that will be queried.
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

// verdictsSaved adds a batch of verdicts that were stored.
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
	default: // a signal is already pending
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

// run settles verdicts until all payins are queried. The result is the position up to which all payins are settled.
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
		judged := s.judgedUpTo() // read before settleAfter, which settles at least these verdicts
		if err := s.engine.settleAfter(ctx, s.current, settled); err != nil {
			return settled, err
		}
		settled = judged
	}
}

// decideEarly decides that corrections are written as soon as no further answer can make the run exceed a hold limit. A
// dry run waits too, because the forecast of holds counts only verdicts that are not settled.
func (s *settler) decideEarly(ctx context.Context) error {
	s.mu.Lock()
	impact := s.impact
	s.mu.Unlock()
	decision := reconcile.CorrectionApplied
	switch {
	case s.current.CorrectionMode != "":
		return nil // a resumed run keeps its earlier decision
	case !s.engine.Project.CannotHold(&impact, s.usual):
		return nil
	case s.current.DryRun:
		decision = reconcile.CorrectionDryRun
	}
	if err := s.engine.Store.SaveCorrectionMode(ctx, s.engine.lease, decision, impact, reconcile.Reason{}); err != nil {
		return fmt.Errorf("decide: %w", err)
	}
	s.current.CorrectionMode = decision
	s.engine.Logger.Info("settling while querying", "run", s.current.ID, "project", s.current.ProjectID,
		"judged", s.current.Selected-impact.Left, "left", impact.Left, "harmful", impact.Harmful, "decision", decision)
	return nil
}
