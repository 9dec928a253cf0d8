package sql

import (
	"context"
	stdsql "database/sql"
	"errors"

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
	var id int64
	err := s.get(ctx, s.db, &id, lastWholeRunQuery.in(s.dialect), args{"project_id": projectID})
	if errors.Is(err, stdsql.ErrNoRows) {
		return reconcile.Run{}, reconcile.ErrNoRun
	}
	if err != nil {
		return reconcile.Run{}, s.explain(ctx, err)
	}
	return s.Run(ctx, id)
}
