package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// query queries each payin of a Span that has no verdict, judges the answers and stores the verdicts. Three stages run
// concurrently: reading ahead, querying by several workers, and storing in batches. The number of payins in each stage
// is limited. Verdicts are stored even after an error. query informs the settler of the payins that were read and of
// the payins that were judged. A nil settler is allowed.
func (e *Engine) query(ctx context.Context, run reconcile.Run, span reconcile.Span, f *settler) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	open := make(chan reconcile.Finding, pageSize)
	judged := make(chan reconcile.Finding, batchSize)

	var readers, workers, savers sync.WaitGroup
	readers.Go(func() {
		defer close(open)
		cancelOn(cancel, e.readOpen(ctx, run.ID, span, open, f))
	})
	rules := run.Rules // the rules from the opening of the run, since the settings may have changed
	breaker, keys := e.breaker, cmp.Or(e.keys, newKeyCheck())
	if breaker == nil {
		breaker = e.newBreaker(run)
	}
	for range workerCount(e.Project.Concurrency) {
		workers.Go(func() { e.queryPayins(ctx, breaker, keys, &rules, open, judged) })
	}
	savers.Go(func() { cancelOn(cancel, e.saveVerdicts(ctx, cancel, run, judged, f)) })

	readers.Wait()
	workers.Wait()
	close(judged)
	savers.Wait()
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	return nil
}

// workerCount returns the number of workers for a limit of concurrent requests. The gateway's client enforces the
// limit. The number of workers is 1.5 times the limit. The additional workers sign their next requests while they wait.
// With the default rate and concurrency, no signature expires during this wait.
func workerCount(concurrency int) int {
	concurrency = max(1, concurrency)
	return concurrency + (concurrency+1)/2
}

func cancelOn(cancel context.CancelCauseFunc, err error) {
	if err != nil {
		cancel(err)
	}
}

