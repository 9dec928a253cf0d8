package reconcile

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hhrecon/highhelp"
)

// ask asks HighHelp about every payin of the span that has no verdict yet, judges the answers and
// keeps the verdicts. Three stages overlap, each with a bounded number of payins in hand: one reads
// ahead, some ask, one keeps in batches. Whatever ends it, the
// verdicts that were reached are kept.
func (r *Runner) ask(ctx context.Context, run Run, lease Lease, span Span) error {
	return r.askFor(ctx, run, lease, span, nil)
}

// askFor is ask, and tells a follower which payins are in hand.
func (r *Runner) askFor(ctx context.Context, run Run, lease Lease, span Span, f *follower) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	open := make(chan Finding, pageSize)
	judged := make(chan Finding, batchSize)

	var readers, workers, savers sync.WaitGroup
	readers.Go(func() {
		defer close(open)
		cancelOn(cancel, r.readOpen(ctx, run.ID, span, open, f))
	})
	rules := run.Rules // those of its opening: the settings may have changed since it broke off
	breaker := r.breaker
	if breaker == nil {
		breaker = r.newBreaker(run)
	}
	for range askers(r.Project.Concurrency) {
		workers.Go(func() { cancelOn(cancel, r.askAll(ctx, breaker, &rules, open, judged)) })
	}
	savers.Go(func() { cancelOn(cancel, r.saveJudged(ctx, cancel, run, lease, judged, f)) })

	readers.Wait()
	workers.Wait()
	close(judged)
	savers.Wait()
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	return nil
}

// askers is how many goroutines ask where so many requests may be under way at once. The gateway's client sees to that
// limit; the half on top have their next request signed by the time it lets one leave, so that signing fills no
// request's place. At the default rate and concurrency none of them waits so long that it must be signed again.
func askers(concurrency int) int {
	concurrency = max(1, concurrency)
	return concurrency + (concurrency+1)/2
}

func cancelOn(cancel context.CancelCauseFunc, err error) {
	if err != nil {
		cancel(err)
	}
}

// readOpen reads the span's payins ahead of those who ask, a page at a time.
func (r *Runner) readOpen(ctx context.Context, runID int64, span Span, open chan<- Finding, f *follower) error {
	for {
		page, err := r.Store.OpenPayins(ctx, runID, span, pageSize)
		if err != nil {
			return fmt.Errorf("read open payins: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		f.read(page)
		for _, payin := range page {
			select {
			case open <- payin:
			case <-ctx.Done():
				return nil
			}
		}
		span.After = page[len(page)-1].Seq
	}
}

// askAll asks about one payin after the other and judges each.
func (r *Runner) askAll(
	ctx context.Context, b *breaker, rules *Rules, open <-chan Finding, judged chan<- Finding,
) error {
	for payin := range open {
		if payin.fault() != 0 {
			judged <- findingOf(payin.Payin, payin.Seq, &Answer{Result: ResultNotAsked, At: r.Now()}, rules)
			continue
		}
		answer, err := r.askOne(ctx, b, payin.PaymentID)
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
func (r *Runner) askOne(ctx context.Context, b *breaker, paymentID string) (Answer, error) {
	for {
		permit := b.acquire(ctx)
		if !permit.ok {
			return Answer{Result: ResultNotAsked, At: r.Now()}, nil
		}
		info, err := r.Gateway.PayinInfo(ctx, paymentID)
		answer := answerOf(info, err, r.Now())
		// Refused keys are an answer, and a stop of the run says nothing about HighHelp.
		answered := answer.Result != ResultUnreachable || errors.Is(err, highhelp.ErrUnauthorized) || ctx.Err() != nil
		again := b.report(permit, answered)
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
func (r *Runner) saveJudged(ctx context.Context, cancel context.CancelCauseFunc, run Run, lease Lease, judged <-chan Finding, f *follower) error {
	tick := time.NewTicker(flushAfter)
	defer tick.Stop()
	batch := make([]Finding, 0, batchSize)
	done := run.Judged
	var failed error
	save := func() {
		if len(batch) == 0 || failed != nil {
			return
		}
		keep, kept := inHand(ctx) // however long a batch that is settled keeps the run's row to itself
		defer kept()
		if failed = r.Store.SaveVerdicts(keep, lease, batch); failed != nil {
			cancel(fmt.Errorf("keep verdicts: %w", failed))
			return
		}
		f.kept(batch, &run.Rules)
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
