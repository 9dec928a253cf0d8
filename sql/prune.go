package sql

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// The sizes of what is done in one transaction: nothing is locked for long.
const (
	pruneSize = 2_000 // rows that are taken out
	pruneRuns = 200   // runs that are hidden; more where their entries lie between each other
)

// Prune takes out what is older than a retention. First, in one transaction, some of the oldest runs are hidden and the
// goal is noted; then the trail's entries go, the anchor before them; then what else is about the runs, and last the
// runs. Each step finds in the database where it is, so that one that was killed goes on.
func (s *pruneStore) Prune(ctx context.Context, r reconcile.Retention) (reconcile.Pruning, error) {
	var p reconcile.Pruning
	for {
		if !r.DryRun {
			entries, err := s.DeletePruned(ctx, r.ProjectID, s.pruneSize)
			p.Entries += entries
			if err == nil {
				err = s.pruneRest(ctx, r, &p)
			}
			if err != nil {
				return p, s.WrapError(ctx, err)
			}
		}
		set, err := s.selectRuns(ctx, r)
		if err != nil {
			return p, s.WrapError(ctx, err)
		}
		p.Until = set.until
		if r.DryRun {
			p.Entries += set.cutoff - set.checkpoint.Seq
		}
		p.Runs += int64(set.runs)
		if set.none() || r.DryRun {
			p.Blockers, p.Kept = set.blockers, set.kept
			return p, nil
		}
	}
}

// pruneRest takes out what is about the runs that are being taken out, other rows of that age, and the runs.
func (s *pruneStore) pruneRest(ctx context.Context, r reconcile.Retention, p *reconcile.Pruning) error {
	a := db.Args{"project_id": r.ProjectID, "before": db.FormatTime(r.Before), "limit": s.pruneSize}
	a["reports"] = oldReportsQuery.In(s.Dialect).With(a)
	var other int64
	for _, step := range []struct {
		q     db.Query
		count *int64
	}{
		{dropOldSelectionQuery, &other},
		{dropOldUnresolvedQuery, &p.Unresolved},
		{dropOldAlertsQuery, &p.Alerts},
	} {
		if err := s.dropAll(ctx, step.q, a, step.count); err != nil {
			return err
		}
	}
	var reports int64
	err := s.WithTx(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		for _, q := range []db.Query{dropOldDeliveriesQuery, dropOldIncludedRunsQuery, dropOldReportsQuery} {
			var err error
			if reports, err = s.Exec(ctx, tx, q.In(s.Dialect), a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	p.Reports += reports
	if err := s.dropAll(ctx, dropOldSupportCasesQuery, a, &p.Marks); err != nil {
		return err
	}
	if err := s.dropAll(ctx, dropPrunedRunsQuery, a, &other); err != nil {
		return err
	}
	return s.dropAll(ctx, dropOldAnswersQuery, a, &p.Answers)
}

// dropAll repeats a statement that takes some rows out until it finds none.
func (s *pruneStore) dropAll(ctx context.Context, q db.Query, a db.Args, count *int64) error {
	for {
		var n int64
		err := s.WithTx(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
			var err error
			n, err = s.Exec(ctx, tx, q.In(s.Dialect), a)
			return err
		})
		*count += n
		if err != nil || n < s.pruneSize {
			return err
		}
	}
}

// PruneTimes takes out the due times before a moment, but the latest of each job, and expired sessions.
func (s *pruneStore) PruneTimes(ctx context.Context, before time.Time) (int64, error) {
	var dues int64
	a := db.Args{"before": db.FormatTime(before), "limit": s.pruneSize, "clock": s.Clock()}
	err := s.dropAll(ctx, dropOldOccurrencesQuery, a, &dues)
	for n := int64(1); n > 0 && err == nil; {
		n, err = s.DropExpired(ctx)
	}
	return dues, s.WrapError(ctx, err)
}
