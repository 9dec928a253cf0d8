// Package schedule stores the scheduled times of jobs. It records which process runs the job for each time. Claim an
// occurrence first, save heartbeats while the job runs, and end the occurrence with EndOccurrence.
package schedule

import (
	"context"
	"embed"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/lease"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// Occurrences stores scheduled times in a database.
type Occurrences struct{ *db.DB }

// occurrenceRow is a row of the statements that read occurrences.
type occurrenceRow struct {
	reconcile.Occurrence
	BeatAt, ReadAt time.Time // last heartbeat and time of reading, by the database's clock
}

// heartbeatAge returns the time since the owner's last heartbeat.
func (r *occurrenceRow) heartbeatAge() time.Duration { return r.ReadAt.Sub(r.BeatAt) }

func (s Occurrences) args(job string, at time.Time, owner reconcile.Owner) db.Args {
	a := lease.OwnerArgs(owner)
	a["job"], a["at"], a["clock"] = db.CleanText(job), db.FormatTime(at), s.Clock()
	return a
}

// ClaimOccurrence claims a scheduled time of a job for the owner. ClaimOccurrence returns true if the owner now has the
// claim, or already had the claim. It returns false if the occurrence has ended, or if another owner has claimed it and
// that owner's lease has not expired. If several processes try to take over an expired claim, only one of them
// succeeds.
func (s Occurrences) ClaimOccurrence(ctx context.Context, job string, at time.Time, owner reconcile.Owner,
	expired func(reconcile.Owner, time.Duration) bool) (bool, error) {
	a := s.args(job, at, owner)
	var claimed bool
	// If the answer was lost, a retry finds that the owner already has the claim.
	err := s.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		n, err := s.Exec(ctx, tx, query("claim_occurrence").In(s.Dialect), a)
		if claimed = n == 1; err != nil || claimed {
			return err
		}
		var row occurrenceRow
		err = s.Get(ctx, tx, &row, query("lock_occurrence").In(s.Dialect), a)
		if err != nil || row.State != reconcile.OccurrenceClaimed {
			return err
		}
		if claimed = row.Owner.Token == a["token"]; claimed || !expired(row.Owner, row.heartbeatAge()) {
			return nil
		}
		n, err = s.Exec(ctx, tx, query("reclaim_occurrence").In(s.Dialect), a)
		claimed = n == 1
		return err
	})
	return claimed && err == nil, err
}

// EndOccurrence ends an occurrence that the owner has claimed, or returns reconcile.ErrRunLost. The state
// OccurrenceSkipped needs no claim. If another owner has claimed the occurrence, its row stays unchanged.
func (s Occurrences) EndOccurrence(ctx context.Context, d reconcile.Occurrence) error {
	a := s.args(d.Job, d.At, d.Owner)
	a["state"], a["note"] = string(d.State), db.CleanText(d.Note)
	switch d.State {
	case reconcile.OccurrenceDone, reconcile.OccurrenceFailed:
		return s.WriteOne(ctx, db.RetryLost, query("end_occurrence"), a, reconcile.ErrRunLost)
	case reconcile.OccurrenceSkipped:
		return s.WriteOne(ctx, db.RetryLost, query("skip_occurrence"), a, nil)
	}
	return db.Errorf("%q is not a final state of a scheduled time", d.State)
}

// HeartbeatOccurrences saves a heartbeat for all occurrences of an owner, with the time of the database's clock.
func (s Occurrences) HeartbeatOccurrences(ctx context.Context, owner reconcile.Owner) error {
	return s.WriteOne(ctx, db.RetryLost, query("heartbeat_occurrences"),
		db.Args{"token": db.CleanText(owner.Token), "clock": s.Clock()}, nil)
}

// LastOccurrence returns the latest occurrence of a job, in any state. LastOccurrence returns false if the job has no
// occurrence.
func (s Occurrences) LastOccurrence(ctx context.Context, job string) (reconcile.Occurrence, bool, error) {
	var row occurrenceRow
	err := s.GetOr(ctx, s.Conn, &row, query("last_occurrence"), db.Args{"job": db.CleanText(job), "clock": s.Clock()}, nil)
	return row.Occurrence, row.Job != "", s.WrapError(ctx, err)
}

// ExpiredOccurrences lists the claimed occurrences whose owners' leases have expired, oldest first.
func (s Occurrences) ExpiredOccurrences(ctx context.Context,
	expired func(reconcile.Owner, time.Duration) bool) ([]reconcile.Occurrence, error) {
	rows, err := db.Select[occurrenceRow](ctx, s.DB, query("claimed_occurrences"), db.Args{"clock": s.Clock()})
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(r occurrenceRow) bool { return !expired(r.Owner, r.heartbeatAge()) })
	return db.Column(rows, func(r *occurrenceRow) reconcile.Occurrence { return r.Occurrence }), nil
}
