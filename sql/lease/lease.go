// Package lease checks that a run belongs to the process that writes to it. Every transaction that writes to a run
// calls RequireLease first. The owner calls Heartbeat until the run ends.
package lease

import (
	"context"
	"embed"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// Leases checks and renews leases.
type Leases struct{ *db.DB }

// Args returns a lease as parameters of a statement.
func Args(l reconcile.Lease) db.Args {
	return db.Args{"run_id": l.RunID, "project_id": l.ProjectID, "token": db.CleanText(l.Token)}
}

// OwnerArgs returns an owner as parameters of a statement.
func OwnerArgs(o reconcile.Owner) db.Args {
	return db.Args{"token": db.CleanText(o.Token), "host": db.CleanText(o.Host), "pid": o.PID,
		"process": db.CleanText(o.Process)}
}

// RequireLease checks that the run belongs to the caller until the transaction ends. If the run belongs to another
// process, RequireLease returns reconcile.ErrRunLost.
func (s Leases) RequireLease(ctx context.Context, tx *sqlx.Tx, l reconcile.Lease) error {
	var id int64
	return s.GetOr(ctx, tx, &id, query("require_lease"), Args(l), reconcile.ErrRunLost)
}

// Heartbeat records a heartbeat with the time of the database's clock. Heartbeat returns reconcile.ErrRunLost if the
// run belongs to another process, or *reconcile.StopError if a person asked for a stop.
func (s Leases) Heartbeat(ctx context.Context, l reconcile.Lease) error {
	a := Args(l)
	a["clock"] = s.Clock()
	var stopBy string
	err := s.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		return s.GetOr(ctx, tx, &stopBy, query("heartbeat_run"), a, reconcile.ErrRunLost)
	})
	if err == nil && stopBy != "" {
		err = &reconcile.StopError{By: stopBy}
	}
	return err
}
