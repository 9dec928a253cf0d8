package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// The events that the webhook is told of.
const (
	eventHeld    = "run_held"          // a run wrote nothing: a person must release or discard it
	eventPartial = "run_partial"       // a run ended without an answer about every payin
	eventFailed  = "run_failed"        // a run broke off, or could not begin
	eventDue     = "due_failed"        // a due time of a job was not carried out
	eventGivenUp = "delivery_given_up" // a report will not reach its recipient
)

// event is what the webhook is sent, as JSON. Users build on these names: members may be added, none is changed or
// dropped. It holds no payin and nobody's address.
type event struct {
	Schema      int        `json:"schema"` // 1
	Event       string     `json:"event"`
	At          time.Time  `json:"at"`
	Project     string     `json:"project,omitempty"`
	ProjectName string     `json:"project_name,omitempty"`
	Run         int64      `json:"run,omitempty"`
	Trigger     string     `json:"trigger,omitempty"`  // command, schedule, page or alert
	Headline    string     `json:"headline,omitempty"` // HELD, PARTIAL, OPEN
	Counts      *runCounts `json:"counts,omitempty"`
	Job         string     `json:"job,omitempty"` // of schedules.yaml, with its due time
	Due         *time.Time `json:"due,omitempty"`
	Delivery    int64      `json:"delivery,omitempty"`
	Note        string     `json:"note,omitempty"` // for people
	Link        string     `json:"link,omitempty"` // to the page, where HHRECON_PAGE_URL is set
}

type runCounts struct {
	Selected   int64 `json:"selected"`
	Judged     int64 `json:"judged"`
	Answered   int64 `json:"answered"`
	Settled    int64 `json:"settled"`
	Changes    int64 `json:"changes"` // corrections that the findings call for
	Harmful    int64 `json:"harmful"` // of these, into decline, error or dispute
	Unresolved int64 `json:"unresolved"`
}

// How a notice is sent. Together they bound how long the end of a run waits for it.
var (
	noticePauses  = []time.Duration{time.Second, 3 * time.Second} // between tries
	noticeTimeout = 5 * time.Second                               // of one try
)

// ended tells those who watch how a run ended. It never fails the run.
func (w *projectNight) ended(ctx context.Context, run reconcile.Run, err error) {
	switch {
	case run.DryRun, noFailure(err):
	case err != nil:
		e := event{Event: eventFailed, Project: w.project.ID, Note: err.Error()}
		if run.ID != 0 {
			e.of(run)
		}
		w.notice(ctx, e)
	case run.Headline() == reconcile.HeadlineComplete && run.Whole:
		w.heartbeat(ctx, run.ProjectID)
	default:
		w.warned(ctx, run)
	}
}

// warned tells those who watch of a closed run that a person must look at.
func (n *night) warned(ctx context.Context, run reconcile.Run) {
	e := event{Note: i18n.English().Clauses(run.Note)}
	e.of(run)
	switch h := run.Headline(); {
	case run.State == reconcile.Held:
		if before, err := n.store.Runs(ctx, run.ProjectID, 1000); err == nil && !run.NoticeOfHold(before) {
			return
		}
		e.Event = eventHeld
	case (h == reconcile.HeadlinePartial || h == reconcile.HeadlineFailed) && run.Origin.Trigger != reconcile.TriggerAlert:
		e.Event = eventPartial
	default:
		return
	}
	n.notice(ctx, e)
}

// dueEnded tells those who watch of a due time that was not carried out.
func (n *night) dueEnded(ctx context.Context, j config.Job, at time.Time, err error) {
	if err != nil && ctx.Err() == nil {
		n.notice(ctx, event{Event: eventDue, Project: j.Project, Job: j.Name, Due: &at, Note: err.Error()})
	}
}

// givenUp tells those who watch of a report that will not reach its recipient, whose address it leaves out.
func (n *night) givenUp(ctx context.Context, d reconcile.Delivery) {
	n.notice(ctx, event{Event: eventGivenUp, Project: d.Report.Scope.ProjectID, Run: d.Report.Scope.RunID, Job: d.Report.Job, Delivery: d.ID})
}

