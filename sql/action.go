package sql

import (
	"context"
	"iter"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// savedActionRow is an action as the statements read it.
type savedActionRow struct {
	reasonColumns
	reconcile.Action
}

func (r *savedActionRow) action() reconcile.Action {
	r.Reason = r.reason()
	return r.Action
}

// actionBatchSize is how many rows an order writes in one transaction, at most: a span of seq, as in page.
const actionBatchSize = 1000

// Execute carries an order out, batch by batch, one transaction each, and calls each with every action once
// it is written; with what an earlier undo said, where the same is to be said again about a row that is left
// alone; and in a dry run with what would be written. Called again after a crash it does what is left.
func (s *Store) Execute(ctx context.Context, o reconcile.Order, each func(reconcile.Action) error) error {
	switch {
	case o.Kind == reconcile.ActionUndo:
	case o.Kind != reconcile.ActionRelease && o.Kind != reconcile.ActionDiscard:
		return db.Errorf("%q is no order", o.Kind)
	case o.DryRun, len(o.PaymentIDs) > 0:
		return db.Errorf("%s is about a whole run, and has no dry run", o.Kind)
	}
	if len(o.PaymentIDs) > maxNamed {
		return db.Errorf("%d payins are named, at most %d can be", len(o.PaymentIDs), maxNamed)
	}
	for first := int64(1); ; first += actionBatchSize {
		d, err := s.executeSpan(ctx, &o, first)
		if err != nil {
			return err
		}
		for _, a := range d.actions {
			if err := each(a); err != nil {
				return err
			}
		}
		if d.done {
			return nil
		}
	}
}

// executeSpan carries an order out on a span of the run's findings.
func (s *Store) executeSpan(ctx context.Context, o *reconcile.Order, first int64) (*actionBatch, error) {
	d := actionBatch{store: s, kind: o.Kind, who: db.CleanText(o.By), note: db.CleanText(o.Note), at: db.FormatTime(o.At)}
	last := first + actionBatchSize - 1
	candidates := db.Subquery{Args: db.Args{"run_id": o.RunID, "first": first, "last": last}}
	switch o.Kind {
	case reconcile.ActionRelease:
		candidates.Statement = planReleaseQuery.In(s.Dialect)
	case reconcile.ActionDiscard:
		candidates.Statement = planDiscardQuery.In(s.Dialect)
	default:
		candidates.Statement = planUndoQuery.In(s.Dialect)
		candidates.Args["all"], candidates.Args["payment_ids"] = len(o.PaymentIDs) == 0, db.Words(o.PaymentIDs)
	}
	if o.DryRun {
		err := s.Read(ctx, func(tx *sqlx.Tx) error {
			var err error
			if d.run, err = s.closedRun(ctx, tx, o.RunID); err != nil {
				return err
			}
			d.done = last >= d.run.Selected
			return d.wouldDo(ctx, tx, candidates)
		})
		return &d, s.WrapError(ctx, err)
	}
	err := s.writeRows(ctx, db.RetryConflict, o.RunID, func(tx *sqlx.Tx, rowByRow bool) error {
		var err error
		if d.run, err = s.lockClosed(ctx, tx, o.RunID); err != nil {
			return err
		}
		if o.Kind != reconcile.ActionUndo && d.run.State != reconcile.Held {
			return reconcile.ErrNotHeld
		}
		d.done = last >= d.run.Selected || o.Kind == reconcile.ActionDiscard
		if err := d.do(ctx, tx, candidates, rowByRow); err != nil || !d.done || o.Kind == reconcile.ActionUndo {
			return err
		}
		state := reconcile.Released
		if o.Kind == reconcile.ActionDiscard {
			state = reconcile.Discarded
		}
		_, err = s.Exec(ctx, tx, endHeldQuery.In(s.Dialect), db.Args{"run_id": o.RunID, "state": string(state)})
		return err
	})
	return &d, err
}

// lockClosed locks a closed run, so that no two people act on it at once.
func (s *Store) lockClosed(ctx context.Context, tx *sqlx.Tx, id int64) (reconcile.Run, error) {
	var state string
	if err := s.GetOr(ctx, tx, &state, lockRunQuery, db.Args{"run_id": id}, reconcile.ErrNoRun); err != nil {
		return reconcile.Run{}, err
	}
	return s.closedRun(ctx, tx, id)
}

// closedRun reads a run that people may act on.
func (s *Store) closedRun(ctx context.Context, tx *sqlx.Tx, id int64) (reconcile.Run, error) {
	run, err := s.run(ctx, tx, id)
	switch {
	case err != nil:
	case run.ClosedAt.IsZero():
		err = reconcile.ErrOpenRun
	case run.DryRun:
		err = reconcile.ErrDryRun
	}
	return run, err
}

// Rule carries one ruling out. Where the row is not as the finding, or the last action that wrote it, left
// it, the action's Result is CorrectionSuperseded and nothing is changed. It returns ErrDecided where a
// ruling on this finding stands, one that keeps the row included, and ErrNoRun, ErrOpenRun, ErrDryRun or
// ErrNoFinding.
func (s *Store) Rule(ctx context.Context, r reconcile.Ruling) (reconcile.Action, error) {
	if r.After.Status == "" && !r.Keep {
		return reconcile.Action{}, db.Errorf("a ruling without a status")
	}
	d := actionBatch{store: s, kind: reconcile.ActionDecide, who: db.CleanText(r.By), note: db.CleanText(r.Note),
		at: db.FormatTime(r.At)}
	finding := db.Args{"run_id": r.RunID, "seq": r.Seq}
	candidate := planDecideQuery.In(s.Dialect).With(db.Args{
		"run_id": r.RunID, "seq": r.Seq, "keep": r.Keep, "status_after": db.CleanText(r.After.Status),
		"sub_status_after": db.CleanText(r.After.SubStatus), "settled_amount_after": r.After.SettledAmount,
	})
	err := s.writeRows(ctx, db.RetryConflict, r.RunID, func(tx *sqlx.Tx, rowByRow bool) error {
		var err error
		if d.run, err = s.lockClosed(ctx, tx, r.RunID); err != nil {
			return err
		}
		var decided bool
		if err := s.Get(ctx, tx, &decided, decidedQuery.In(s.Dialect), finding); err != nil {
			return err
		}
		if decided {
			return reconcile.ErrDecided
		}
		if err := d.do(ctx, tx, candidate, rowByRow); err != nil {
			return err
		}
		if len(d.rows) == 0 {
			return reconcile.ErrNoFinding
		}
		return nil
	})
	if err != nil {
		return reconcile.Action{}, err
	}
	return d.actions[0], nil
}

// Actions lists a run's actions, oldest first. The first error is the last pair. Whoever stops early leaves
// nothing open.
func (s *Store) Actions(ctx context.Context, runID int64) iter.Seq2[reconcile.Action, error] {
	return db.Stream(ctx, s.DB, func(tx *sqlx.Tx, emit func([]reconcile.Action, error) error) error {
		for beyond := int64(0); ; {
			var rows []savedActionRow
			err := s.List(ctx, tx, &rows, actionsOfRunQuery.In(s.Dialect),
				db.Args{"run_id": runID, "beyond": beyond, "limit": page})
			if err := emit(db.Column(rows, (*savedActionRow).action), err); err != nil || len(rows) == 0 {
				return err
			}
			beyond = rows[len(rows)-1].ID
		}
	})
}
