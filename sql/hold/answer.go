package hold

import (
	"context"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// Hold is what a person answers: all that a run's hold has, or one class of it.
type Hold struct {
	RunID int64           // that began it
	Class reconcile.Class // 0: all
}

func (h Hold) args() db.Args { return db.Args{"hold_id": h.RunID, "class": int64(h.Class)} }

// Runs lists the runs whose corrections the hold has, oldest first; none if nothing waits.
func (h Hold) Runs(ctx context.Context, d *db.DB, q sqlx.QueryerContext) (runs []int64, err error) {
	err = d.List(ctx, q, &runs, runsOfHoldQuery.In(d.Dialect), h.args())
	return runs, err
}

// Begin tells whether anything waits, and prepares what a person does about it. A discard drops the hold's
// corrections, whatever else holds them. Before the release of a run's corrections, those that another hold, or
// another class of it, has too are noted as not kept back by this one any more.
func (h Hold) Begin(
	ctx context.Context, d *db.DB, tx *sqlx.Tx, kind reconcile.ActionKind, runID int64,
) (left bool, err error) {
	runs, err := h.Runs(ctx, d, tx)
	if err != nil || len(runs) == 0 {
		return false, err
	}
	a, q := h.args(), discardHeldQuery
	if kind == reconcile.ActionRelease {
		a["run_id"], q = runID, allowHeldQuery
	}
	_, err = d.Exec(ctx, tx, q.In(d.Dialect), a)
	return true, err
}

// End ends the hold, if nothing is left of it.
func (h Hold) End(ctx context.Context, d *db.DB, tx *sqlx.Tx, kind reconcile.ActionKind) error {
	state := reconcile.Discarded
	if kind == reconcile.ActionRelease {
		state = reconcile.Released
	}
	_, err := d.Exec(ctx, tx, endHoldQuery.In(d.Dialect), db.Args{"hold_id": h.RunID, "state": string(state)})
	return err
}

// Answered notes what the actions about a run's corrections, from a place in the audit log on, came to.
func Answered(ctx context.Context, d *db.DB, tx *sqlx.Tx, runID, after int64) error {
	_, err := d.Exec(ctx, tx, answerHeldQuery.In(d.Dialect), db.Args{"run_id": runID, "after": after})
	return err
}
