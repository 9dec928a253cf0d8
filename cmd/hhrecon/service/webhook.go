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

// notifyEnd tells those who watch how a run ended. It never fails the run.
func (w *ProjectRun) NotifyEnd(ctx context.Context, run reconcile.Run, err error) {
	switch {
	case run.DryRun, isExpected(err):
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

// notifyAttention tells those who watch of a closed run that a person must look at.
func (n *RunContext) notifyAttention(ctx context.Context, run reconcile.Run) {
	e := webhook.Event{Note: i18n.English().Clauses(run.Note)}
	addRun(&e, run)
	switch h := run.ResultStatus(); {
	case run.State == reconcile.Held:
		if before, err := n.Store.Runs(ctx, run.ProjectID, 1000); err == nil && !run.NoticeOfHold(before) {
			return
		}
		e.Event = webhook.Held
	case (h == reconcile.ResultPartial || h == reconcile.ResultFailed) && run.Origin.Trigger != reconcile.TriggerAlert:
		e.Event = webhook.Partial
	default:
		return
	}
	n.sendEvent(ctx, e)
}

// notifyJobFailed tells those who watch of a due time that was not carried out.
func (n *RunContext) NotifyJobFailed(ctx context.Context, j config.Job, at time.Time, err error) {
	if err != nil && ctx.Err() == nil {
		n.sendEvent(ctx, webhook.Event{Event: webhook.Due, Project: j.Project, Job: j.Name, Due: &at, Note: err.Error()})
	}
}

func (v *Service) sendEvent(ctx context.Context, e webhook.Event) { v.runContext().sendEvent(ctx, e) }

// notifyGivenUp tells those who watch of a report that will not reach its recipient, whose address it leaves out.
func (n *RunContext) NotifyGivenUp(ctx context.Context, d reconcile.Delivery) {
	n.sendEvent(ctx, webhook.Event{Event: webhook.GivenUp, Project: d.Report.Scope.ProjectID, Run: d.Report.Scope.RunID,
		Job: d.Report.Job, Delivery: d.ID})
}

// isExpected tells whether a run was ended, or not begun, by somebody's will: nobody need be called for that.
func isExpected(err error) bool {
	var stopped *reconcile.StopError
	var held *reconcile.HeldError
	var done *reconcile.DoneError
	var missing *reconcile.MissingError
	return errors.Is(err, context.Canceled) || errors.As(err, &stopped) || errors.As(err, &held) ||
		errors.As(err, &done) || errors.As(err, &missing) ||
		errors.Is(err, reconcile.ErrRunClosed) || errors.Is(err, reconcile.ErrRunLost) || errors.Is(err, identity.ErrCopy)
}

// addRun says which run the event is about.
func addRun(e *webhook.Event, run reconcile.Run) {
	e.Project, e.Run, e.Trigger, e.Headline = run.ProjectID, run.ID, string(run.Origin.Trigger), string(run.ResultStatus())
	e.AuditHead = run.Head.String()
	e.Counts = &webhook.Counts{
		Selected: run.Selected, Judged: run.Judged, Answered: run.Impact.Answered, Settled: run.Settled,
		Changes: run.Impact.Changes, Harmful: run.Impact.Harmful, Unresolved: run.Unresolved,
	}
}

// sendEvent sends an event to the webhook, where one is set. What cannot be sent is logged, and nothing else happens.
func (n *RunContext) sendEvent(ctx context.Context, e webhook.Event) {
	if n.Settings.WebhookURL == "" {
		return
	}
	e.Schema, e.At, e.ProjectName, e.Note = 1, time.Now().UTC().Truncate(time.Second),
		n.Settings.ProjectNames()[e.Project], webhook.ClipNote(e.Note)
	if n.Settings.PageURL != "" && e.Run != 0 {
		e.Link = fmt.Sprintf("%s/runs/%d", n.Settings.PageURL, e.Run)
	}
	body, _ := json.Marshal(e) // plain texts and numbers
	if err := n.callWebhook(ctx, "webhook", http.MethodPost, n.Settings.WebhookURL, body); err != nil {
		n.Log.Error("the webhook was not told", "event", e.Event, "project", e.Project, "run", e.Run, "error", err)
	}
}

// sendHeartbeat tells the dead man's switch that a project's night is whole.
func (n *RunContext) sendHeartbeat(ctx context.Context, projectID string) {
	if n.Settings.HeartbeatURL == "" {
		return
	}
	address := strings.ReplaceAll(n.Settings.HeartbeatURL, "{project}", url.PathEscape(projectID))
	if err := n.callWebhook(ctx, "heartbeat", http.MethodGet, address, nil); err != nil {
		n.Log.Error("no heartbeat was given", "project", projectID, "error", err)
	}
}

// callWebhook sends a request and counts it.
func (n *RunContext) callWebhook(ctx context.Context, kind, method, address string, body []byte) error {
	sender := webhook.Sender{UserAgent: "hhrecon/" + n.Version, Secret: n.Settings.WebhookSecret}
	err := sender.Call(ctx, method, address, body)
	n.Metrics.CountNotification(kind, err)
	return err
}

// notifyNotStarted tells those who watch that no run could even begin: the database is gone, say.
func (p *Process) NotifyNotStarted(ctx context.Context, err error) {
	s, faulty := p.ReadSettings()
	if err == nil || faulty != nil || isExpected(err) {
		return
	}
	(&RunContext{Process: p, Settings: s}).sendEvent(ctx, webhook.Event{Event: webhook.Failed, Note: err.Error()})
}
