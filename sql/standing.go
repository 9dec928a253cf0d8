package sql

import (
	"context"
	"iter"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/merchant"
)

// WholeRunBefore is the project's last whole run that was closed before a run, or reconcile.ErrNoRun.
func (s *runStore) WholeRunBefore(ctx context.Context, runID int64) (reconcile.Run, error) {
	return s.wholeRun(ctx, wholeRunBeforeQuery, db.Args{"run_id": runID})
}

// Transitions streams how payins stand after a run, beside how they stood after the run before, page by page
// in one transaction. The first error is the last pair.
func (s *findingStore) Transitions(ctx context.Context, before, run reconcile.Run) iter.Seq2[reconcile.Transition,
	error] {
	return db.Stream(ctx, s.DB, func(tx *sqlx.Tx, emit func([]reconcile.Transition, error) error) error {
		for first := int64(1); first <= max(before.Selected, run.Selected); first += page {
			var rows []reconcile.Transition
			err := s.List(ctx, tx, &rows, transitionsQuery.In(s.Dialect), db.Args{
				"before": before.ID, "run_id": run.ID, "first": first, "last": first + page - 1,
				"forever": db.FormatTime(merchant.EndOfTime),
			})
			if err := emit(rows, err); err != nil {
				return err
			}
		}
		return nil
	})
}
