// Package schedule keeps when jobs are due, and which process does them.
package schedule

import (
	"context"
	"embed"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

// Files are the package's statements.
var Files = db.NewQueries(queryFiles)

var (
	heartbeatOccurrencesQuery = Files.Load("heartbeat_occurrences")
	claimOccurrenceQuery      = Files.Load("claim_occurrence")
	claimedOccurrencesQuery   = Files.Load("claimed_occurrences")
	endOccurrenceQuery        = Files.Load("end_occurrence")
	lastOccurrenceQuery       = Files.Load("last_occurrence")
	lockOccurrenceQuery       = Files.Load("lock_occurrence")
	skipOccurrenceQuery       = Files.Load("skip_occurrence")
	reclaimOccurrenceQuery    = Files.Load("reclaim_occurrence")
)

// ScheduleStore keeps due times in a database.
type Timetable struct{ *db.DB }

// dueRow is a due time as the statements read it.
type dueRow struct {
	reconcile.Occurrence
	BeatAt, ReadAt time.Time // by the database's clock; ReadAt is that of reading
}

// silence is how long nothing was heard of the owner.
func (r *dueRow) silence() time.Duration { return r.ReadAt.Sub(r.BeatAt) }

func (s Timetable) dueArgs(job string, at time.Time, owner reconcile.Owner) db.Args {
	return db.Args{
		"token": db.CleanText(owner.Token), "host": db.CleanText(owner.Host), "pid": owner.PID,
		"process": db.CleanText(owner.Process), "job": db.CleanText(job), "at": db.FormatTime(at), "clock": s.Clock(),
	}
}

// ClaimOccurrence makes a due time the owner's, and says whether it is, also where it was before: false where another,
// living owner has it, or where it has ended. A due time whose owner is dead is taken over, by one of those that try.
func (s Timetable) ClaimOccurrence(ctx context.Context, job string, at time.Time, owner reconcile.Owner,
	dead func(reconcile.Owner, time.Duration) bool) (bool, error) {
	a := s.dueArgs(job, at, owner)
	var claimed bool
	// A claim whose commit went unheard is found to be the owner's already.
	err := s.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		n, err := s.Exec(ctx, tx, claimOccurrenceQuery.In(s.Dialect), a)
		if claimed = n == 1; err != nil || claimed {
			return err
		}
		var row dueRow
		err = s.Get(ctx, tx, &row, lockOccurrenceQuery.In(s.Dialect), a)
		if err != nil || row.State != reconcile.OccurrenceClaimed {
			return err
		}
		if claimed = row.Owner.Token == a["token"]; claimed || !dead(row.Owner, row.silence()) {
			return nil
		}
		n, err = s.Exec(ctx, tx, reclaimOccurrenceQuery.In(s.Dialect), a)
		claimed = n == 1
		return err
	})
	return claimed && err == nil, err
}

// EndOccurrence ends a due time that is the owner's, or returns reconcile.ErrRunLost. With OccurrenceSkipped it need
// not be anybody's; what is there already, and not the owner's, stays as it is.
func (s Timetable) EndOccurrence(ctx context.Context, d reconcile.Occurrence) error {
	a := s.dueArgs(d.Job, d.At, d.Owner)
	a["state"], a["note"] = string(d.State), db.CleanText(d.Note)
	switch d.State {
	case reconcile.OccurrenceDone, reconcile.OccurrenceFailed:
		return s.WriteOne(ctx, db.RetryLost, endOccurrenceQuery, a, reconcile.ErrRunLost)
	case reconcile.OccurrenceSkipped:
		return s.WriteOne(ctx, db.RetryLost, skipOccurrenceQuery, a, nil)
	}
	return db.Errorf("%q is no end of a due time", d.State)
}

// HeartbeatOccurrences notes a heartbeat for everything that the owner has claimed, by the database's clock.
func (s Timetable) HeartbeatOccurrences(ctx context.Context, owner reconcile.Owner) error {
	return s.WriteOne(ctx, db.RetryLost, heartbeatOccurrencesQuery,
		db.Args{"token": db.CleanText(owner.Token), "clock": s.Clock()}, nil)
}

// LastOccurrence is the latest due time of a job, however it stands; false where the job is not known.
func (s Timetable) LastOccurrence(ctx context.Context, job string) (reconcile.Occurrence, bool, error) {
	var row dueRow
	err := s.GetOr(ctx, s.Conn, &row, lastOccurrenceQuery, db.Args{"job": db.CleanText(job), "clock": s.Clock()}, nil)
	return row.Occurrence, row.Job != "", s.WrapError(ctx, err)
}

// ExpiredOccurrences lists the due times that are claimed by dead owners, oldest first.
func (s Timetable) ExpiredOccurrences(ctx context.Context,
	dead func(reconcile.Owner, time.Duration) bool) ([]reconcile.Occurrence,
	error) {
	var rows []dueRow
	if err := s.List(ctx, s.Conn, &rows, claimedOccurrencesQuery.In(s.Dialect), db.Args{"clock": s.Clock()}); err != nil {
		return nil, s.WrapError(ctx, err)
	}
	rows = slices.DeleteFunc(rows, func(r dueRow) bool { return !dead(r.Owner, r.silence()) })
	return db.Column(rows, func(r *dueRow) reconcile.Occurrence { return r.Occurrence }), nil
}
