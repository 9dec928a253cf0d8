package sql

import (
	"context"

	"hhrecon/reconcile"
)

// CountRuns counts runs by project, state and trigger; dry runs are left out.
func (s *Store) CountRuns(ctx context.Context) ([]reconcile.RunCount, error) {
	var counts []reconcile.RunCount
	err := s.list(ctx, s.db, &counts, countRunsQuery.in(s.dialect), nil)
	return counts, s.explain(ctx, err)
}

// LastWhole returns the project's last whole run that was closed, or reconcile.ErrNoRun.
func (s *Store) LastWhole(ctx context.Context, projectID string) (reconcile.Run, error) {
	return wholeRun(ctx, s, lastWholeRunQuery, args{"project_id": projectID})
}

// wholeRun returns the run that a statement names, or reconcile.ErrNoRun.
func wholeRun(ctx context.Context, s *Store, q query, a args) (reconcile.Run, error) {
	var id int64
	if err := s.getOr(ctx, s.db, &id, q, a, nil); err != nil {
		return reconcile.Run{}, s.explain(ctx, err)
	}
	return s.Run(ctx, id)
}
