package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"iter"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

// WholeRunBefore is the project's last whole run that was closed before a run, or reconcile.ErrNoRun.
func (s *Store) WholeRunBefore(ctx context.Context, runID int64) (reconcile.Run, error) {
	var id int64
	err := s.get(ctx, s.db, &id, wholeRunBeforeQuery.in(s.dialect), args{"run_id": runID})
	if errors.Is(err, stdsql.ErrNoRows) {
		return reconcile.Run{}, reconcile.ErrNoRun
	}
	if err != nil {
		return reconcile.Run{}, s.explain(ctx, err)
	}
	return s.Run(ctx, id)
}

// Standings streams how payins stand after a run, beside how they stood after the run before, page by page
// in one transaction. The first error is the last pair.
func (s *Store) Standings(ctx context.Context, before, run reconcile.Run) iter.Seq2[reconcile.Standing, error] {
	return func(yield func(reconcile.Standing, error) bool) {
		err := s.read(ctx, func(tx *sqlx.Tx) error {
			for first := int64(1); first <= max(before.Selected, run.Selected); first += page {
				var rows []reconcile.Standing
				if err := s.list(ctx, tx, &rows, standingsQuery.in(s.dialect), args{
					"before": before.ID, "run_id": run.ID, "first": first, "last": first + page - 1,
				}); err != nil {
					return err
				}
				for i := range rows {
					if !yield(rows[i], nil) {
						return errStopped
					}
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(reconcile.Standing{}, s.explain(ctx, err))
		}
	}
}
