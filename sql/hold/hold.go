package hold

import (
	"context"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// Hold selects the corrections of a hold that a person releases or discards. Hold selects all corrections of the hold,
// or the corrections of one class.
type Hold struct {
	RunID int64           // the run that started the hold
	Class reconcile.Class // 0 for all classes
}

func (h Hold) args() db.Args { return db.Args{"hold_id": h.RunID, "class": int64(h.Class)} }

// Runs lists the runs whose corrections the hold keeps back, oldest first. The list is empty if no correction waits.
func (h Hold) Runs(ctx context.Context, d *db.DB, q sqlx.QueryerContext) (runs []int64, err error) {
	err = d.List(ctx, q, &runs, query("runs_of_hold").In(d.Dialect), h.args())
	return runs, err
}

// Begin prepares a person's release or discard, and reports whether the hold has a waiting correction. A discard also
// applies to corrections that another hold or class keeps back. A release removes such corrections from this hold, but
// does not write these corrections.
func (h Hold) Begin(ctx context.Context, d *db.DB, tx *sqlx.Tx, kind reconcile.ActionKind,
	runID int64) (left bool, err error) {
	runs, err := h.Runs(ctx, d, tx)
	if err != nil || len(runs) == 0 {
		return false, err
	}
	a, q := h.args(), query("discard_held")
	if kind == reconcile.ActionRelease {
		a["run_id"], q = runID, query("allow_held")
	}
	_, err = d.Exec(ctx, tx, q.In(d.Dialect), a)
	return true, err
}

// End ends the hold if it no longer keeps back a correction.
func (h Hold) End(ctx context.Context, d *db.DB, tx *sqlx.Tx, kind reconcile.ActionKind) error {
	state := reconcile.Discarded
	if kind == reconcile.ActionRelease {
		state = reconcile.Released
	}
	_, err := d.Exec(ctx, tx, query("end_hold").In(d.Dialect), db.Args{"hold_id": h.RunID, "state": string(state)})
	return err
}

// SaveResults saves the results of the actions on a run's corrections. SaveResults reads the actions after a position
// in the audit log.
func SaveResults(ctx context.Context, d *db.DB, tx *sqlx.Tx, runID, after int64) error {
	_, err := d.Exec(ctx, tx, query("answer_held").In(d.Dialect), db.Args{"run_id": runID, "after": after})
	return err
}
