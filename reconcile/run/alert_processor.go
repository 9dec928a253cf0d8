package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hhrecon/reconcile"
)

// Limits of alert processing.
const (
	alertBatch = 500 // maximum number of alerts in one run

	// missingFor is how long an alert waits for the merchant's row. The merchant may commit the row after the alert
	// arrives.
	missingFor   = time.Minute
	missingPause = 5 * time.Second

	// unansweredFor is how long queries of a payin without an answer are repeated. After this time, the nightly run
	// queries the payin.
	unansweredFor   = time.Hour
	unansweredPause = 30 * time.Second

	// failedTries is the number of attempts with a single alert after its run failed. Other alerts do not wait for
	// these attempts. Afterwards the nightly run queries the alert's payin.
	failedTries = 3
	failedPause = time.Minute
)

// aheadPauses are the pauses between queries of a payin if its alert has a later status than HighHelp's answer.
var aheadPauses = []time.Duration{5 * time.Second, 15 * time.Second, time.Minute}

// AlertProcessor processes the alerts of one project by querying their payins in separate runs. An alert gets its final
// state after its run is closed. A crash therefore repeats work but loses no alert. The order of alerts does not
// matter, because each run uses HighHelp's current answer.
type AlertProcessor struct {
	Engine  *Engine
	Store   reconcile.AlertStore
	Archive reconcile.Archive

	later map[int64]deferral  // deferred alerts, by ID
	stuck map[int64]time.Time // the time of the next attempt to resume a run, for interrupted runs that failed again
	size  int                 // the maximum number of alerts in the next run; smaller after a failure
}

// deferral contains the time of the next attempt for an alert, and counts the deferrals of the alert for each reason.
type deferral struct {
	until         time.Time
	ahead, failed int
}

// NewAlertProcessor returns an alert processor for the engine's project. During an outage of HighHelp, the processor's
// runs end early, because a run that waits for HighHelp would block the project. The alerts stay waiting instead.
func NewAlertProcessor(r Engine, inbox reconcile.AlertStore, archive reconcile.Archive) *AlertProcessor {
	r.Project.Outage.MaxWait = 0
	r.keys = newKeyCheck()
	return &AlertProcessor{
		Engine: &r, Store: inbox, Archive: archive, size: alertBatch,
		later: make(map[int64]deferral), stuck: make(map[int64]time.Time),
	}
}

// Work resumes the project's interrupted alert runs, and then executes one run for its waiting alerts. Work returns
// these runs, and whether more alerts wait. The errors are those of Engine.Run. After an error the alerts stay waiting,
// and the last of the returned runs may be interrupted.
func (d *AlertProcessor) Work(ctx context.Context) (runs []reconcile.Run, more bool, err error) {
	due, more, err := d.due(ctx)
	if err != nil || len(due) == 0 {
		return nil, false, err
	}
	if runs, err = d.finishBroken(ctx); err != nil {
		return runs, false, err
	}
	due = due[:min(len(due), d.size)]
	run, asked, err := d.runFor(ctx, due)
	if run.ID != 0 {
		runs = append(runs, run)
	}
	switch {
	case err != nil:
		return runs, more, errors.Join(err, d.failed(ctx, due, err))
	case len(asked) > 0:
		err = d.end(ctx, run, asked)
	}
	d.size = min(8*d.size, alertBatch)
	return runs, more, err
}

// failed reduces the number of alerts in the next run. If the run had a single alert, failed defers that alert.
func (d *AlertProcessor) failed(ctx context.Context, alerts []reconcile.Alert, why error) error {
	if isTransient(ctx, why) {
		return nil
	}
	d.size = max(1, len(alerts)/8)
	if len(alerts) > 1 {
		return nil
	}
	p := d.later[alerts[0].ID]
	if p.failed++; p.failed >= failedTries {
		note := "the run for this alert failed; the nightly run queries the payin again: " + why.Error()
		return d.endAlerts(ctx, []int64{alerts[0].ID}, reconcile.AlertDone, 0, note)
	}
	p.until = d.Engine.Now().Add(failedPause)
	d.later[alerts[0].ID] = p
	return nil
}

// isTransient reports whether an error of a run does not depend on the run's payins.
func isTransient(ctx context.Context, err error) bool {
	return reconcile.IsType[*reconcile.HeldError](err) || errors.Is(err, reconcile.ErrRunLost) || ctx.Err() != nil
}

// Next returns the time at which the next deferred alert is due, or latest if that is earlier.
func (d *AlertProcessor) Next(latest time.Time) time.Time {
	now := d.Engine.Now()
	for _, p := range d.later {
		if p.until.After(now) && p.until.Before(latest) {
			latest = p.until
		}
	}
	return latest
}

// due returns the alerts to try now, and whether more alerts are due.
func (d *AlertProcessor) due(ctx context.Context) (due []reconcile.Alert, more bool, err error) {
	now := d.Engine.Now()
	waiting, err := d.Store.WaitingAlerts(ctx, d.Engine.Project.ID, alertBatch+len(d.later))
	if err != nil {
		return nil, false, fmt.Errorf("read alerts: %w", err)
	}
	later := make(map[int64]deferral)
	for _, a := range waiting {
		if p, ok := d.later[a.ID]; ok {
			later[a.ID] = p
		}
		if !now.Before(d.later[a.ID].until) {
			due = append(due, a)
		}
	}
	d.later = later // the map then omits alerts that another process has ended
	if len(due) > alertBatch {
		return due[:alertBatch], true, nil
	}
	return due, len(due) == alertBatch, nil
}

