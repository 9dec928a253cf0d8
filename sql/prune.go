package sql

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// These constants limit one transaction, so the transaction does not hold locks for long.
const (
	pruneSize = 2_000 // number of deleted rows
	pruneRuns = 200   // number of runs to hide; more if the audit log entries of several runs alternate
)

// Prune deletes data that is older than the retention. One transaction hides some of the oldest runs and saves the
// cutoff. Prune then saves a checkpoint and deletes the entries of the audit log. After that, Prune deletes the other
// rows of these runs, and finally the runs. Each step reads its progress from the database, so an interrupted Prune can
// continue.
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

// pruneRest deletes the other rows of hidden runs, old rows that belong to no run, and the hidden runs.
func (s *pruneStore) pruneRest(ctx context.Context, r reconcile.Retention, p *reconcile.Pruning) error {
	a := db.Args{"project_id": r.ProjectID, "before": db.FormatTime(r.Before), "limit": s.pruneSize}
	a["reports"] = query("retention/old_reports").In(s.Dialect).With(a)
	var other int64
	for _, step := range []struct {
		q     db.Query
		count *int64
	}{
		{query("retention/drop_old_selection"), &other},
		{query("retention/drop_old_unresolved"), &p.Unresolved},
		{query("retention/drop_old_alerts"), &p.Alerts},
	} {
		if err := s.dropAll(ctx, step.q, a, step.count); err != nil {
			return err
		}
	}
	var reports int64
	err := s.WithTx(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		for _, q := range []db.Query{query("retention/drop_old_deliveries"), query("retention/drop_old_included_runs"),
			query("retention/drop_old_reports")} {
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
	if err := s.dropAll(ctx, query("retention/drop_old_support_cases"), a, &p.Marks); err != nil {
		return err
	}
	if err := s.dropAll(ctx, query("retention/drop_pruned_runs"), a, &other); err != nil {
		return err
	}
	return s.dropAll(ctx, query("retention/drop_old_answers"), a, &p.Answers)
}

// dropAll repeats a statement that deletes some rows until no row is left.
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

// PruneTimes deletes scheduled times before the given time, but keeps the latest one of each job. It also deletes
// expired sessions.
func (s *pruneStore) PruneTimes(ctx context.Context, before time.Time) (int64, error) {
	var dues int64
	a := db.Args{"before": db.FormatTime(before), "limit": s.pruneSize, "clock": s.Clock()}
	err := s.dropAll(ctx, query("retention/drop_old_occurrences"), a, &dues)
	for n := int64(1); n > 0 && err == nil; {
		n, err = s.DropExpired(ctx)
	}
	return dues, s.WrapError(ctx, err)
}
