package sql

import (
	"context"
	"iter"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/merchant"
)

// PayinHistories streams the payins about which a period's runs have several different findings. PayinHistories reads
// page by page in one transaction, in the order of Findings. For a scope that is not a period, the stream is empty. If
// reading fails, the last pair has the error.
func (s *findingStore) PayinHistories(ctx context.Context,
	scope reconcile.ReportScope) iter.Seq2[reconcile.PayinHistory, error] {
	if scope.RunID != 0 || scope.Correction != 0 {
		return func(func(reconcile.PayinHistory, error) bool) {}
	}
	return db.Stream(ctx, s.DB, func(tx *sqlx.Tx, emit func([]reconcile.PayinHistory, error) error) error {
		runs, err := s.runsOf(ctx, tx, scope)
		if err != nil || len(runs) == 0 {
			return err
		}
		for _, run := range runs {
			for first := int64(1); first <= run.Selected; first += page {
				a := scopeArgs(scope)
				a["begin"], a["run_id"], a["first"], a["last"] = runs[0].ID, run.ID, first, first+page-1
				if err := emit(s.historiesOf(ctx, tx, a)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// historiesOf reads one page of histories with their findings and actions.
func (s *findingStore) historiesOf(ctx context.Context, tx *sqlx.Tx, a db.Args) ([]reconcile.PayinHistory, error) {
	var rows []struct { // an entry, with the columns that all entries of a payin share
		reconcile.PayinHistory
		reconcile.HistoryEntry
	}
	if err := s.List(ctx, tx, &rows, query("finding/payin_histories").In(s.Dialect), a); err != nil || len(rows) == 0 {
		return nil, err
	}
	var histories []reconcile.PayinHistory
	ids, place := []string(nil), make(map[string]int)
	for _, r := range rows {
		i, begun := place[r.PaymentID]
		if !begun {
			i = len(histories)
			place[r.PaymentID], ids = i, append(ids, r.PaymentID)
			histories = append(histories, r.PayinHistory)
		}
		histories[i].Entries = append(histories[i].Entries, r.HistoryEntry)
	}
	a["project_id"], a["payment_ids"] = rows[0].ProjectID, db.Strings(ids) // all payins of a run have the same project
	var actions []savedActionRow
	err := s.List(ctx, tx, &actions, query("action/actions_of_history").In(s.Dialect), a)
	for i := range actions {
		j := &histories[place[actions[i].PaymentID]]
		j.Actions = append(j.Actions, actions[i].action())
	}
	return histories, err
}

// Transitions streams the states of payins after a run, each with the state after the previous run. Transitions reads
// page by page in one transaction. If reading fails, the last pair has the error.
func (s *findingStore) Transitions(ctx context.Context,
	before, run reconcile.Run) iter.Seq2[reconcile.Transition, error] {
	return db.Stream(ctx, s.DB, func(tx *sqlx.Tx, emit func([]reconcile.Transition, error) error) error {
		for first := int64(1); first <= max(before.Selected, run.Selected); first += page {
			var rows []reconcile.Transition
			err := s.List(ctx, tx, &rows, query("finding/transitions").In(s.Dialect), db.Args{
				"before": before.ID, "run_id": run.ID, "first": first, "last": first + page - 1,
				"forever": db.FormatTime(merchant.EndOfTime),
			})
			if err := emit(rows, err); err != nil {
				return err
			}
		}
		return nil
	})
}
