package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hhrecon/reconcile"
)

// The errors of a Queue for a worker to act on.
var (
	// it is done, another's, or its run is not queued any more
	ErrNoBatch    = errors.New("there is nothing to do for this batch")
	ErrRunExpired = errors.New("no worker gives signs of life for this run")
)

// Batch is a part of a queued run that one worker sees through: payins to ask about, or the run's end.
type Batch struct {
	RunID  int64 `json:"run_id"`
	Number int64 `json:"number"` // from 1; LastBatch is the run's end
}

// LastBatch is the number of the batch that weighs, settles, closes and reports a run, once all others are done.
const LastBatch = 0

// Claim is a batch in one worker's hands.
type Claim struct {
	Batch
	Lease   reconcile.Lease
	Span    reconcile.Span
	ID      string // unlike that of any other claim, ever
	Attempt int    // the how-manieth claim of the batch this is, from 1
	Closed  bool   // the run was closed before: a worker died while it reported
}

// Queue hands the batches of queued runs to any number of workers. Its record is the truth about them; whatever else
// carries jobs may lose them or bring them twice.
type Queue interface {
	// Run returns one run, or ErrNoRun.
	Run(ctx context.Context, id int64) (reconcile.Run, error)
	// ClaimBatch makes a batch the worker's. It returns ErrNoBatch, or ErrRunExpired where all workers are dead, and
	// *StopError with the run's lease where a person asked for the run's stop.
	ClaimBatch(ctx context.Context, b Batch, worker string, expired func(reconcile.Run) bool) (Claim, error)
	// HeartbeatBatch notes a sign of life for the batch and for its run; it returns ErrRunLost where another worker has
	// the batch or the run, and *StopError where a person asked for the run's stop.
	HeartbeatBatch(ctx context.Context, c Claim) error
	// EndBatch notes that the batch is done, and queues the run's end after the last of them. It returns ErrRunLost.
	EndBatch(ctx context.Context, c Claim) error
	// ReleaseBatch lets others take the batch at once. Where it failed, the attempt counts.
	ReleaseBatch(ctx context.Context, c Claim, failed bool) error
	// RequeueStale queues the project's batches again whose workers have been silent for so long, and tells how many those
	// are.
	RequeueStale(ctx context.Context, projectID string, silence time.Duration) (int, error)
	// ExpiredRuns lists the project's queued runs for which nobody gives signs of life.
	ExpiredRuns(ctx context.Context, projectID string) ([]int64, error)
}

// How soon a batch goes to another worker.
const (
	// BatchLeaseTime is how long a worker may be silent before its batch is another's: seven signs of life missed.
	BatchLeaseTime = 20 * time.Second
	// SweepEvery is how often each worker looks for batches of silent ones.
	SweepEvery = 10 * time.Second
	// maxAttempts is how often a batch is tried before its run is interrupted.
	maxAttempts = 10
)

// Queue opens a run like Run, and leaves it to workers. Its errors are those of Run's opening.
func (r *Engine) Queue(ctx context.Context, q reconcile.Request) (reconcile.Run, error) {
	n := reconcile.NewRun{Project: r.Project, Request: q, Owner: reconcile.Workers(), StartedAt: r.Now(),
		Expired: reconcile.LeaseExpired,
		Begun:   r.Begun}
	run, err := r.Store.OpenRun(ctx, n)
	if err != nil {
		return reconcile.Run{}, fmt.Errorf("open run: %w", err)
	}
	r.Logger.Info("run queued", "run", run.ID, "project", run.ProjectID, "selected", run.Selected,
		"unresolved", run.Unresolved, "from", run.Window.From, "to", run.Window.To, "dry_run", run.DryRun)
	r.opened(run)
	return run, nil
}

// Requeue takes a run that broke off over like Resume, and leaves what is left of it to workers.
func (r *Engine) Requeue(ctx context.Context, id int64) (reconcile.Run, error) {
	run, err := r.Store.AcquireRun(ctx, id, reconcile.Workers(), r.Now(), reconcile.LeaseExpired)
	if err != nil {
		return reconcile.Run{}, fmt.Errorf("queue run %d again: %w", id, err)
	}
	r.Logger.Info("run queued again", "run", run.ID, "project", run.ProjectID, "selected", run.Selected,
		"judged", run.Judged, "settled", run.Settled)
	r.opened(run)
	return run, nil
}
