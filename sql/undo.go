package sql

import (
	"context"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// planUndo selects the rows that an undo restores in a range of a run's findings.
func (s *actionStore) planUndo(o *reconcile.RunAction, first, last int64) db.Subquery {
	q := query("action/plan_undo")
	if o.Kind == reconcile.ActionUndoDecision {
		q = query("action/plan_undo_decision")
	}
	return q.In(s.Dialect).With(db.Args{
		"run_id": o.RunID, "first": first, "last": last,
		"all": len(o.PaymentIDs) == 0, "payment_ids": db.Strings(o.PaymentIDs),
	})
}

// previousUndos returns the latest results of earlier undos, for rows that this undo does not write.
func (d *actionBatch) previousUndos(ctx context.Context, tx *sqlx.Tx) (map[int64]reconcile.Action, error) {
	if d.kind != reconcile.ActionUndo {
		return nil, nil
	}
	var left []int64
	for i := range d.rows {
		if d.rows[i].result != reconcile.CorrectionApplied {
			left = append(left, d.rows[i].Seq)
		}
	}
	if len(left) == 0 {
		return nil, nil
	}
	var rows []savedActionRow
	err := d.store.List(ctx, tx, &rows, query("action/previous_undos").In(d.store.Dialect),
		db.Args{"run_id": d.run.ID, "seqs": db.Int64s(left)})
	said := make(map[int64]reconcile.Action, len(rows))
	for i := range rows {
		said[rows[i].Seq] = rows[i].action()
	}
	return said, err
}
