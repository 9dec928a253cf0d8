package sql

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/lease"
	"hhrecon/sql/merchant"
)

// maxPaymentIDs limits how many payment IDs a run or action can name. Each one is a parameter of the statement.
const maxPaymentIDs = 10_000

// OpenRun opens a run, selects the project's open payins once and counts them, in one transaction. It returns
// *HeldError if a live process runs the project, and *MissingError if a payin named in the selection is not open. A
// run whose owner is dead becomes interrupted.
func (s *runStore) OpenRun(ctx context.Context, n reconcile.NewRun) (reconcile.Run, error) {
	if len(n.Selection.PaymentIDs) > maxPaymentIDs {
		return reconcile.Run{}, db.Errorf("%d payment IDs are given; the limit is %d", len(n.Selection.PaymentIDs),
			maxPaymentIDs)
	}
	proof, err := s.Prove(ctx, &n.Project)
	if err != nil {
		return reconcile.Run{}, err
	}
	check := proof.QueryCheck
	if n.Selection.Whole {
		if check.Unknown, err = s.UnknownStatuses(ctx, &n.Project, n.Selection.Window); err != nil {
			s.Log.WarnContext(ctx, "payins with unknown statuses were not counted", "reason", err)
			check.Uncounted = db.CleanText(err.Error())
		}
		if check.Restored, err = s.Restored(ctx, n.Project.ID, &n.Selection, n.StartedAt); err != nil {
			return reconcile.Run{}, err
		}
	}
	var run reconcile.Run
	err = s.WithTx(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		var err error
		run, err = s.openRun(ctx, tx, &n, &check)
		return err
	})
	if db.IsDuplicate(err) {
		err = s.runningRun(ctx, n.Project.ID, err)
		var held *reconcile.HeldError
		if done := s.checkOccurrence(ctx, s.Conn, &n); !errors.As(err, &held) && done != nil {
			err = done
		}
	}
	if err != nil {
		return reconcile.Run{}, s.WrapError(ctx, err)
	}
	s.RefreshStatistics(ctx)
	return run, nil
}

func (s *runStore) openRun(ctx context.Context, tx *sqlx.Tx, n *reconcile.NewRun,
	check *reconcile.QueryCheck) (reconcile.Run, error) {
	if err := s.CheckClock(ctx, tx); err != nil {
		return reconcile.Run{}, err
	}
	if err := s.checkOccurrence(ctx, tx, n); err != nil {
		return reconcile.Run{}, err
	}
	if err := s.clearProject(ctx, tx, n.Project.ID, n.Expired); err != nil {
		return reconcile.Run{}, err
	}
	rules, err := json.Marshal(n.Project.Rules(n.StartedAt))
	if err != nil {
		return reconcile.Run{}, err
	}
	a := lease.OwnerArgs(n.Owner)
	a["project_id"], a["dry_run"], a["whole"] = n.Project.ID, n.DryRun, n.Selection.Whole
	a["window_from"], a["window_to"] = db.FormatTime(n.Selection.Window.From), db.FormatTime(n.Selection.Window.To)
	a["rules"], a["started_at"], a["clock"] = string(rules), db.FormatTime(n.StartedAt), s.Clock()
	if n.Origin.Trigger == "" {
		n.Origin.Trigger = reconcile.TriggerCommand
	}
	a["origin"], a["begun_by"], a["due"] = string(n.Origin.Trigger), db.CleanText(n.Origin.By),
		db.CleanText(n.Origin.Occurrence)
	a["announce"], a["no_email"], a["query_check"] = n.Publish, n.NoEmail || n.DryRun, check.Text()
	var id int64
	if err := s.Get(ctx, tx, &id, openRunQuery.In(s.Dialect), a); err != nil {
		return reconcile.Run{}, err
	}
	selected, unchecked, err := s.selectPayins(ctx, tx, id, n)
	if err != nil {
		return reconcile.Run{}, err
	}
	var unresolved int64
	if n.Selection.Whole && !n.DryRun {
		if unresolved, err = s.fillUnresolved(ctx, tx, id, n); err != nil {
			return reconcile.Run{}, err
		}
	}
	err = cmp.Or(s.selectionFaults(ctx, tx, id, n), s.checkMissing(ctx, tx, id, n), s.RecordBegin(ctx, tx, id, n))
	if err != nil {
		return reconcile.Run{}, err
	}
	payins := s.AllPayins(n.Project.ID, slices.Concat(n.Project.OpenStatuses(), n.Project.FinalStatuses()))
	count := db.Args{
		"run_id": id, "selected": selected, "unresolved": unresolved, "open_payins": payins[0], "final_payins": payins[1],
		"unchecked": unchecked,
	}
	if _, err := s.Exec(ctx, tx, saveSelectedCountQuery.In(s.Dialect), count); err != nil {
		return reconcile.Run{}, err
	}
	run, err := s.run(ctx, tx, id)
	if err == nil && n.Owner.BatchSize > 0 {
		err = s.CreateBatches(ctx, tx, run, n.Owner.BatchSize)
	}
	return run, err
}

