package sql

import (
	"context"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// CountRuns counts runs by project, state and trigger; dry runs are left out.
func (s *Store) CountRuns(ctx context.Context) ([]reconcile.RunCount, error) {
	var counts []reconcile.RunCount
	err := s.List(ctx, s.Conn, &counts, countRunsQuery.In(s.Dialect), nil)
	return counts, s.WrapError(ctx, err)
}

// LastWhole returns the project's last whole run that was closed, or reconcile.ErrNoRun.
func (s *Store) LastWhole(ctx context.Context, projectID string) (reconcile.Run, error) {
	return wholeRun(ctx, s, lastWholeRunQuery, db.Args{"project_id": projectID})
}

// wholeRun returns the run that a statement names, or reconcile.ErrNoRun.
func wholeRun(ctx context.Context, s *Store, q db.Query, a db.Args) (reconcile.Run, error) {
	var id int64
	if err := s.GetOr(ctx, s.Conn, &id, q, a, nil); err != nil {
		return reconcile.Run{}, s.WrapError(ctx, err)
	}
	return s.Run(ctx, id)
}
