package sql

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/lease"
)

// OpenRun opens a run, selects the project's open payins once and counts them, in one transaction. OpenRun returns
// *HeldError if a live process has a running run of the project. It returns *MissingError if a payin named in the
// selection is not open, and ErrNewerSchema if a newer hhrecon has migrated the database since this process started. A
// running run whose owner is dead becomes interrupted.
func (s *runStore) OpenRun(ctx context.Context, n reconcile.NewRun) (reconcile.Run, error) {
	if len(n.Selection.PaymentIDs) > maxPaymentIDs {
		return reconcile.Run{}, db.Errorf("%d payment IDs are given; the limit is %d", len(n.Selection.PaymentIDs),
			maxPaymentIDs)
	}
	if err := s.CheckSchema(ctx); err != nil {
		return reconcile.Run{}, err
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
		if done := s.checkOccurrence(ctx, s.Conn, &n); !reconcile.IsType[*reconcile.HeldError](err) && done != nil {
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
	set := n.Project.Rules(n.StartedAt)
	if set.Shadow && n.Selection.Whole {
		earlier, err := s.runs(ctx, tx, "", reconcile.RunFilter{ProjectID: n.Project.ID, NoAlerts: true, Limit: 100})
		if err != nil {
			return reconcile.Run{}, err
		}
		set.CleanNights = reconcile.CleanNightsBefore(n.StartedAt, n.Project.Zone, earlier)
	}
	rules, err := json.Marshal(set)
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
	a["announce"], a["no_email"], a["query_check"] = n.Publish, n.NoEmail || n.DryRun && !n.Project.Shadow, check.Text()
	var id int64
	if err := s.Get(ctx, tx, &id, query("run/open_run").In(s.Dialect), a); err != nil {
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
	count := db.Args{"run_id": id, "selected": selected, "unresolved": unresolved, "open_payins": payins[0],
		"final_payins": payins[1], "unchecked": unchecked}
	if _, err := s.Exec(ctx, tx, query("run/save_selected_count").In(s.Dialect), count); err != nil {
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
	if err := s.GetOr(ctx, tx, &id, query("run/run_of_occurrence"), a, nil); err != nil || id == 0 {
		return err
	}
	run, err := s.run(ctx, tx, id)
	if err != nil {
		return err
	}
	return &reconcile.DoneError{Run: run}
}