// checkOccurrence returns *reconcile.DoneError if the project already has a run for the scheduled time.
func (s *runStore) checkOccurrence(ctx context.Context, tx sqlx.QueryerContext, n *reconcile.NewRun) error {
	if n.Origin.Occurrence == "" {
		return nil
	}
	var id int64
	a := db.Args{"project_id": n.Project.ID, "due": db.CleanText(n.Origin.Occurrence)}
	if err := s.GetOr(ctx, tx, &id, runOfOccurrenceQuery, a, nil); err != nil || id == 0 {
		return err
	}
	run, err := s.run(ctx, tx, id)
	if err != nil {
		return err
	}
	return &reconcile.DoneError{Run: run}
}

// selectPayins copies the payins of the merchant's queries into the selection, inside the database. It marks faulty
// rows and held successes. It returns how many payins are selected, and how many final ones exceed the limit and are
// left out.
func (s *runStore) selectPayins(ctx context.Context, tx *sqlx.Tx, id int64,
	n *reconcile.NewRun) (rows, unchecked int64, err error) {
	sel := n.Selection
	if sel.Whole {
		var last time.Time
		if err := s.GetOr(ctx, tx, &last, lastWholeStartQuery, db.Args{"project_id": n.Project.ID}, nil); err != nil {
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
	rows, err = s.Exec(ctx, tx, fillSelectionQuery.In(s.Dialect), db.Args{
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
		unchecked, err = s.Exec(ctx, tx, trimRecheckQuery.In(s.Dialect), limit)
	}
	a := db.Args{"run_id": id, "project_id": n.Project.ID, "time": db.TimeGlob}
	for _, mark := range []db.Query{markFaultyQuery, markHeldQuery} {
		if err == nil {
			_, err = s.Exec(ctx, tx, mark.In(s.Dialect), a)
		}
	}
	return rows - unchecked, unchecked, err
}

// fillUnresolved lists the payins that are still open and have left the window since the project's last whole run.
func (s *runStore) fillUnresolved(ctx context.Context, tx *sqlx.Tx, id int64, n *reconcile.NewRun) (int64, error) {
	var last time.Time
	if err := s.GetOr(ctx, tx, &last, lastWindowQuery, db.Args{"project_id": n.Project.ID}, nil); err != nil {
		return 0, err
	}
	from := n.Selection.Window.From
	if !last.Before(from) {
		return 0, nil
	}
	open := s.OpenQuery(n.Project.ID, reconcile.Window{From: last, To: from}, n.Project.OpenStatuses())
	a := db.Args{"run_id": id, "open_payins": open, "time": db.TimeGlob}
	rows, err := s.Exec(ctx, tx, fillUnresolvedQuery.In(s.Dialect), a)
	if _, refused := db.Refusal(err); refused {
		return 0, db.Errorf("%s: %s", merchant.OpenPayinsFile, s.Describe(err))
	}
	return rows, err
}

// selectionFaults returns an error for each row that the merchant's queries must not return.
func (s *runStore) selectionFaults(ctx context.Context, tx *sqlx.Tx, id int64, n *reconcile.NewRun) error {
	var found []struct{ Query, PaymentID, Fault string }
	faults := []error{s.List(ctx, tx, &found, selectionFaultsQuery.In(s.Dialect), db.Args{
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
	if err := s.List(ctx, tx, &selected, selectedIdsQuery.In(s.Dialect), db.Args{"run_id": id}); err != nil {
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
