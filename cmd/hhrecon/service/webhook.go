package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/webhook"
	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/sql/identity"
)

// NotifyEnd reports the end of a run to the webhook or the heartbeat address. A failure of the call has no effect on
// the run.
func (w *ProjectRun) NotifyEnd(ctx context.Context, run reconcile.Run, err error) {
	switch {
	case run.Unreported(), isExpected(err):
	case err != nil:
		e := webhook.Event{Event: webhook.Failed, Project: w.Project.ID, Note: err.Error()}
		if run.ID != 0 {
			addRun(&e, run)
		}
		w.sendEvent(ctx, e)
	case run.ResultStatus() == reconcile.ResultComplete && run.Whole:
		w.sendHeartbeat(ctx, run.ProjectID)
	default:
		w.notifyAttention(ctx, run)
	}
}

// notifyAttention sends an event about a closed run that requires a person's attention.
func (rc *RunContext) notifyAttention(ctx context.Context, run reconcile.Run) {
	e := webhook.Event{Note: i18n.English().Clauses(run.Note)}
	addRun(&e, run)
	switch h := run.ResultStatus(); {
	case run.State == reconcile.Held:
		if before, err := rc.Store.Runs(ctx, run.ProjectID, 1000); err == nil && !run.NoticeOfHold(before) {
			return
		}
		e.Event = webhook.Held
	case (h == reconcile.ResultPartial || h == reconcile.ResultFailed) && run.Origin.Trigger != reconcile.TriggerAlert:
		e.Event = webhook.Partial
	default:
		return
	}
	rc.sendEvent(ctx, e)
}

// NotifyJobFailed sends an event about a job that failed at a scheduled time.
func (rc *RunContext) NotifyJobFailed(ctx context.Context, j config.Job, at time.Time, err error) {
	if err != nil && ctx.Err() == nil {
		rc.sendEvent(ctx, webhook.Event{Event: webhook.Due, Project: j.Project, Job: j.Name, Due: &at, Note: err.Error()})
	}
}

func (v *Service) sendEvent(ctx context.Context, e webhook.Event) { v.runContext().sendEvent(ctx, e) }

// NotifyGivenUp sends an event about a delivery that was given up. The event does not contain the recipient's address.
func (rc *RunContext) NotifyGivenUp(ctx context.Context, d reconcile.Delivery) {
	rc.sendEvent(ctx, webhook.Event{Event: webhook.GivenUp, Project: d.Report.Scope.ProjectID, Run: d.Report.Scope.RunID,
		Job: d.Report.Job, Delivery: d.ID})
}

// isExpected reports whether a person stopped the run, or the run was not started because another run made it
// unnecessary. hhrecon sends no event about the run in this case.
func isExpected(err error) bool {
	return reconcile.IsType[*reconcile.StopError](err) || reconcile.IsType[*reconcile.HeldError](err) ||
		reconcile.IsType[*reconcile.DoneError](err) || reconcile.IsType[*reconcile.MissingError](err) ||
		errors.Is(err, context.Canceled) ||
		errors.Is(err, reconcile.ErrRunClosed) || errors.Is(err, reconcile.ErrRunLost) || errors.Is(err, identity.ErrCopy)
}

// addRun adds the details of a run to an event.
func addRun(e *webhook.Event, run reconcile.Run) {
	e.Project, e.Run, e.Trigger, e.Headline = run.ProjectID, run.ID, string(run.Origin.Trigger), string(run.ResultStatus())
	e.AuditHead = run.Head.String()
	e.Counts = &webhook.Counts{Selected: run.Selected, Judged: run.Judged, Answered: run.Impact.Answered,
		Settled: run.Settled, Changes: run.Impact.Changes, Harmful: run.Impact.Harmful, Unresolved: run.Unresolved}
}

// sendEvent sends an event to the webhook if one is set. sendEvent logs a failure and returns no error.
func (rc *RunContext) sendEvent(ctx context.Context, e webhook.Event) {
	if rc.Settings.WebhookURL == "" {
		return
	}
	e.Schema, e.At, e.ProjectName, e.Note = 1, time.Now().UTC().Truncate(time.Second),
		rc.Settings.ProjectNames()[e.Project], webhook.ClipNote(e.Note)
	if rc.Settings.PageURL != "" && e.Run != 0 {
		e.Link = fmt.Sprintf("%s/runs/%d", rc.Settings.PageURL, e.Run)
	}
	body, _ := json.Marshal(e) // Marshal cannot fail, since the event has only texts and numbers
	if err := rc.callWebhook(ctx, "webhook", http.MethodPost, rc.Settings.WebhookURL, body); err != nil {
		rc.Log.Error("cannot send event to webhook", "event", e.Event, "project", e.Project, "run", e.Run, "error", err)
	}
}

// sendHeartbeat calls the heartbeat address after a run over all of a project's open payins with the result COMPLETE.
func (rc *RunContext) sendHeartbeat(ctx context.Context, projectID string) {
	if rc.Settings.HeartbeatURL == "" {
		return
	}
	address := strings.ReplaceAll(rc.Settings.HeartbeatURL, "{project}", url.PathEscape(projectID))
	if err := rc.callWebhook(ctx, "heartbeat", http.MethodGet, address, nil); err != nil {
		rc.Log.Error("cannot send heartbeat", "project", projectID, "error", err)
	}
}

// callWebhook sends a request and counts it in the metrics.
func (rc *RunContext) callWebhook(ctx context.Context, kind, method, address string, body []byte) error {
	sender := webhook.Sender{UserAgent: "hhrecon/" + rc.Version, Secret: rc.Settings.WebhookSecret}
	err := sender.Call(ctx, method, address, body)
	rc.Metrics.CountNotification(kind, err)
	return err
}

// NotifyNotStarted sends an event if no run could start, for example because the database is unavailable.
func (p *Process) NotifyNotStarted(ctx context.Context, err error) {
	s, faulty := p.ReadSettings()
	if err == nil || faulty != nil || isExpected(err) {
		return
	}
	(&RunContext{Process: p, Settings: s}).sendEvent(ctx, webhook.Event{Event: webhook.Failed, Note: err.Error()})
}
