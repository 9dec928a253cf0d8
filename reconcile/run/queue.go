package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hhrecon/reconcile"
)

// Errors of a Queue.
var (
	// the batch is done, another worker has claimed the batch, or the run is no longer queued
	ErrNoBatch    = errors.New("there is nothing to do for this batch")
	ErrRunExpired = errors.New("no worker has sent a heartbeat for this run")
)

// Batch is the part of a queued run that one worker processes. A batch is a range of payins to query, or the end of the
// run.
type Batch struct {
	RunID  int64 `json:"run_id"`
	Number int64 `json:"number"` // number from 1, or LastBatch
}

// LastBatch is the number of the batch that ends the run after all other batches. This batch decides which corrections
// are held, settles the findings, and closes and publishes the run.
const LastBatch = 0

// Claim is a batch that a worker has claimed.
type Claim struct {
	Batch
	Lease   reconcile.Lease
	Span    reconcile.Span
	ID      string // unique for each claim
	Attempt int    // number of the attempt, from 1
	Closed  bool   // the run is closed already, but its worker may have ended before it published the result
}

// Queue distributes the batches of queued runs to any number of workers. The database decides which worker has a
// batch. Notifications of jobs may therefore be lost or duplicated.
type Queue interface {
	// Run returns one run, or ErrNoRun.
	Run(ctx context.Context, id int64) (reconcile.Run, error)
	// ClaimBatch claims a batch for a worker. The errors are ErrNoBatch, ErrRunExpired if no worker of the run sends
	// heartbeats, and *StopError with the run's lease if a person requested a stop.
	ClaimBatch(ctx context.Context, b Batch, worker string, expired func(reconcile.Run) bool) (Claim, error)
	// HeartbeatBatch stores a heartbeat for the batch and its run. The error is ErrRunLost if another worker has the
	// batch or the run, and *StopError if a person requested a stop.
	HeartbeatBatch(ctx context.Context, c Claim) error
	// EndBatch marks the batch as done. After the last batch of payins, EndBatch queues LastBatch. The error is
	// ErrRunLost if the batch is not complete, or if another worker has the batch.
	EndBatch(ctx context.Context, c Claim) error
	// ReleaseBatch makes the batch available immediately. If the worker failed, the attempt counts
	// towards the limit maxAttempts.
	ReleaseBatch(ctx context.Context, c Claim, failed bool) error
	// RequeueStale requeues the project's batches that had no heartbeat for the duration silence. RequeueStale returns the
	// number of these batches.
	RequeueStale(ctx context.Context, projectID string, silence time.Duration) (int, error)
	// ExpiredRuns lists the project's queued runs with an expired lease.
	ExpiredRuns(ctx context.Context, projectID string) ([]int64, error)
}

// Times after which another worker gets a batch.
const (
	// BatchLeaseTime is the time without a heartbeat after which a worker's batch is requeued. The time is seven
	// heartbeat intervals.
	BatchLeaseTime = 20 * time.Second
	// SweepEvery is the time between two calls of BatchWorker.Sweep by each worker.
	SweepEvery = 10 * time.Second
	// maxAttempts is the number of attempts at a batch before its run is interrupted.
	maxAttempts = 10
)

// Queue opens a run in the same way as Run, but leaves its execution to workers. The errors are those of opening a run.
func (e *Engine) Queue(ctx context.Context, q reconcile.Request) (reconcile.Run, error) {
	return e.open(ctx, q, reconcile.Workers(), "run queued")
}

// Requeue acquires an interrupted run in the same way as Resume, but leaves the rest of the run to workers.
func (e *Engine) Requeue(ctx context.Context, id int64) (reconcile.Run, error) {
	run, err := e.acquire(ctx, id, reconcile.Workers(), reconcile.LeaseExpired, "run requeued")
	if err != nil {
		return reconcile.Run{}, fmt.Errorf("requeue run %d: %w", id, err)
	}
	return run, nil
}
