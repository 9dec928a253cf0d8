package reconcile

import (
	"context"
	"fmt"
	"sync"
)

// follower settles beside asking. It follows the verdicts as they are kept: what they come to, and up to which place of
// the selection all payins have one. It holds no more than the places of the payins that are in hand.
type follower struct {
	runner *Runner
	run    *Run
	lease  Lease
	usual  ProjectUsual

	mu     sync.Mutex
	weight Weight
	hand   map[int64]struct{} // places that were read to be asked about, and have no verdict yet
	seen   int64              // the last place that was read

	wake chan struct{} // there is something to settle
}

// askAndSettle asks about all payins of the run. From the moment on at which no answer could hold the run any more,
// it settles beside the asking. It returns the place up to which all payins are settled.
func (r *Runner) askAndSettle(ctx context.Context, run *Run, lease Lease) (settled int64, err error) {
	r = r.tellingInTurn()
	f, err := r.newFollower(ctx, run, lease)
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
		settled, settling = f.follow(ctx, asked)
		cancelOn(cancel, settling)
	})
	err = r.askFor(ctx, opening, lease, Span{}, f)
	cancelOn(cancel, err)
	close(asked)
	beside.Wait()
	if err == nil || context.Cause(ctx) == settling { //nolint:errorlint // which of the two it was
		return settled, settling
	}
	return settled, err
}

// tellingInTurn is the runner with stages that tell how far they are one at a time.
func (r *Runner) tellingInTurn() *Runner {
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

// newFollower weighs the verdicts that the run has already, if it broke off.
func (r *Runner) newFollower(ctx context.Context, run *Run, lease Lease) (*follower, error) {
	f := follower{runner: r, run: run, lease: lease, hand: make(map[int64]struct{}), wake: make(chan struct{}, 1)}
	var err error
	if f.weight, f.usual, err = r.weights(ctx, run, false); err != nil {
		return nil, err
	}
	if run.Judged > run.Settled {
		f.wake <- struct{}{}
	}
	return &f, nil
}

// read notes payins that are to be asked about.
func (f *follower) read(page []Finding) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range page {
		f.hand[page[i].Seq] = struct{}{}
	}
	f.seen = page[len(page)-1].Seq
}

// kept notes verdicts that are stored.
func (f *follower) kept(batch []Finding, rules *Rules) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range batch {
		delete(f.hand, batch[i].Seq)
		f.weight.Judged(&batch[i], rules)
	}
	select {
	case f.wake <- struct{}{}:
	default: // it is to look already
	}
}

// judged is the place up to which all payins have a verdict.
func (f *follower) judged() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	place := f.seen
	for seq := range f.hand {
		place = min(place, seq-1)
	}
	return place
}

// follow settles until all is asked. It returns the place up to which all payins are settled.
func (f *follower) follow(ctx context.Context, asked <-chan struct{}) (settled int64, err error) {
	for {
		select {
		case <-ctx.Done():
			return settled, nil // asking says why
		case <-asked:
			return settled, nil
		case <-f.wake:
		}
		if err := f.decide(ctx); err != nil {
			return settled, err
		}
		if f.run.Decision == "" {
			continue
		}
		judged := f.judged() // before all behind the last place is settled, and so these too
		if err := f.runner.settleBehind(ctx, f.run, f.lease, settled); err != nil {
			return settled, err
		}
		settled = judged
	}
}

// decide has the corrections written once no answer could hold the run any more. A dry run writes none, and need not
// wait; whether it would be held is said at its end.
func (f *follower) decide(ctx context.Context) error {
	f.mu.Lock()
	weight := f.weight
	f.mu.Unlock()
	decision := CorrectionApplied
	switch {
	case f.run.Decision != "":
		return nil // it broke off while it settled, and goes on as it began
	case f.run.DryRun:
		decision = CorrectionDryRun
	case !f.runner.Project.cannotHold(&weight, f.usual):
		return nil
	}
	if err := f.runner.Store.SaveCorrectionMode(ctx, f.lease, decision, weight, Reason{}); err != nil {
		return fmt.Errorf("decide: %w", err)
	}
	f.run.Decision = decision
	f.runner.Logger.Info("settling beside asking", "run", f.run.ID, "project", f.run.ProjectID,
		"judged", f.run.Selected-weight.Left, "left", weight.Left, "harmful", weight.Harmful, "decision", decision)
	return nil
}
