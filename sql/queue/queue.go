// Package queue distributes the batches of a run to workers on any number of machines. Table hhrecon_batch contains the
// batches, their states and their workers. A job of River only notifies a worker that a batch may be waiting.
//
// Call MigrateQueue first. CreateBatches splits a run into batches. Work calls ClaimBatch for a batch, HeartbeatBatch
// until the batch is done, and then EndBatch. RequeueStale queues a batch again if its worker has sent no heartbeat.
// Package queue needs PostgreSQL.
package queue

import (
	"context"
	"crypto/rand"
	stdsql "database/sql"
	"embed"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/reconcile/run"
	"hhrecon/sql/db"
	"hhrecon/sql/lease"
	"hhrecon/sql/rate"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// BatchStore stores batches and their jobs in a database.
type BatchStore struct {
	*db.DB
	lease.Leases
}

// batchRow is a batch that needs a job.
type batchRow struct {
	RunID, Number int64
	State         string // the previous state of a requeued batch
}

// CreateBatches splits a run into batches and queues them, in the transaction that opens or acquires the run.
func (s BatchStore) CreateBatches(ctx context.Context, tx *sqlx.Tx, run reconcile.Run, size int) error {
	if s.Dialect != db.Postgres {
		return errQueueSQLite
	}
	var batches []batchRow
	if err := s.List(ctx, tx, &batches, query("create_batches").Postgres,
		db.Args{"run_id": run.ID, "size": size}); err != nil {
		return err
	}
	queued := batches[:0]
	for _, b := range batches {
		if b.State == "queued" {
			queued = append(queued, b)
		}
	}
	return s.addJobs(ctx, tx, run.ProjectID, queued)
}

// DropBatches deletes a run's batches.
func (s BatchStore) DropBatches(ctx context.Context, tx *sqlx.Tx, runID int64) error {
	_, err := s.Exec(ctx, tx, query("drop_batches").In(s.Dialect), db.Args{"run_id": runID})
	return err
}

// ClaimBatch assigns a batch to the worker, and saves a heartbeat for the batch's run. ClaimBatch returns
// run.ErrNoBatch if there is nothing to do, and run.ErrRunExpired if all workers of the run are dead. If a person asked
// for a stop, it returns *reconcile.StopError with the run's lease.
func (s BatchStore) ClaimBatch(ctx context.Context, b run.Batch, worker string,
	dead func(reconcile.Run) bool) (run.Claim, error) {
	var claim run.Claim
	err := s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		claim = run.Claim{Batch: b, ID: rand.Text()}
		if err := s.joinRun(ctx, tx, &claim, dead); err != nil {
			return err
		}
		var row struct {
			AfterSeq, ToSeq int64
			Attempt         int
		}
		a := claimArgs(claim)
		a["worker"] = db.CleanText(worker)
		if err := s.GetOr(ctx, tx, &row, query("claim_batch"), a, run.ErrNoBatch); err != nil {
			return err
		}
		claim.Span, claim.Attempt = reconcile.Span{After: row.AfterSeq, To: row.ToSeq}, row.Attempt
		return s.heartbeatRun(ctx, tx, claim)
	})
	return claim, err
}

// joinRun checks that a worker of the claim's run is alive, and sets the run's lease in the claim.
func (s BatchStore) joinRun(ctx context.Context, tx *sqlx.Tx, claim *run.Claim, dead func(reconcile.Run) bool) error {
	var row struct {
		ProjectID, OwnerToken, StopBy string
		State                         reconcile.RunState
		BeatAt, ReadAt                time.Time
		Closed                        bool
	}
	err := s.GetOr(ctx, tx, &row, query("lock_batch_run"), db.Args{"run_id": claim.RunID}, run.ErrNoBatch)
	if err != nil {
		return err
	}
	claim.Lease = reconcile.Lease{RunID: claim.RunID, ProjectID: row.ProjectID, Token: row.OwnerToken}
	claim.Closed = row.Closed
	switch {
	case claim.Closed && claim.Number == run.LastBatch:
		return nil
	case row.State != reconcile.Running:
		return run.ErrNoBatch
	case row.StopBy != "": // a requested stop takes precedence over an expired lease
		return s.ifQueued(ctx, tx, claim.RunID, &reconcile.StopError{By: row.StopBy})
	case dead(reconcile.Run{ID: claim.RunID, State: reconcile.Running, HeartbeatAge: row.ReadAt.Sub(row.BeatAt)}):
		return s.ifQueued(ctx, tx, claim.RunID, run.ErrRunExpired)
	}
	return nil
}

// ifQueued returns the given error if the run is queued for workers. ifQueued returns run.ErrNoBatch if the run
// belongs to one process.
func (s BatchStore) ifQueued(ctx context.Context, tx *sqlx.Tx, runID int64, why error) error {
	count, err := s.countBatches(ctx, tx, runID)
	switch {
	case err != nil:
		return err
	case count.Batches == 0:
		return run.ErrNoBatch
	}
	return why
}

func claimArgs(c run.Claim) db.Args {
	return db.Args{"run_id": c.RunID, "number": c.Number, "claim": c.ID}
}

// heartbeatRun records a heartbeat for the batch's run. A closed run needs no heartbeat.
func (s BatchStore) heartbeatRun(ctx context.Context, tx *sqlx.Tx, c run.Claim) error {
	var stopBy string
	err := s.Get(ctx, tx, &stopBy, query("heartbeat_queued_run").Postgres, lease.Args(c.Lease))
	switch {
	case errors.Is(err, stdsql.ErrNoRows) && c.Number == run.LastBatch:
		return s.closedOrLost(ctx, tx, c.RunID)
	case errors.Is(err, stdsql.ErrNoRows):
		return reconcile.ErrRunLost
	case err == nil && stopBy != "":
		return &reconcile.StopError{By: stopBy}
	}
	return err
}