// finishBroken resumes the project's interrupted alert runs. The nightly run resumes other interrupted runs, since a
// person may have stopped those runs.
func (d *AlertProcessor) finishBroken(ctx context.Context) ([]reconcile.Run, error) {
	broken, err := d.Engine.Resumable(ctx)
	if err != nil {
		return nil, fmt.Errorf("read interrupted runs: %w", err)
	}
	var runs []reconcile.Run
	for _, b := range broken {
		if b.Origin.Trigger != reconcile.TriggerAlert || d.Engine.Now().Before(d.stuck[b.ID]) {
			continue
		}
		run, err := d.Engine.Resume(ctx, b.ID)
		switch {
		case err == nil:
			runs = append(runs, run)
		case isTransient(ctx, err):
			return append(runs, run), err
		case !errors.Is(err, reconcile.ErrRunClosed): // another process has resumed and closed the run
			d.stuck[b.ID] = d.Engine.Now().Add(failedPause)
			d.Engine.Logger.Error("an alert run cannot be resumed; other runs continue", "run", b.ID, "error", err)
		}
	}
	return runs, nil
}

// runFor executes one run over the alerts' payins, and returns the run and its alerts. Without a payin in the
// merchant's table, runFor returns no alerts.
func (d *AlertProcessor) runFor(ctx context.Context,
	alerts []reconcile.Alert) (reconcile.Run, []reconcile.Alert, error) {
	if d.Engine.keys.refusal() != nil {
		d.Engine.keys = newKeyCheck()
	}
	for len(alerts) > 0 {
		now := d.Engine.Now()
		run, err := d.Engine.Run(ctx, reconcile.Request{
			Origin: reconcile.Origin{Trigger: reconcile.TriggerAlert},
			Selection: reconcile.Selection{
				PaymentIDs: paymentIDs(alerts),
				Window:     reconcile.Window{To: now},
				// The run includes final payins, because a person must see a later change at HighHelp.
				RecheckFrom: time.Unix(0, 0),
			},
		})
		var missing *reconcile.MissingError
		if !errors.As(err, &missing) {
			return run, alerts, err
		}
		if alerts, err = d.endMissing(ctx, alerts, missing.PaymentIDs, now); err != nil {
			return reconcile.Run{}, nil, err
		}
	}
	return reconcile.Run{}, nil, nil
}

func paymentIDs(alerts []reconcile.Alert) []string {
	ids := reconcile.Map(alerts, func(a reconcile.Alert) string { return a.PaymentID })
	slices.Sort(ids)
	return slices.Compact(ids)
}

// endMissing removes the alerts about payins that are not in the merchant's table. Alerts that are older than
// missingFor get their final state.
func (d *AlertProcessor) endMissing(ctx context.Context, alerts []reconcile.Alert, missing []string,
	now time.Time) ([]reconcile.Alert, error) {
	var there []reconcile.Alert
	var over []int64
	for _, a := range alerts {
		switch {
		case !slices.Contains(missing, a.PaymentID):
			there = append(there, a)
		case now.Sub(a.ReceivedAt) < missingFor:
			d.later[a.ID] = deferral{until: now.Add(missingPause)}
		default:
			over = append(over, a.ID)
		}
	}
	if len(there) == len(alerts) {
		return nil, fmt.Errorf("payins %q are missing, but no alert is about them", missing)
	}
	if len(over) == 0 {
		return there, nil
	}
	d.Engine.Logger.Warn("alerts about payins that are missing in the merchant's table", "project", d.Engine.Project.ID,
		"alerts", len(over))
	note := "the merchant's table has no open or final payin with this ID; the nightly run checks again"
	return there, d.endAlerts(ctx, over, reconcile.AlertNoPayin, 0, note)
}

// end stores the final states of the alerts of a closed run.
func (d *AlertProcessor) end(ctx context.Context, run reconcile.Run, alerts []reconcile.Alert) error {
	found := make(map[string]reconcile.Finding)
	for f, err := range d.Archive.Findings(ctx, reconcile.ReportScope{RunID: run.ID}) {
		if err != nil {
			return fmt.Errorf("read findings of run %d: %w", run.ID, err)
		}
		f.Answer = "" // HighHelp's answer may be long, and the function end does not need it
		found[f.PaymentID] = f
	}
	latest := make(map[string]int64)
	for _, a := range alerts {
		latest[a.PaymentID] = a.ID
	}
	now := d.Engine.Now()
	var done, over, ahead []int64
	for _, a := range alerts {
		f, p := found[a.PaymentID], d.later[a.ID]
		switch unanswered := f.Outcome == reconcile.Unreachable; {
		case unanswered && now.Sub(a.ReceivedAt) < unansweredFor:
			d.later[a.ID] = deferral{until: now.Add(unansweredPause), ahead: p.ahead}
		case unanswered:
			over = append(over, a.ID)
		case !a.Ahead(&f, latest[a.PaymentID] == a.ID):
			done = append(done, a.ID)
		case p.ahead < len(aheadPauses):
			d.later[a.ID] = deferral{until: now.Add(aheadPauses[p.ahead]), ahead: p.ahead + 1}
		default:
			ahead = append(ahead, a.ID)
		}
	}
	return errors.Join(
		d.endAlerts(ctx, done, reconcile.AlertDone, run.ID, ""),
		d.endAlerts(ctx, ahead, reconcile.AlertDone, run.ID,
			"HighHelp's answer does not agree with the alert; the nightly run queries the payin again"),
		d.endAlerts(ctx, over, reconcile.AlertDone, run.ID,
			"HighHelp gave no answer about the payin; the nightly run queries the payin again"))
}

func (d *AlertProcessor) endAlerts(ctx context.Context, ids []int64, state reconcile.AlertState, runID int64,
	note string) error {
	if len(ids) == 0 {
		return nil
	}
	if err := d.Store.EndAlerts(ctx, ids, state, runID, note); err != nil {
		return fmt.Errorf("end alerts: %w", err)
	}
	return nil
}
