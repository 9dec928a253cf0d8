package sql

import (
	"context"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// LastWhole returns the project's last whole run that was closed, or reconcile.ErrNoRun.
func (s *runStore) LastWhole(ctx context.Context, projectID string) (reconcile.Run, error) {
	return s.wholeRun(ctx, lastWholeRunQuery, db.Args{"project_id": projectID})
}

// wholeRun returns the run that a statement names, or reconcile.ErrNoRun.
func (s *runStore) wholeRun(ctx context.Context, q db.Query, a db.Args) (reconcile.Run, error) {
	var id int64
	if err := s.GetOr(ctx, s.Conn, &id, q, a, nil); err != nil {
		return reconcile.Run{}, s.WrapError(ctx, err)
	}
	return s.Run(ctx, id)
}
