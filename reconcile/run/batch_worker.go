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

// BatchWorker processes batches of one project's queued runs, several concurrently. Any number of processes may use a
// BatchWorker.
type BatchWorker struct {
	Engine *Engine
	Queue  Queue
	Worker string // name of this process, for people
	// LeaseTime is the time without a heartbeat after which a worker's batch is requeued. The default is
	// BatchLeaseTime.
	LeaseTime time.Duration
	// Close publishes the result of a closed run. before is true if an earlier worker closed the run. The earlier
	// worker may have ended before it published the result.
	Close func(ctx context.Context, run reconcile.Run, before bool) error
	// Broken is called when this worker has interrupted a run.
	Broken func(ctx context.Context, run reconcile.Run, why error)
	// Observe is called with the result of each batch. Observe may be nil.
	Observe func(BatchResult)

	mu      sync.Mutex
	token   string // token of the cached run's lease
	run     reconcile.Run
	breaker *breaker
	keys    *keyCheck
}

// BatchResult is the result of a batch for one worker.
type BatchResult string

// The results of a batch.
const (
	BatchDone      BatchResult = "done"
	BatchReleased  BatchResult = "given_back" // the worker stopped before the batch was done
	BatchFailed    BatchResult = "failed"     // the batch is tried again after an error
	BatchLost      BatchResult = "lost"       // another process has the batch or the run, or the run was stopped
	BatchReclaimed BatchResult = "taken_over" // the batch was claimed after another worker stopped sending heartbeats
	RunReclaimed   BatchResult = "run_taken_over"
)

// BatchResults lists all results.
var BatchResults = []BatchResult{BatchDone, BatchReleased, BatchFailed, BatchLost, BatchReclaimed, RunReclaimed}

// Do processes one batch, unless another worker has the batch or the batch is done. The caller should log the error and
// continue.
func (w *BatchWorker) Do(ctx context.Context, b Batch) error {
	claim, err := w.Queue.ClaimBatch(ctx, b, w.Worker, reconcile.LeaseExpired)
	switch {
	case errors.Is(err, ErrNoBatch):
		return nil
	case errors.Is(err, ErrRunExpired):
		return w.reclaim(ctx, b.RunID)
	case reconcile.IsType[*reconcile.StopError](err):
		// No worker may claim a batch of a stopped run, so this worker interrupts the run.
		run, e, failed := w.loadRun(ctx, claim)
		return errors.Join(failed, w.interrupt(ctx, e, run, err))
	case err != nil:
		return fmt.Errorf("claim batch %d of run %d: %w", b.Number, b.RunID, err)
	}
	began := time.Now()
	run, e, err := w.loadRun(ctx, claim)
	if err == nil {
		err = w.work(ctx, e, run, claim)
	}
	return w.finish(ctx, e, run, claim, began, err)
}

// work processes the claimed batch, and sends heartbeats at the same time.
func (w *BatchWorker) work(ctx context.Context, e *Engine, run reconcile.Run, claim Claim) error {
	ctx, stop := e.startHeartbeat(ctx)
	defer stop()
	if claim.Number != LastBatch {
		return e.query(ctx, run, claim.Span, nil)
	}
	var err error
	if !claim.Closed {
		if run, err = e.settleAndClose(ctx, run, 0); err != nil {
			return err
		}
	}
	return w.Close(ctx, run, claim.Closed)
}

// loadRun returns the run. This process caches the run for all its batches. For the last batch of a run, loadRun
// reads the run again. loadRun returns ErrShadow if the run writes corrections, but the project is now in shadow.
func (w *BatchWorker) loadRun(ctx context.Context, claim Claim) (reconcile.Run, *Engine, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	own := *w.Engine
	own.Store, own.lease, own.Progress, own.Opened = claimedStore{own.Store, w.Queue, claim}, claim.Lease, nil, nil
	if w.token != claim.Lease.Token || claim.Number == LastBatch {
		run, err := w.Queue.Run(ctx, claim.RunID)
		if err != nil {
			return reconcile.Run{ID: claim.RunID, ProjectID: claim.Lease.ProjectID}, &own, fmt.Errorf("read run: %w", err)
		}
		if w.token != claim.Lease.Token { // a cache of one run is enough, because a project has only one run at a time
			keys, err := own.keysOf(ctx, &run)
			if err != nil {
				return run, &own, err
			}
			w.token, w.breaker, w.keys = claim.Lease.Token, own.newBreaker(run), keys
		}
		w.run = run
	}
	own.breaker, own.keys = w.breaker, w.keys
	if own.Project.Shadow && !w.run.DryRun && !claim.Closed {
		return w.run, &own, reconcile.ErrShadow
	}
	return w.run, &own, nil
}

