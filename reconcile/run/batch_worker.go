package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hhrecon/reconcile"
)

// BatchWorker works on the batches of one project's queued runs, several at a time, in one process. Any number of
// processes may have one.
type BatchWorker struct {
	Engine *Engine
	Queue  Queue
	Worker string // this process, for people
	// LeaseTime is how long a worker may be silent before its batch is another's; default BatchLeaseTime.
	LeaseTime time.Duration
	// Close reports a run that was closed just now, or before by a worker that may have died before it had reported it.
	Close func(ctx context.Context, run reconcile.Run, before bool) error
	// Broken tells of a run that was interrupted here.
	Broken func(ctx context.Context, run reconcile.Run, why error)
	// Observe counts what became of a batch; may be nil.
	Observe func(BatchResult)

	mu      sync.Mutex
	token   string // of the lease of the run that is worked on
	run     reconcile.Run
	breaker *breaker
	keys    *keyCheck
}

// BatchResult is what became of a batch in a worker's hands.
type BatchResult string

// The results of a batch.
const (
	BatchDone      BatchResult = "done"
	BatchReleased  BatchResult = "given_back" // the worker was stopped
	BatchFailed    BatchResult = "failed"     // it is tried again
	BatchLost      BatchResult = "lost"       // another worker or process has it, or the run was stopped
	BatchReclaimed BatchResult = "taken_over" // it was taken from a worker that was silent
	RunReclaimed   BatchResult = "run_taken_over"
)

// BatchResults lists them all.
var BatchResults = []BatchResult{BatchDone, BatchReleased, BatchFailed, BatchLost, BatchReclaimed, RunReclaimed}

// Do sees one batch through, where there is anything to do for it. An error has been dealt with: it is for the log.
func (c *BatchWorker) Do(ctx context.Context, b Batch) error {
	claim, err := c.Queue.ClaimBatch(ctx, b, c.Worker, reconcile.LeaseExpired)
	var stopped *reconcile.StopError
	switch {
	case errors.Is(err, ErrNoBatch):
		return nil
	case errors.Is(err, ErrRunExpired):
		return c.reclaim(ctx, b.RunID)
	case errors.As(err, &stopped): // nobody else may have a batch in hand who would hear of it
		run, r, failed := c.loadRun(ctx, claim)
		return errors.Join(failed, c.interrupt(ctx, r, run, claim, err))
	case err != nil:
		return fmt.Errorf("claim batch %d of run %d: %w", b.Number, b.RunID, err)
	}
	began := time.Now()
	run, r, err := c.loadRun(ctx, claim)
	if err == nil {
		err = c.work(ctx, r, run, claim)
	}
	return c.finish(ctx, r, run, claim, began, err)
}

// work does what the batch is about, and gives signs of life meanwhile.
func (c *BatchWorker) work(ctx context.Context, r *Engine, run reconcile.Run, claim Claim) error {
	ctx, stop := r.startHeartbeat(ctx, claim.Lease)
	defer stop()
	if claim.Number != LastBatch {
		return r.query(ctx, run, claim.Lease, claim.Span)
	}
	var err error
	if !claim.Closed {
		if run, err = r.settleAndClose(ctx, run, claim.Lease, 0); err != nil {
			return err
		}
	}
	return c.Close(ctx, run, claim.Closed)
}

// loadRun reads a run once for all its batches here; the last one needs it as it stands.
func (c *BatchWorker) loadRun(ctx context.Context, claim Claim) (reconcile.Run, *Engine, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := *c.Engine
	own.Store, own.Progress, own.Opened = claimedStore{own.Store, c.Queue, claim}, nil, nil
	if c.token != claim.Lease.Token || claim.Number == LastBatch {
		run, err := c.Queue.Run(ctx, claim.RunID)
		if err != nil {
			return reconcile.Run{ID: claim.RunID, ProjectID: claim.Lease.ProjectID}, &own, fmt.Errorf("read run: %w", err)
		}
		if c.token != claim.Lease.Token { // a project has one run at a time
			keys, err := own.keysOf(ctx, &run)
			if err != nil {
				return run, &own, err
			}
			c.token, c.breaker, c.keys = claim.Lease.Token, own.newBreaker(run), keys
		}
		c.run = run
	}
	own.breaker, own.keys = c.breaker, c.keys
	return c.run, &own, nil
}

