package sql

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/merchant"
)

// maxPaymentIDs is the maximum number of payment IDs that a run or action can name. Each ID is a parameter of the
// statement.
const maxPaymentIDs = 10_000

// selectPayins copies the payins of the merchant's queries into the selection, inside the database. selectPayins marks
// faulty rows and held successes. It returns the number of selected payins, and the number of final payins that it left
// out because of the limit.
func (s *runStore) selectPayins(ctx context.Context, tx *sqlx.Tx, id int64,
	n *reconcile.NewRun) (rows, unchecked int64, err error) {
	sel := n.Selection
	if sel.Whole {
		var last time.Time
		if err := s.GetOr(ctx, tx, &last, query("run/last_whole_start"), db.Args{"project_id": n.Project.ID},
			nil); err != nil {
			return 0, 0, err
		}
		sel.RecheckFrom = sel.RecheckSince(last, n.StartedAt)
	}
	if sel.RecheckTo.IsZero() {
		sel.RecheckTo = merchant.EndOfTime
	}
	open := s.OpenQuery(n.Project.ID, sel.Window, n.Project.OpenStatuses())
	final := s.FinalQuery(n.Project.ID, sel.RecheckFrom, n.Project.FinalStatuses())
	if err := s.CheckSelect(ctx, tx, open); err != nil {
		return 0, 0, err
	}
	if err := s.CheckSelect(ctx, tx, final); err != nil {
		return 0, 0, err
	}
	rows, err = s.Exec(ctx, tx, query("run/fill_selection").In(s.Dialect), db.Args{
		"run_id": id, "project_id": n.Project.ID, "open_payins": open, "final_payins": final,
		"recheck": !sel.RecheckFrom.IsZero(),
		"all":     len(sel.PaymentIDs) == 0, "payment_ids": db.Strings(sel.PaymentIDs),
		"recheck_to": db.FormatTime(sel.RecheckTo),
	})
	if _, refused := db.Refusal(err); refused {
		return 0, 0, db.Errorf("%s or %s: %s", merchant.OpenPayinsFile, merchant.FinalPayinsFile, s.Describe(err))
	}
	if err == nil && sel.RecheckLimit > 0 {
		limit := db.Args{"run_id": id, "limit": sel.RecheckLimit}
		unchecked, err = s.Exec(ctx, tx, query("run/trim_recheck").In(s.Dialect), limit)
	}
	a := db.Args{"run_id": id, "project_id": n.Project.ID, "time": db.TimeGlob}
	for _, mark := range []db.Query{query("run/mark_faulty"), query("run/mark_held")} {
		if err == nil {
			_, err = s.Exec(ctx, tx, mark.In(s.Dialect), a)
		}
	}
	return rows - unchecked, unchecked, err
}

// fillUnresolved saves the payins that are still open but older than the run's time window, and were not older at the
// project's last whole run. A whole run selects all open payins in the time window.
func (s *runStore) fillUnresolved(ctx context.Context, tx *sqlx.Tx, id int64, n *reconcile.NewRun) (int64, error) {
	var last time.Time
	if err := s.GetOr(ctx, tx, &last, query("run/last_window"), db.Args{"project_id": n.Project.ID}, nil); err != nil {
		return 0, err
	}
	from := n.Selection.Window.From
	if !last.Before(from) {
		return 0, nil
	}
	open := s.OpenQuery(n.Project.ID, reconcile.Window{From: last, To: from}, n.Project.OpenStatuses())
	a := db.Args{"run_id": id, "open_payins": open, "time": db.TimeGlob}
	rows, err := s.Exec(ctx, tx, query("run/fill_unresolved").In(s.Dialect), a)
	if _, refused := db.Refusal(err); refused {
		return 0, db.Errorf("%s: %s", merchant.OpenPayinsFile, s.Describe(err))
	}
	return rows, err
}

// selectionFaults returns an error for each row that the merchant's queries should not have returned.
func (s *runStore) selectionFaults(ctx context.Context, tx *sqlx.Tx, id int64, n *reconcile.NewRun) error {
	var found []struct{ Query, PaymentID, Fault string }
	faults := []error{s.List(ctx, tx, &found, query("run/selection_faults").In(s.Dialect), db.Args{
		"run_id": id, "project_id": n.Project.ID,
		"from": db.FormatTime(n.Selection.Window.From), "to": db.FormatTime(n.Selection.Window.To),
	})}
	for _, f := range found {
		faults = append(faults, db.Errorf("%s: payin %q: %s", f.Query, f.PaymentID, f.Fault))
	}
	return errors.Join(faults...)
}

// checkMissing returns *reconcile.MissingError if a payin that was requested by its ID is not selected.
func (s *runStore) checkMissing(ctx context.Context, tx *sqlx.Tx, id int64, n *reconcile.NewRun) error {
	if len(n.Selection.PaymentIDs) == 0 {
		return nil
	}
	var selected []string
	if err := s.List(ctx, tx, &selected, query("run/selected_ids").In(s.Dialect), db.Args{"run_id": id}); err != nil {
		return err
	}
	slices.Sort(selected)
	var missing []string
	for _, payin := range n.Selection.PaymentIDs {
		if _, found := slices.BinarySearch(selected, payin); !found && !slices.Contains(missing, payin) {
			missing = append(missing, payin)
		}
	}
	if len(missing) > 0 {
		return &reconcile.MissingError{ProjectID: n.Project.ID, PaymentIDs: missing}
	}
	return nil
}
