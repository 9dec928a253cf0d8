package sql

import (
	"context"
	stdsql "database/sql"
	"errors"

	"hhrecon/reconcile"
)

// CountRuns counts runs by project, state and trigger; dry runs are left out.
func (s *Store) CountRuns(ctx context.Context) ([]reconcile.RunCount, error) {
	var rows []struct {
		ProjectID string `db:"project_id"`
		State     string `db:"state"`
		Origin    string `db:"origin"`
		Count     int64  `db:"count"`
	}
	if err := s.list(ctx, s.db, &rows, countRunsQuery.in(s.dialect), nil); err != nil {
		return nil, s.explain(ctx, err)
	}
	counts := make([]reconcile.RunCount, len(rows))
	for i, r := range rows {
		counts[i] = reconcile.RunCount{
			ProjectID: r.ProjectID, State: reconcile.RunState(r.State), Trigger: reconcile.Trigger(r.Origin), Count: r.Count,
		}
	}
	return counts, nil
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
