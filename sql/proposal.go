package sql

import (
	"context"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/approval"
	"hhrecon/sql/db"
)

// proposeIfNeeded reports whether an action about a run needs a second person's approval. If an approval is needed,
// proposeIfNeeded saves the action as a proposal and passes the proposal to the callback each.
func (s *actionStore) proposeIfNeeded(ctx context.Context, o *reconcile.RunAction, run reconcile.Run, lock *projectLock,
	each func(reconcile.Action) error) (waits bool, err error) {
	if o.DryRun || o.Kind == reconcile.ActionDiscard || o.Consent.Above == 0 && o.Consent.Approves == nil {
		return false, nil
	}
	d := newActionBatch(s, reconcile.ActionPropose, o.By, o.Note, o.At, &o.Consent)
	err = s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		if err := lock.require(ctx, tx); err != nil {
			return err
		}
		sums, err := s.sumsOf(ctx, tx, o, run)
		if err == nil {
			waits, err = s.Needed(ctx, tx, run.ProjectID, o.By, &o.Consent, sums, o.At)
		}
		if err != nil || !waits {
			return err
		}
		d.facts.Proposes = &reconcile.Proposed{Kind: o.Kind, Class: int64(o.Class), PaymentIDs: o.PaymentIDs, Sums: sums}
		return d.executeWhole(ctx, tx, o.RunID)
	})
	if err != nil || !waits {
		return waits, err
	}
	return true, each(d.actions[0])
}

// sumsOf returns an action's sums by currency.
func (s *actionStore) sumsOf(ctx context.Context, tx *sqlx.Tx, o *reconcile.RunAction,
	run reconcile.Run) (approval.Sums, error) {
	if !o.Kind.Undoes() {
		return s.SumsOfHold(ctx, tx, o.RunID, o.Class)
	}
	return s.SumsOfPlan(ctx, tx, o.RunID, s.planUndo(o, 1, run.Selected))
}
