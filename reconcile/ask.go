package reconcile

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hhrecon/highhelp"
)

// ask asks HighHelp about every payin of the run that has no verdict yet, judges the answers and
// keeps the verdicts. Three stages overlap, each with a bounded number of payins in hand: one reads
// ahead, as many ask as the project's concurrency allows, one keeps in batches. Whatever ends it, the
// verdicts that were reached are kept.
func (r *Runner) ask(ctx context.Context, run Run, lease Lease) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	open := make(chan Finding, pageSize)
	judged := make(chan Finding, batchSize)

	var readers, workers, savers sync.WaitGroup
	readers.Go(func() {
		defer close(open)
		cancelOn(cancel, r.readOpen(ctx, run.ID, open))
	})
	rules := run.Rules // those of its opening: the settings may have changed since it broke off
	gate := newGate(r.Project.Outage, r.Logger.With("run", run.ID, "project", run.ProjectID))
	for range max(1, r.Project.Concurrency) {
		workers.Go(func() { cancelOn(cancel, r.askAll(ctx, gate, &rules, open, judged)) })
	}
	savers.Go(func() { cancelOn(cancel, r.saveJudged(ctx, cancel, run, lease, judged)) })

	readers.Wait()
	workers.Wait()
	close(judged)
	savers.Wait()
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	return nil
}

func cancelOn(cancel context.CancelCauseFunc, err error) {
	if err != nil {
		cancel(err)
	}
}

// readOpen reads the run's payins ahead of those who ask, a page at a time.
func (r *Runner) readOpen(ctx context.Context, runID int64, open chan<- Finding) error {
	var last int64
	for {
		page, err := r.Store.OpenPayins(ctx, runID, last, pageSize)
		if err != nil {
			return fmt.Errorf("read open payins: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		for _, payin := range page {
			select {
			case open <- payin:
			case <-ctx.Done():
				return nil
			}
		}
		last = page[len(page)-1].Seq
	}
}

// askAll asks about one payin after the other and judges each.
func (r *Runner) askAll(ctx context.Context, g *gate, rules *Rules, open <-chan Finding, judged chan<- Finding) error {
	for payin := range open {
		answer, err := r.askOne(ctx, g, payin.PaymentID)
		if err != nil {
			return err
		}
		if ctx.Err() != nil && (answer.Result == ResultUnreachable || answer.Result == ResultNotAsked) {
			return nil // the run stops; this payin was not asked about to an end
		}
		judged <- findingOf(payin.Payin, payin.Seq, &answer, rules)
	}
	return nil
}

// askOne asks about one payin, after an outage as often as need be. Only keys that HighHelp refuses
// are an error: asking on would lock the register.
func (r *Runner) askOne(ctx context.Context, g *gate, paymentID string) (Answer, error) {
	for {
		ticket := g.pass(ctx)
		if !ticket.ok {
			return Answer{Result: ResultNotAsked, Problem: "it was not asked, being down for too long", At: r.Now()}, nil
		}
		info, err := r.Gateway.PayinInfo(ctx, paymentID)
		answer := answerOf(info, err, r.Now())
		// Refused keys are an answer, and a stop of the run says nothing about HighHelp.
		answered := answer.Result != ResultUnreachable || errors.Is(err, highhelp.ErrUnauthorized) || ctx.Err() != nil
		again := g.result(ticket, answered)
		switch {
		case errors.Is(err, highhelp.ErrUnauthorized):
			return answer, err
		case !again || ctx.Err() != nil:
			return answer, nil //nolint:nilerr // a failure of the gateway is a result, in the answer
		}
	}
}

// saveJudged keeps verdicts in batches, and sees to it that none waits long. It goes on after a stop
// until all that was judged is kept, and empties the channel even when keeping fails.
func (r *Runner) saveJudged(ctx context.Context, cancel context.CancelCauseFunc, run Run, lease Lease, judged <-chan Finding) error {
	tick := time.NewTicker(flushAfter)
	defer tick.Stop()
	batch := make([]Finding, 0, batchSize)
	done := run.Judged
	var failed error
	save := func() {
		if len(batch) == 0 || failed != nil {
			return
		}
		keep, stop := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer stop()
		if failed = r.Store.SaveVerdicts(keep, lease, batch); failed != nil {
			cancel(fmt.Errorf("keep verdicts: %w", failed))
			return
		}
		done += int64(len(batch))
		batch = batch[:0]
		r.progress(run, "ask", done)
	}
	for {
		select {
		case finding, more := <-judged:
			if !more {
				save()
				return failed
			}
			if failed != nil {
				continue
			}
			if batch = append(batch, finding); len(batch) == batchSize {
				save()
			}
		case <-tick.C:
			save()
		}
	}
}
