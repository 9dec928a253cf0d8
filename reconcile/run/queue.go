package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hhrecon/reconcile"
)

// The errors of a Queue.
var (
	// it is done or claimed by another worker, or its run is not queued any more
	ErrNoBatch    = errors.New("there is nothing to do for this batch")
	ErrRunExpired = errors.New("no worker has sent a heartbeat for this run")
)

// Batch is the part of a queued run that one worker processes: payins to query, or the end of the run.
type Batch struct {
	RunID  int64 `json:"run_id"`
	Number int64 `json:"number"` // from 1, or LastBatch
}

// LastBatch is the number of the batch that decides, settles, closes and publishes a run after all other batches.
const LastBatch = 0

// Claim is a batch that a worker has claimed.
type Claim struct {
	Batch
	Lease   reconcile.Lease
	Span    reconcile.Span
	ID      string // unique for each claim
	Attempt int    // counts the claims of the batch, from 1
	Closed  bool   // the run is closed already: a worker died before it published the result
}

// Queue hands out the batches of queued runs to any number of workers. The database decides which worker has a batch;
// job notifications may be lost or duplicated.
type Queue interface {
	// Run returns one run, or ErrNoRun.
	Run(ctx context.Context, id int64) (reconcile.Run, error)
	// ClaimBatch claims a batch for a worker. It returns ErrNoBatch, ErrRunExpired if the run has no worker with a
	// heartbeat, and *StopError with the run's lease if a person requested a stop.
	ClaimBatch(ctx context.Context, b Batch, worker string, expired func(reconcile.Run) bool) (Claim, error)
	// HeartbeatBatch stores a heartbeat for the batch and its run. It returns ErrRunLost if another worker has the
	// batch or the run, and *StopError if a person requested a stop.
	HeartbeatBatch(ctx context.Context, c Claim) error
	// EndBatch marks the batch as done. After the last one it queues the run's end. It returns ErrRunLost.
	EndBatch(ctx context.Context, c Claim) error
	// ReleaseBatch makes the batch available at once. After a failure the attempt counts.
	ReleaseBatch(ctx context.Context, c Claim, failed bool) error
	// RequeueStale requeues the project's batches whose last heartbeat is older than silence, and returns their number.
	RequeueStale(ctx context.Context, projectID string, silence time.Duration) (int, error)
	// ExpiredRuns lists the project's queued runs whose lease has expired.
	ExpiredRuns(ctx context.Context, projectID string) ([]int64, error)
}

// How soon another worker gets a batch.
const (
	// BatchLeaseTime is how long a worker may be without a heartbeat before its batch is requeued: seven heartbeats.
	BatchLeaseTime = 20 * time.Second
	// SweepEvery is how often each worker calls BatchWorker.Sweep.
	SweepEvery = 10 * time.Second
	// maxAttempts is how often a batch is tried before its run is interrupted.
	maxAttempts = 10
)

// Queue opens a run as Run does, and leaves it to workers. It returns the errors of opening a run.
func (e *Engine) Queue(ctx context.Context, q reconcile.Request) (reconcile.Run, error) {
	return e.open(ctx, q, reconcile.Workers(), "run queued")
}

// Requeue acquires an interrupted run as Resume does, and leaves the rest of it to workers.
func (e *Engine) Requeue(ctx context.Context, id int64) (reconcile.Run, error) {
	run, err := e.acquire(ctx, id, reconcile.Workers(), reconcile.LeaseExpired, "run requeued")
	if err != nil {
		return reconcile.Run{}, fmt.Errorf("requeue run %d: %w", id, err)
	}
	return run, nil
}
