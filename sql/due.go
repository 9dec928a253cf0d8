package sql

import (
	"context"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

// dueRow is a due time as the statements read it.
type dueRow struct {
	reconcile.Due
	BeatAt, ReadAt time.Time // by the database's clock; ReadAt is that of reading
}

// silence is how long nothing was heard of the owner.
func (r *dueRow) silence() time.Duration { return r.ReadAt.Sub(r.BeatAt) }

func (s *Store) dueArgs(job string, at time.Time, owner reconcile.Owner) args {
	a := ownerArgs(owner)
	a["job"], a["at"], a["clock"] = clean(job), stamp(at), s.clock()
	return a
}

// ClaimDue makes a due time the owner's, and says whether it is, also where it was before: false where another,
// living owner has it, or where it has ended. A due time whose owner is dead is taken over, by one of those that try.
func (s *Store) ClaimDue(ctx context.Context, job string, at time.Time, owner reconcile.Owner, dead func(reconcile.Owner, time.Duration) bool) (bool, error) {
	a := s.dueArgs(job, at, owner)
	var claimed bool
	// A claim whose commit went unheard is found to be the owner's already.
	err := s.write(ctx, retryLost, func(tx *sqlx.Tx) error {
		n, err := s.exec(ctx, tx, claimDueQuery.in(s.dialect), a)
		if claimed = n == 1; err != nil || claimed {
			return err
		}
		var row dueRow
		if err := s.get(ctx, tx, &row, lockDueQuery.in(s.dialect), a); err != nil || row.State != reconcile.DueClaimed {
			return err
		}
		if claimed = row.Owner.Token == a["token"]; claimed || !dead(row.Owner, row.silence()) {
			return nil
		}
		n, err = s.exec(ctx, tx, takeDueQuery.in(s.dialect), a)
		claimed = n == 1
		return err
	})
	return claimed && err == nil, err
}

// EndDue ends a due time that is the owner's, or returns reconcile.ErrRunLost. With DueSkipped it need not be
// anybody's; what is there already, and not the owner's, stays as it is.
func (s *Store) EndDue(ctx context.Context, d reconcile.Due) error {
	a := s.dueArgs(d.Job, d.At, d.Owner)
	a["state"], a["note"] = string(d.State), clean(d.Note)
	switch d.State {
	case reconcile.DueDone, reconcile.DueFailed:
		return s.writeOne(ctx, retryLost, endDueQuery, a, reconcile.ErrRunLost)
	case reconcile.DueSkipped:
		return s.writeOne(ctx, retryLost, skipDueQuery, a, nil)
	}
	return faultf("%q is no end of a due time", d.State)
}

// BeatDues notes a sign of life for everything that the owner has claimed, by the database's clock.
func (s *Store) BeatDues(ctx context.Context, owner reconcile.Owner) error {
	return s.writeOne(ctx, retryLost, beatDuesQuery, args{"token": clean(owner.Token), "clock": s.clock()}, nil)
}

// LastDue is the latest due time of a job, however it stands; false where the job is not known.
func (s *Store) LastDue(ctx context.Context, job string) (reconcile.Due, bool, error) {
	var row dueRow
	err := s.getOr(ctx, s.db, &row, lastDueQuery, args{"job": clean(job), "clock": s.clock()}, nil)
	return row.Due, row.Job != "", s.explain(ctx, err)
}

// BrokenDues lists the due times that are claimed by dead owners, oldest first.
func (s *Store) BrokenDues(ctx context.Context, dead func(reconcile.Owner, time.Duration) bool) ([]reconcile.Due, error) {
	var rows []dueRow
	if err := s.list(ctx, s.db, &rows, claimedDuesQuery.in(s.dialect), args{"clock": s.clock()}); err != nil {
		return nil, s.explain(ctx, err)
	}
	rows = slices.DeleteFunc(rows, func(r dueRow) bool { return !dead(r.Owner, r.silence()) })
	return column(rows, func(r *dueRow) reconcile.Due { return r.Due }), nil
}