func (s BatchStore) closedOrLost(ctx context.Context, tx *sqlx.Tx, runID int64) error {
	var closed bool
	err := s.GetOr(ctx, tx, &closed, query("run_closed"), db.Args{"run_id": runID}, reconcile.ErrNoRun)
	if err == nil && !closed {
		err = reconcile.ErrRunLost
	}
	return err
}

// HeartbeatBatch records a heartbeat for the batch and its run. HeartbeatBatch returns reconcile.ErrRunLost if another
// worker has the batch, or *reconcile.StopError if a person asked for a stop.
func (s BatchStore) HeartbeatBatch(ctx context.Context, c run.Claim) error {
	var stop *reconcile.StopError
	err := s.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		stop = nil
		// All transactions lock the run's row first.
		if err := s.heartbeatRun(ctx, tx, c); err != nil && !errors.As(err, &stop) {
			return err
		}
		return requireClaim(s.Exec(ctx, tx, query("heartbeat_batch").Postgres, claimArgs(c)))
	})
	if err == nil && stop != nil {
		return stop
	}
	return err
}

// requireClaim returns reconcile.ErrRunLost if the claim's batch was not found.
func requireClaim(n int64, err error) error {
	if err == nil && n == 0 {
		err = reconcile.ErrRunLost
	}
	return err
}

// EndBatch marks the batch as done. After the last batch, EndBatch queues the end of the run. EndBatch returns
// reconcile.ErrRunLost if another worker has the batch.
func (s BatchStore) EndBatch(ctx context.Context, c run.Claim) error {
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		if c.Number == run.LastBatch {
			return requireClaim(s.Exec(ctx, tx, query("end_batch").Postgres, claimArgs(c)))
		}
		if err := s.RequireLease(ctx, tx, c.Lease); err != nil {
			return err
		}
		if err := requireClaim(s.Exec(ctx, tx, query("end_batch").Postgres, claimArgs(c))); err != nil {
			return err
		}
		var last []batchRow
		if err := s.List(ctx, tx, &last, query("queue_run_end").Postgres, db.Args{"run_id": c.RunID}); err != nil {
			return err
		}
		return s.addJobs(ctx, tx, c.Lease.ProjectID, last)
	})
}

// ReleaseBatch lets other workers claim the batch immediately. If failed is true, the attempt counts as a failed
// attempt. A claim that no longer exists is not an error.
func (s BatchStore) ReleaseBatch(ctx context.Context, c run.Claim, failed bool) error {
	a := claimArgs(c)
	a["refund"] = 1
	if failed {
		a["refund"] = 0
	}
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		var back []batchRow
		if err := s.List(ctx, tx, &back, query("release_batch").Postgres, a); err != nil {
			return err
		}
		return s.addJobs(ctx, tx, c.Lease.ProjectID, back)
	})
}

// ExpiredRuns lists the project's queued runs without a recent heartbeat of any worker.
func (s BatchStore) ExpiredRuns(ctx context.Context, projectID string) ([]int64, error) {
	a := db.Args{"project_id": projectID, "heartbeat_age": reconcile.LeaseTime.Seconds()}
	return db.Select[int64](ctx, s.DB, query("expired_runs"), a)
}

// RequeueStale requeues the project's batches whose workers have sent no heartbeat for the given time, and returns the
// number of these batches. RequeueStale also requeues batches whose job was lost before a worker claimed the batch, but
// does not count these batches.
func (s BatchStore) RequeueStale(ctx context.Context, projectID string, age time.Duration) (int, error) {
	var taken int
	err := s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		taken = 0
		var free []batchRow
		err := s.List(ctx, tx, &free, query("requeue_stale").Postgres,
			db.Args{"project_id": projectID, "heartbeat_age": age.Seconds()})
		if err != nil {
			return err
		}
		for _, b := range free {
			if b.State == "working" {
				taken++
			}
		}
		return s.addJobs(ctx, tx, projectID, free)
	})
	return taken, err
}

// BatchCount contains the number of a run's batches, and how many of these batches are done.
type BatchCount struct {
	Batches int // 0 if the run is not queued for workers
	Undone  int
	Working int
	EndedBy string // the worker that closes or has closed the run
}

// CountBatches counts a run's batches.
func (s BatchStore) CountBatches(ctx context.Context, runID int64) (BatchCount, error) {
	if s.Dialect != db.Postgres {
		return BatchCount{}, nil
	}
	count, err := s.countBatches(ctx, s.Conn, runID)
	return count, s.WrapError(ctx, err)
}

func (s BatchStore) countBatches(ctx context.Context, tx sqlx.QueryerContext, runID int64) (BatchCount, error) {
	var count BatchCount
	err := s.Get(ctx, tx, &count, query("count_batches").Postgres, db.Args{"run_id": runID})
	return count, err
}

// Rate returns a limiter that all processes share for a project's requests, with at most perSecond requests per second.
// Rate needs PostgreSQL.
func (s BatchStore) Rate(projectID string, perSecond float64) *rate.Limiter {
	space := rate.Space(perSecond)
	log := s.Log.With("project", projectID)
	return rate.New(space, log, func(ctx context.Context, slots int) (rate.Reservation, error) {
		var r rate.Reservation
		err := s.Get(ctx, s.Conn, &r, query("reserve_slots").Postgres, db.Args{
			"project_id": projectID, "slots": slots, "space": space.Seconds(), "farthest": rate.Farthest(space).Seconds(),
		})
		return r, s.WrapError(ctx, err)
	})
}