// claimedStore is a Store. Heartbeats of a claimedStore also extend the claim of the batch.
type claimedStore struct {
	Store
	queue Queue
	claim Claim
}

func (s claimedStore) Heartbeat(ctx context.Context, _ reconcile.Lease) error {
	return s.queue.HeartbeatBatch(ctx, s.claim)
}

// finish stores the result of a batch, even during shutdown.
func (w *BatchWorker) finish(ctx context.Context, e *Engine, run reconcile.Run, claim Claim, began time.Time,
	err error) error {
	note, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
	defer cancel()
	log := e.Logger.With("run", claim.RunID, "project", claim.Lease.ProjectID, "batch", claim.Number,
		"attempt", claim.Attempt, "took", time.Since(began).Round(time.Millisecond))
	switch {
	case err == nil:
		if err = w.Queue.EndBatch(note, claim); err == nil {
			log.Info("batch done")
			w.observe(BatchDone)
			return nil
		}
	case reconcile.IsType[*reconcile.StopError](err), errors.Is(err, reconcile.ErrShadow):
		return w.interrupt(note, e, run, err)
	case ctx.Err() != nil && !errors.Is(err, reconcile.ErrRunLost):
		log.Info("batch released: this worker stops")
		w.observe(BatchReleased)
		return w.Queue.ReleaseBatch(note, claim, false)
	}
	if errors.Is(err, reconcile.ErrRunLost) {
		log.Warn("batch lost to another process", "error", err)
		w.observe(BatchLost)
		return nil
	}
	log.Error("batch failed", "error", err)
	w.observe(BatchFailed)
	switch {
	case claim.Attempt < maxAttempts:
		return errors.Join(err, w.Queue.ReleaseBatch(note, claim, true))
	case claim.Closed: // the run is closed; the run is closed, and "hhrecon report" can write the report again
		return errors.Join(err, w.Queue.EndBatch(note, claim))
	}
	return w.interrupt(note, e, run, fmt.Errorf("batch %d failed %d times: %w", claim.Number, claim.Attempt, err))
}

// interrupt stops the run for all workers. If several workers call interrupt, only one worker
// succeeds and calls Broken.
func (w *BatchWorker) interrupt(ctx context.Context, e *Engine, run reconcile.Run, why error) error {
	interrupted, err := e.interrupt(ctx, run, why)
	w.observe(BatchLost)
	if interrupted.State == reconcile.Interrupted {
		w.Broken(ctx, interrupted, why)
	}
	return err
}

// Sweep requeues the batches of workers without a heartbeat, and reclaims runs that no worker processes. Each worker
// calls Sweep every SweepEvery.
func (w *BatchWorker) Sweep(ctx context.Context) error {
	freed, err := w.Queue.RequeueStale(ctx, w.Engine.Project.ID, cmp.Or(w.LeaseTime, BatchLeaseTime))
	if err != nil {
		return fmt.Errorf("requeue stale batches: %w", err)
	}
	for range freed {
		w.observe(BatchReclaimed)
	}
	if freed > 0 {
		w.Engine.Logger.Warn("stale batches requeued", "project", w.Engine.Project.ID, "batches", freed)
	}
	silent, err := w.Queue.ExpiredRuns(ctx, w.Engine.Project.ID)
	if err != nil {
		return fmt.Errorf("list runs without workers: %w", err)
	}
	for _, id := range silent {
		if err := w.reclaim(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// reclaim requeues a run without a worker, unless another process has already requeued the run.
func (w *BatchWorker) reclaim(ctx context.Context, runID int64) error {
	_, err := w.Engine.Requeue(ctx, runID)
	switch {
	case err == nil:
		w.observe(RunReclaimed)
	case reconcile.IsType[*reconcile.HeldError](err), errors.Is(err, reconcile.ErrRunClosed),
		errors.Is(err, reconcile.ErrNoRun):
		return nil
	}
	return err
}

func (w *BatchWorker) observe(result BatchResult) {
	if w.Observe != nil {
		w.Observe(result)
	}
}