// claimedStore is a store for whom a sign of life is one for the batch too.
type claimedStore struct {
	Store
	queue Queue
	claim Claim
}

func (s claimedStore) Heartbeat(ctx context.Context, _ reconcile.Lease) error {
	return s.queue.HeartbeatBatch(ctx, s.claim)
}

// finish notes what became of a batch, be the process about to end too.
func (c *BatchWorker) finish(ctx context.Context, r *Engine, run reconcile.Run, claim Claim, began time.Time,
	err error) error {
	note, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
	defer cancel()
	log := r.Logger.With("run", claim.RunID, "project", claim.Lease.ProjectID, "batch", claim.Number, "attempt",
		claim.Attempt,
		"took", time.Since(began).Round(time.Millisecond))
	var stopped *reconcile.StopError
	switch {
	case err == nil:
		if err = c.Queue.EndBatch(note, claim); err == nil {
			log.Info("batch done")
			c.observe(BatchDone)
			return nil
		}
	case errors.As(err, &stopped):
		return c.interrupt(note, r, run, claim, err)
	case ctx.Err() != nil && !errors.Is(err, reconcile.ErrRunLost):
		log.Info("batch given back: this worker is stopped")
		c.observe(BatchReleased)
		return c.Queue.ReleaseBatch(note, claim, false)
	}
	if errors.Is(err, reconcile.ErrRunLost) {
		log.Warn("batch lost to another process", "error", err)
		c.observe(BatchLost)
		return nil
	}
	log.Error("batch failed", "error", err)
	c.observe(BatchFailed)
	switch {
	case claim.Attempt < maxAttempts:
		return errors.Join(err, c.Queue.ReleaseBatch(note, claim, true))
	case claim.Closed: // nothing more is to be done for the run than hhrecon report can
		return errors.Join(err, c.Queue.EndBatch(note, claim))
	}
	return c.interrupt(note, r, run, claim, fmt.Errorf("batch %d failed %d times: %w", claim.Number, claim.Attempt, err))
}

// interrupt stops the run for all who work on it. Of several who would only one does, and tells.
func (c *BatchWorker) interrupt(ctx context.Context, r *Engine, run reconcile.Run, claim Claim, why error) error {
	interrupted, err := r.interrupt(ctx, run, claim.Lease, why)
	c.observe(BatchLost)
	if interrupted.State == reconcile.Interrupted {
		c.Broken(ctx, interrupted, why)
	}
	return err
}

// Sweep queues batches again whose workers are silent, and takes runs over for which all are. Every worker calls it
// every SweepEvery.
func (c *BatchWorker) Sweep(ctx context.Context) error {
	freed, err := c.Queue.RequeueStale(ctx, c.Engine.Project.ID, cmp.Or(c.LeaseTime, BatchLeaseTime))
	if err != nil {
		return fmt.Errorf("look for batches of silent workers: %w", err)
	}
	for range freed {
		c.observe(BatchReclaimed)
	}
	if freed > 0 {
		c.Engine.Logger.Warn("batches of silent workers are queued again", "project", c.Engine.Project.ID, "batches", freed)
	}
	silent, err := c.Queue.ExpiredRuns(ctx, c.Engine.Project.ID)
	if err != nil {
		return fmt.Errorf("look for runs without workers: %w", err)
	}
	for _, id := range silent {
		if err := c.reclaim(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// reclaim queues a run again whose workers are all dead. Another process may be faster.
func (c *BatchWorker) reclaim(ctx context.Context, runID int64) error {
	_, err := c.Engine.Requeue(ctx, runID)
	var held *reconcile.HeldError
	if errors.As(err, &held) || errors.Is(err, reconcile.ErrRunClosed) || errors.Is(err, reconcile.ErrNoRun) {
		return nil
	}
	if err == nil {
		c.observe(RunReclaimed)
	}
	return err
}

func (c *BatchWorker) observe(result BatchResult) {
	if c.Observe != nil {
		c.Observe(result)
	}
}
