package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hhrecon/reconcile"
)

// The limits of working off alerts.
const (
	alertBatch = 500 // payins asked about in one run

	// An alert may come before the merchant's own row is committed: it is looked for again for a while.
	missingFor   = time.Minute
	missingPause = 5 * time.Second

	// A payin that HighHelp gave no answer about is asked about again; after that it is left to the nightly run.
	unansweredFor   = time.Hour
	unansweredPause = 30 * time.Second

	// An alert whose run fails is tried alone, so that it holds up no other, and then left to the nightly run.
	failedTries = 3
	failedPause = time.Minute
)

// aheadPauses are before a payin is asked about again whose alert says more than HighHelp's answer.
var aheadPauses = []time.Duration{5 * time.Second, 15 * time.Second, time.Minute}

// AlertProcessor works off the alerts of one project: their payins are asked about in runs of their own, by the same
// code as every night. Alerts are ended after the run that asked, so that a crash repeats work and
// loses none. The order of alerts counts for nothing: what HighHelp says when asked does.
type AlertProcessor struct {
	Engine  *Engine
	Store   reconcile.AlertStore
	Archive reconcile.Archive

	later map[int64]deferral  // alerts by ID
	stuck map[int64]time.Time // broken runs that failed again, and when they are tried next
	size  int                 // of the next run, in alerts: fewer after one that failed
}

// deferral is when an alert is tried next, and how often it was tried for a reason.
type deferral struct {
	until         time.Time
	ahead, failed int
}

// NewAlertProcessor makes the desk of the runner's project. Its runs do not wait for HighHelp where it is down, since
// the project is theirs meanwhile: their alerts wait instead.
func NewAlertProcessor(r Engine, inbox reconcile.AlertStore, archive reconcile.Archive) *AlertProcessor {
	r.Project.Outage.MaxWait = 0
	r.keys = newKeyCheck()
	return &AlertProcessor{
		Engine: &r, Store: inbox, Archive: archive, size: alertBatch,
		later: make(map[int64]deferral), stuck: make(map[int64]time.Time),
	}
}

// Work finishes what broke off of the project's alert runs, and then does one run for its waiting alerts. It
// returns the runs that it worked on, and whether there may be more to do at once. Its errors are those of Engine.Run:
// the alerts wait on then, and the last of the runs may be one that broke off.
func (d *AlertProcessor) Work(ctx context.Context) (runs []reconcile.Run, more bool, err error) {
	due, more, err := d.due(ctx)
	if err != nil || len(due) == 0 {
		return nil, false, err
	}
	if runs, err = d.finishBroken(ctx); err != nil {
		return runs, false, err
	}
	due = due[:min(len(due), d.size)]
	run, asked, err := d.ask(ctx, due)
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

// failed sees to it that the next run is about fewer alerts, and puts one off whose own run fails.
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
		note := "its run fails, the nightly run asks again: " + why.Error()
		return d.endAlerts(ctx, []int64{alerts[0].ID}, reconcile.AlertDone, 0, note)
	}
	p.until = d.Engine.Now().Add(failedPause)
	d.later[alerts[0].ID] = p
	return nil
}

// isTransient tells whether an error says nothing about the payins of a run.
func isTransient(ctx context.Context, err error) bool {
	var held *reconcile.HeldError
	return errors.As(err, &held) || errors.Is(err, reconcile.ErrRunLost) || ctx.Err() != nil
}

// Next is when an alert that was put off is to be tried, if that is before latest; otherwise latest.
func (d *AlertProcessor) Next(latest time.Time) time.Time {
	now := d.Engine.Now()
	for _, p := range d.later {
		if p.until.After(now) && p.until.Before(latest) {
			latest = p.until
		}
	}
	return latest
}

// due are the next alerts to be tried; more tells that others wait behind them.
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
	d.later = later // those that have ended elsewhere are forgotten
	if len(due) > alertBatch {
		return due[:alertBatch], true, nil
	}
	return due, len(due) == alertBatch, nil
}

// finishBroken goes on with the project's alert runs that broke off. Other runs are the nightly run's to finish:
// a person may have stopped them.
func (d *AlertProcessor) finishBroken(ctx context.Context) ([]reconcile.Run, error) {
	broken, err := d.Engine.Store.ResumableRuns(ctx, d.Engine.Project.ID, reconcile.LeaseExpired)
	if err != nil {
		return nil, fmt.Errorf("read broken runs: %w", err)
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
		case !errors.Is(err, reconcile.ErrRunClosed): // closed: another process was faster
			d.stuck[b.ID] = d.Engine.Now().Add(failedPause)
			d.Engine.Logger.Error("an alert run cannot be finished; others go on", "run", b.ID, "error", err)
		}
	}
	return runs, nil
}

// ask does one run over the alerts' payins, and returns it with the alerts whose payins it was about; none where the
// merchant's table has no payin of theirs.
func (d *AlertProcessor) ask(ctx context.Context, alerts []reconcile.Alert) (reconcile.Run, []reconcile.Alert, error) {
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
				// Final payins too: what HighHelp says of them after all is a finding for a person.
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
	ids := make([]string, len(alerts))
	for i, a := range alerts {
		ids[i] = a.PaymentID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// endMissing takes out the alerts about payins that the merchant's table does not have, and ends those that have waited
// long enough for them.
func (d *AlertProcessor) endMissing(ctx context.Context, alerts []reconcile.Alert, missing []string,
	now time.Time) ([]reconcile.Alert,
	error) {
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
	d.Engine.Logger.Warn("alerts about payins that the merchant's table does not have", "project", d.Engine.Project.ID,
		"alerts", len(over))
	note := "the merchant's table has no open or final payin of this id; should it come, the nightly run asks about it"
	return there, d.endAlerts(ctx, over, reconcile.AlertNoPayin, 0, note)
}

// end notes what became of the alerts of a run that was closed.
func (d *AlertProcessor) end(ctx context.Context, run reconcile.Run, alerts []reconcile.Alert) error {
	found := make(map[string]reconcile.Finding)
	for f, err := range d.Archive.Findings(ctx, reconcile.ReportScope{RunID: run.ID}) {
		if err != nil {
			return fmt.Errorf("read findings of run %d: %w", run.ID, err)
		}
		f.Answer = "" // which may be long
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
			"HighHelp's answer does not show what the alert says: the nightly run asks again"),
		d.endAlerts(ctx, over, reconcile.AlertDone, run.ID,
			"HighHelp gave no answer about the payin: the nightly run asks again"))
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
