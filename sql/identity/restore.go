package identity

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// maxLost is the maximum number of runs that a restore can lose. A file name with a run number above the last run plus
// maxLost is not a report of this database.
const maxLost = 1_000_000

// NoteRestore compares the runs in the report folder with the database. If the folder has later runs, the database was
// restored from an older backup. The numbers of these runs are then not used again. Each project's next run over all
// open payins reports the restore (see Restored).
func (g Guard) NoteRestore(ctx context.Context, reported []int64) error {
	var last struct{ Known, Shown int64 }
	if err := g.Get(ctx, g.Conn, &last, query("last_run").In(g.Dialect), nil); err != nil {
		return g.WrapError(ctx, err)
	}
	known, shown := max(last.Known, last.Shown), int64(0)
	for _, run := range reported {
		if run > known && run-known <= maxLost {
			shown = max(shown, run)
		}
	}
	if shown == 0 {
		return nil
	}
	a := db.Args{"known": last.Known, "shown": shown, "last": shown, "now": db.FormatTime(g.Now())}
	g.Log.WarnContext(ctx, "the report folder has runs that are not in the database, because the database was restored "+
		"from an older backup; hhrecon does not use their run numbers again", "last_run", last.Known, "last_report", shown)
	return g.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		_, err := g.Exec(ctx, tx, query("skip_runs").In(g.Dialect), a)
		if err == nil {
			_, err = g.Exec(ctx, tx, query("note_restore").In(g.Dialect), a)
		}
		return err
	})
}

// Restored returns what a starting run over all open payins must report about a restore. Restored returns nil if there
// was no restore, or if an earlier run of the project has reported the restore. Restored also makes the run recheck the
// final payins that changed since the last such run in the database. The limits of Selection.RecheckSince apply, even
// if the project has no recheck.
func (g Guard) Restored(ctx context.Context, projectID string, sel *reconcile.Selection,
	now time.Time) ([]reconcile.Reason, error) {
	var row struct {
		Known, Shown int64
		Since        time.Time
	}
	err := g.GetOr(ctx, g.Conn, &row, query("restored"), db.Args{"project_id": projectID}, nil)
	if err != nil || row.Shown == 0 {
		return nil, g.WrapError(ctx, err)
	}
	if sel.RecheckFrom.IsZero() {
		sel.RecheckFrom, sel.RecheckTo = now, sel.Window.To
	}
	last := row.Since
	if last.IsZero() {
		last = time.Unix(0, 0)
	}
	sel.RecheckFrom = sel.RecheckSince(last, now)
	from := sel.RecheckFrom.Format(time.RFC3339)
	why := []reconcile.Reason{reconcile.Because("shortfall.restored", row.Known, row.Shown, from)}
	if row.Since.Before(sel.RecheckFrom) {
		why = append(why, reconcile.Because("shortfall.restored_before", from))
	}
	return why, nil
}