// readOpen reads the payins of a Span in pages, before the workers need these payins.
func (e *Engine) readOpen(ctx context.Context, runID int64, span reconcile.Span, open chan<- reconcile.Finding,
	f *settler) error {
	for {
		page, err := e.Store.UnjudgedPayins(ctx, runID, span, pageSize)
		if err != nil {
			return fmt.Errorf("read open payins: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		f.payinsRead(page)
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

// queryPayins queries the payins of one worker, one at a time, and judges the answers.
func (e *Engine) queryPayins(ctx context.Context, b *breaker, keys *keyCheck, rules *reconcile.Rules,
	open <-chan reconcile.Finding, judged chan<- reconcile.Finding) {
	for payin := range open {
		if payin.Fault() != 0 {
			judged <- reconcile.NewFinding(payin.Payin, payin.Seq,
				&reconcile.Answer{Result: reconcile.ResultNotAsked, At: e.Now()}, rules)
			continue
		}
		answer := e.queryPayin(ctx, b, keys, payin.PaymentID)
		if ctx.Err() != nil && (answer.Result == reconcile.ResultUnreachable || answer.Result == reconcile.ResultNotAsked) {
			return // the run is stopped, and the query of this payin is not complete
		}
		finding := reconcile.NewFinding(payin.Payin, payin.Seq, &answer, rules)
		// The goroutine waits for the channel even if the run is stopped, because judged payins must be stored.
		_ = answersInMemory.Acquire(context.WithoutCancel(ctx), int64(len(finding.Answer)))
		judged <- finding
	}
}

// Limits on the size of answers in memory, for all runs of the process together. Storing an answer needs several times
// its size. The limits keep the total below 64 MiB.
const (
	maxAnswerBytes = 8 << 20 // bytes of answers that are judged but not stored yet
	batchBytes     = 2 << 20 // bytes of answers in one batch, approximately
)

var answersInMemory = semaphore.NewWeighted(maxAnswerBytes)

// queryPayin queries one payin. After an outage it queries the payin again.
func (e *Engine) queryPayin(ctx context.Context, b *breaker, keys *keyCheck, paymentID string) reconcile.Answer {
	for {
		permit := b.acquire(ctx)
		if permit == nil {
			return reconcile.Answer{Result: reconcile.ResultNotAsked, At: e.Now()}
		}
		if refused := keys.begin(); refused != nil {
			b.report(permit, true)
			return reconcile.Answer{Result: reconcile.ResultNotAsked, Problem: reconcile.ProblemOf(refused), At: e.Now()}
		}
		asking, done := keys.queryContext(ctx)
		info, err := e.Gateway.PayinInfo(asking, paymentID)
		answer := reconcile.NewAnswer(info, err, e.Now())
		stopped := asking.Err() != nil
		done()
		// For the breaker, a refusal of the keys is an answer, and a stopped query is not a failure of HighHelp.
		again := b.report(permit, answer.Result != reconcile.ResultUnreachable || stopped)
		refused := errors.Is(err, highhelp.ErrUnauthorized)
		switch keysErr := keys.end(err); {
		case keysErr != nil && refused:
			answer.Result = reconcile.ResultUnreachable
		case keysErr != nil && stopped:
			return reconcile.Answer{Result: reconcile.ResultNotAsked, Problem: reconcile.ProblemOf(keysErr), At: e.Now()}
		case refused:
			answer.Problem.Code = "call.payin_refused"
		}
		if !again || ctx.Err() != nil {
			return answer
		}
	}
}

// maxRefusals is the number of consecutive refusals (401 or 403) after which the keys count as refused.
const maxRefusals = 5

// keyCheck finds out whether HighHelp refuses the keys or only single payins. If the keys are refused, the run stops
// querying, since HighHelp may lock the project after further requests. If the first payins of a run are refused, no
// new query starts until the queries in flight are answered.
type keyCheck struct {
	good context.Context // cancelled when the keys are refused
	stop context.CancelCauseFunc

	mu       sync.Mutex
	changed  *sync.Cond
	pending  int  // number of queries in flight
	answered bool // HighHelp has accepted the keys
	refusals int  // number of consecutive refusals
}

func newKeyCheck() *keyCheck {
	k := new(keyCheck)
	k.good, k.stop = context.WithCancelCause(context.Background())
	k.changed = sync.NewCond(&k.mu)
	return k
}

// refusal returns the error because of which querying has stopped, or nil while querying continues.
func (k *keyCheck) refusal() error { return context.Cause(k.good) }

// queryContext returns the context of one query. The query's context ends when the run's context ends, or when the keys
// are refused.
func (k *keyCheck) queryContext(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	unlink := context.AfterFunc(k.good, cancel)
	return ctx, func() { unlink(); cancel() }
}

// begin waits while it is unknown whether the keys are valid. If the keys are refused, begin returns an error.
// Otherwise the caller must call end after the query.
func (k *keyCheck) begin() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.refusals > 0 && !k.answered && k.refusal() == nil {
		k.changed.Wait()
	}
	if err := k.refusal(); err != nil {
		return err
	}
	k.pending++
	return nil
}

// end stores the result of a query, and returns an error if the keys are refused.
func (k *keyCheck) end(err error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pending--
	k.changed.Broadcast()
	if !errors.Is(err, highhelp.ErrUnauthorized) {
		if err == nil || errors.Is(err, highhelp.ErrNotFound) || errors.Is(err, highhelp.ErrMalformed) {
			k.answered, k.refusals = true, 0
		}
		return k.refusal()
	}
	k.refusals++
	for k.refusal() == nil {
		switch {
		case k.refusals >= maxRefusals, !k.answered && k.pending == 0:
			k.stop(err)
			k.changed.Broadcast()
		case k.answered:
			return nil
		default:
			k.changed.Wait()
		}
	}
	return k.refusal()
}

// saveVerdicts stores verdicts in batches, each after at most flushAfter. After a stop, saveVerdicts stores the
// remaining verdicts. saveVerdicts reads all verdicts from the channel, even if the database returns an error.
func (e *Engine) saveVerdicts(ctx context.Context, cancel context.CancelCauseFunc, run reconcile.Run,
	judged <-chan reconcile.Finding, f *settler) error {
	tick := time.NewTicker(flushAfter)
	defer tick.Stop()
	batch, bytes := make([]reconcile.Finding, 0, batchSize), int64(0)
	done := run.Judged
	var failed error
	save := func() {
		defer func() {
			answersInMemory.Release(bytes)
			clear(batch) // lets the garbage collector free the answers
			batch, bytes = batch[:0], 0
		}()
		if len(batch) == 0 || failed != nil {
			return
		}
		keep, kept := graceContext(ctx) // storing may wait for a long settle transaction, which locks the run's row
		defer kept()
		if failed = e.Store.SaveVerdicts(keep, e.lease, batch); failed != nil {
			cancel(fmt.Errorf("store verdicts: %w", failed))
			return
		}
		f.verdictsSaved(batch, &run.Rules)
		done += int64(len(batch))
		e.progress(run, "ask", done)
	}
	for {
		select {
		case finding, more := <-judged:
			if !more {
				save()
				return failed
			}
			batch, bytes = append(batch, finding), bytes+int64(len(finding.Answer))
			if len(batch) == batchSize || bytes >= batchBytes {
				save()
			}
		case <-tick.C:
			save()
		}
	}
}

// askAgainFor limits the duration of AskAgain. The first answers are then not too old when the last answer arrives.
const askAgainFor = reconcile.MaxAnswerAge - time.Minute

// AskAgain returns an implementation of reconcile.AskAgain for one action of a person. All its calls share one
// breaker and one keyCheck.
func (e *Engine) AskAgain(ctx context.Context, rules reconcile.Rules,
	findings []reconcile.Finding) ([]reconcile.Finding, error) {
	if e.breaker == nil {
		e.breaker, e.keys = newBreaker(e.Project.Outage, e.Outage, e.Logger.With("project", e.Project.ID)), newKeyCheck()
	}
	limited, stop := context.WithTimeout(ctx, askAgainFor)
	defer stop()
	rules.Now = e.Now()
	open, judged := make(chan reconcile.Finding), make(chan reconcile.Finding, len(findings))
	var workers sync.WaitGroup
	for range min(workerCount(e.Project.Concurrency), len(findings)) {
		workers.Go(func() { e.queryPayins(limited, e.breaker, e.keys, &rules, open, judged) })
	}
feed:
	for _, f := range findings {
		select {
		case open <- f:
		case <-limited.Done():
			break feed
		}
	}
	close(open)
	workers.Wait()
	close(judged)
	answers := make([]reconcile.Finding, 0, len(findings))
	for f := range judged {
		answers = append(answers, f)
	}
	if err := cmp.Or(context.Cause(ctx), e.keys.refusal()); err != nil {
		return nil, fmt.Errorf("ask again: %w", err)
	}
	return answers, nil
}
