package sql

import (
	"context"
	"iter"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
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
		return faultf("%q is no order", o.Kind)
	case o.DryRun, len(o.PaymentIDs) > 0:
		return faultf("%s is about a whole run, and has no dry run", o.Kind)
	}
	if len(o.PaymentIDs) > maxNamed {
		return faultf("%d payins are named, at most %d can be", len(o.PaymentIDs), maxNamed)
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
	d := actionBatch{store: s, kind: o.Kind, who: clean(o.By), note: clean(o.Note), at: stamp(o.At)}
	last := first + actionBatchSize - 1
	candidates := splice{args: args{"run_id": o.RunID, "first": first, "last": last}}
	switch o.Kind {
	case reconcile.ActionRelease:
		candidates.stmt = planReleaseQuery.in(s.dialect)
	case reconcile.ActionDiscard:
		candidates.stmt = planDiscardQuery.in(s.dialect)
	default:
		candidates.stmt = planUndoQuery.in(s.dialect)
		candidates.args["all"], candidates.args["payment_ids"] = len(o.PaymentIDs) == 0, words(o.PaymentIDs)
	}
	if o.DryRun {
		err := s.read(ctx, func(tx *sqlx.Tx) error {
			var err error
			if d.run, err = s.closedRun(ctx, tx, o.RunID); err != nil {
				return err
			}
			d.done = last >= d.run.Selected
			return d.wouldDo(ctx, tx, candidates)
		})
		return &d, s.explain(ctx, err)
	}
	err := s.writeRows(ctx, retryConflict, o.RunID, func(tx *sqlx.Tx, rowByRow bool) error {
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
		_, err = s.exec(ctx, tx, endHeldQuery.in(s.dialect), args{"run_id": o.RunID, "state": string(state)})
		return err
	})
	return &d, err
}

// lockClosed locks a closed run, so that no two people act on it at once.
func (s *Store) lockClosed(ctx context.Context, tx *sqlx.Tx, id int64) (reconcile.Run, error) {
	var state string
	if err := s.getOr(ctx, tx, &state, lockRunQuery, args{"run_id": id}, reconcile.ErrNoRun); err != nil {
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
		return reconcile.Action{}, faultf("a ruling without a status")
	}
	d := actionBatch{store: s, kind: reconcile.ActionDecide, who: clean(r.By), note: clean(r.Note), at: stamp(r.At)}
	finding := args{"run_id": r.RunID, "seq": r.Seq}
	candidate := planDecideQuery.in(s.dialect).with(args{
		"run_id": r.RunID, "seq": r.Seq, "keep": r.Keep, "status_after": clean(r.After.Status),
		"sub_status_after": clean(r.After.SubStatus), "settled_amount_after": r.After.SettledAmount,
	})
	err := s.writeRows(ctx, retryConflict, r.RunID, func(tx *sqlx.Tx, rowByRow bool) error {
		var err error
		if d.run, err = s.lockClosed(ctx, tx, r.RunID); err != nil {
			return err
		}
		var decided bool
		if err := s.get(ctx, tx, &decided, decidedQuery.in(s.dialect), finding); err != nil {
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
	return stream(ctx, s.DB, func(tx *sqlx.Tx, emit func([]reconcile.Action, error) error) error {
		for beyond := int64(0); ; {
			var rows []savedActionRow
			err := s.list(ctx, tx, &rows, actionsOfRunQuery.in(s.dialect),
				args{"run_id": runID, "beyond": beyond, "limit": page})
			if err := emit(column(rows, (*savedActionRow).action), err); err != nil || len(rows) == 0 {
				return err
			}
			beyond = rows[len(rows)-1].ID
		}
	})
}