// noFailure tells whether a run was ended, or not begun, by somebody's will: nobody need be called for that.
func noFailure(err error) bool {
	var stopped *reconcile.StopError
	var held *reconcile.HeldError
	var done *reconcile.DoneError
	var missing *reconcile.MissingError
	return errors.Is(err, context.Canceled) || errors.As(err, &stopped) || errors.As(err, &held) || errors.As(err, &done) ||
		errors.As(err, &missing) || errors.Is(err, reconcile.ErrRunClosed) || errors.Is(err, reconcile.ErrRunLost)
}

// of says which run the event is about.
func (e *event) of(run reconcile.Run) {
	e.Project, e.Run, e.Trigger, e.Headline = run.ProjectID, run.ID, string(run.Origin.Trigger), string(run.Headline())
	e.Counts = &runCounts{
		Selected: run.Selected, Judged: run.Judged, Answered: run.Weight.Answered, Settled: run.Settled,
		Changes: run.Weight.Changes, Harmful: run.Weight.Harmful, Unresolved: run.Unresolved,
	}
}

// notice sends an event to the webhook, where one is set. What cannot be sent is logged, and nothing else happens.
func (n *night) notice(ctx context.Context, e event) {
	if n.settings.WebhookURL == "" {
		return
	}
	e.Schema, e.At, e.ProjectName, e.Note = 1, time.Now().UTC().Truncate(time.Second), n.settings.ProjectNames()[e.Project], clipNote(e.Note)
	if n.settings.PageURL != "" && e.Run != 0 {
		e.Link = fmt.Sprintf("%s/runs/%d", n.settings.PageURL, e.Run)
	}
	body, _ := json.Marshal(e) // plain texts and numbers
	if err := n.call(ctx, "webhook", http.MethodPost, n.settings.WebhookURL, body); err != nil {
		n.log.Error("the webhook was not told", "event", e.Event, "project", e.Project, "run", e.Run, "error", err)
	}
}

// heartbeat tells the dead man's switch that a project's night is whole.
func (n *night) heartbeat(ctx context.Context, projectID string) {
	if n.settings.HeartbeatURL == "" {
		return
	}
	address := strings.ReplaceAll(n.settings.HeartbeatURL, "{project}", url.PathEscape(projectID))
	if err := n.call(ctx, "heartbeat", http.MethodGet, address, nil); err != nil {
		n.log.Error("no heartbeat was given", "project", projectID, "error", err)
	}
}

// call sends a request, a few times if need be, and counts it. A run that was stopped is reported all the same.
func (n *night) call(ctx context.Context, kind, method, address string, body []byte) error {
	ctx = context.WithoutCancel(ctx)
	client := &http.Client{Timeout: noticeTimeout}
	defer client.CloseIdleConnections()
	for try := 0; ; try++ {
		err := callOnce(ctx, client, method, address, body)
		if err == nil || try == len(noticePauses) {
			n.metrics.noticed(kind, err)
			return err
		}
		pause(ctx, noticePauses[try])
	}
}

// callOnce takes 2xx for success. Its error does not show the address, which often is a secret.
func callOnce(ctx context.Context, client *http.Client, method, address string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address is no URL")
	}
	r.Header.Set("User-Agent", "hhrecon/"+version)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := client.Do(r)
	if err != nil {
		return errors.Unwrap(err) // a *url.Error shows the address
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("answered %s", answer.Status)
	}
	return nil
}

// clipNote keeps a note short enough for a message.
func clipNote(text string) string {
	if runes := []rune(text); len(runes) > 1000 {
		return string(runes[:999]) + "…"
	}
	return text
}

// notBegun tells those who watch that no run could even begin: the database is gone, say.
func (a *app) notBegun(ctx context.Context, err error) {
	s, faulty := a.settings()
	if err == nil || faulty != nil || noFailure(err) {
		return
	}
	(&night{app: a, settings: s}).notice(ctx, event{Event: eventFailed, Note: err.Error()})
}
