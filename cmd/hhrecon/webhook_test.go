package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/cmd/hhrecon/webhook"
	"hhrecon/highhelp/sandbox"
	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// webhookReceiver receives heartbeats and webhook events.
type webhookReceiver struct {
	mu     sync.Mutex
	url    string
	beats  []string
	events []map[string]any
	bodies []string
	refuse int // number of requests that the receiver must refuse
}

func newWebhookReceiver(t *testing.T) *webhookReceiver {
	w := &webhookReceiver{}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.url = server.URL
	before := webhook.RetryDelays
	webhook.RetryDelays = []time.Duration{time.Millisecond, time.Millisecond}
	t.Cleanup(func() { webhook.RetryDelays = before })
	return w
}

func (w *webhookReceiver) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse > 0 {
		w.refuse--
		out.WriteHeader(http.StatusBadGateway)
		return
	}
	if r.Method == http.MethodGet {
		w.beats = append(w.beats, r.URL.String())
		return
	}
	var e map[string]any
	if err := json.Unmarshal(body, &e); err != nil || r.Method != http.MethodPost ||
		r.Header.Get("Content-Type") != "application/json" {
		e = map[string]any{"event": "unreadable: " + string(body)}
	}
	w.events, w.bodies = append(w.events, e), append(w.bodies, string(body))
}

// received returns the events and heartbeats since the last call, without values that differ from run to run.
func (w *webhookReceiver) received(t *testing.T) (events []map[string]any, beats []string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		at, err := time.Parse(time.RFC3339, e["at"].(string))
		if err != nil || time.Since(at) > time.Hour {
			t.Errorf("at is %v", e["at"])
		}
		delete(e, "at")
		events = append(events, e)
	}
	beats = w.beats
	w.events, w.beats, w.bodies = nil, nil, nil
	return events, beats
}

var auditHead = regexp.MustCompile(`^[1-9][0-9]*:[0-9a-f]{64}$`)

// TestWebhook checks that a complete run sends only a heartbeat, and that a run that needs attention sends a webhook
// event.
func TestWebhook(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	w := newWebhookReceiver(t)
	runOnce := func(samples []sandbox.Sample, change func(env map[string]string, s *fixture),
		args ...string) ([]map[string]any, []string, int) {
		t.Helper()
		s := newFixture(t, longTimeouts+", name: Som", samples)
		env := map[string]string{
			"HHRECON_DATABASE_URL": sqltest.SQLiteURL(t), "HHRECON_API_URL": s.url, "HHRECON_REPORT_DIR": t.TempDir(),
			"HHRECON_HEARTBEAT_URL": w.url + "/beat/{project}?secret=1", "HHRECON_WEBHOOK_URL": w.url + "/hook/secret",
			"HHRECON_PAGE_URL": "https://recon.example/",
		}
		s.load(env["HHRECON_DATABASE_URL"])
		if change != nil {
			change(env, s)
		}
		var log output
		args = append([]string{"--schedules", filepath.Join(s.dir, "schedules.yaml"), "run"}, args...)
		status := run(t.Context(), args, func(name string) string { return env[name] }, io.Discard, &log)
		if strings.Contains(log.String(), "secret") {
			t.Errorf("the log contains an address:\n%s", log.String())
		}
		events, beats := w.received(t)
		return events, beats, status
	}
	ending := func(n int, status string) []sandbox.Sample {
		samples := openPayins(n)
		for _, s := range samples {
			s.Gateway.Status, s.Gateway.SubStatus = status, ""
		}
		return samples
	}
	want := func(what string, events []map[string]any, beats []string, status, wantStatus, wantBeats int,
		wanted ...map[string]any) {
		t.Helper()
		for _, e := range events {
			head, _ := e["audit_head"].(string)
			if ended := e["headline"] != nil; ended != auditHead.MatchString(head) {
				t.Errorf("%s: the head of the audit log is %q", what, head)
			}
			delete(e, "audit_head")
		}
		if diff := cmp.Diff(wanted, events); diff != "" {
			t.Errorf("%s: events (-want +got):\n%s", what, diff)
		}
		if status != wantStatus || len(beats) != wantBeats {
			t.Errorf("%s: exit %d, want %d; heartbeats %v, want %d", what, status, wantStatus, beats, wantBeats)
		}
	}
	counts := func(selected, answered, settled, changes, harmful float64) map[string]any {
		return map[string]any{"selected": selected, "judged": selected, "answered": answered, "settled": settled,
			"changes": changes, "harmful": harmful, "unresolved": 0.0}
	}
	about := func(e map[string]any) map[string]any {
		e["schema"], e["project"], e["project_name"] = 1.0, demoProject, "Som"
		return e
	}

	events, beats, status := runOnce(ending(3, "success"), nil)
	want("a complete run", events, beats, status, exitOK, 1)
	if len(beats) == 1 && beats[0] != "/beat/"+demoProject+"?secret=1" {
		t.Errorf("the heartbeat went to %s", beats[0])
	}
	events, beats, status = runOnce(ending(3, "success"), nil, "--dry-run")
	want("a dry run", events, beats, status, exitOK, 0)
	events, beats, status = runOnce(ending(3, "success"), nil, "--payment-id", "KG-000001")
	want("one payin", events, beats, status, exitOK, 0)

	silent := ending(3, "success")
	silent[1].Fault = &sandbox.Fault{Name: "status", PaymentID: "KG-000001", StatusCode: 503, RetryAfter: "86400"}
	events, beats, status = runOnce(silent, nil)
	want("a partial run", events, beats, status, exitUntrusted, 0, about(map[string]any{
		"event": webhook.Partial, "run": 1.0, "trigger": "command", "headline": "PARTIAL", "counts": counts(3, 2, 3, 2, 0),
		"link": "https://recon.example/runs/1",
	}))
	events, beats, status = runOnce(ending(120, "decline"), nil)
	if len(events) == 1 && events[0]["note"] == "" {
		t.Error("the event does not contain the reason for the hold")
	}
	for _, e := range events {
		delete(e, "note")
	}
	want("a held run", events, beats, status, exitHeld, 0, about(map[string]any{
		"event": webhook.Held, "run": 1.0, "trigger": "command", "headline": "HELD",
		"counts": counts(120, 120, 120, 120, 120), "link": "https://recon.example/runs/1",
	}))

	failed := func(what string, wantStatus int, contains string, change func(env map[string]string, s *fixture)) {
		t.Helper()
		events, beats, status := runOnce(ending(3, "success"), change)
		if len(events) != 1 || events[0]["event"] != webhook.Failed ||
			!strings.Contains(events[0]["note"].(string), contains) || status != wantStatus || len(beats) > 0 {
			t.Errorf("%s: exit %d, heartbeats %v, events %v", what, status, beats, events)
		}
	}
	failed("refused keys", exitFailed, "HighHelp refuses the keys", func(_ map[string]string, s *fixture) {
		s.handleWith(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "{}", http.StatusUnauthorized)
		}))
	})
	failed("no tables", exitUsage, "hhrecon migrate", func(env map[string]string, _ *fixture) {
		env["HHRECON_DATABASE_URL"] = sqltest.EmptySQLiteURL(t)
	})

	events, _, status = runOnce(silent, func(map[string]string, *fixture) { w.refuse = 2 })
	if len(events) != 1 || status != exitUntrusted {
		t.Errorf("after two refusals: exit %d, %v", status, events)
	}
	_, beats, status = runOnce(ending(3, "success"), func(map[string]string, *fixture) { w.refuse = 1000 })
	if len(beats) != 0 || status != exitOK {
		t.Errorf("without a listener: exit %d, %v", status, beats)
	}
	w.refuse = 0
}

// TestWebhookOfAlertRuns checks that runs that alerts started send no heartbeat, and send an event only if they need
// attention.
func TestWebhookOfAlertRuns(t *testing.T) {
	w := newWebhookReceiver(t)
	s := &config.Settings{Projects: []config.Project{config.NewProject(config.ProjectEntry{ID: demoProject}, "", "")},
		HeartbeatURL: w.url, WebhookURL: w.url}
	n := &service.RunContext{
		Process: &service.Process{Log: slog.New(slog.DiscardHandler)}, Settings: s,
		Store: sqltest.Open(t, sqltest.SQLiteURL(t)),
	}
	p := &service.ProjectRun{RunContext: n, Project: s.Projects[0]}
	closed := time.Now()
	alert := reconcile.Run{ID: 4, ProjectID: demoProject, Origin: reconcile.Origin{Trigger: reconcile.TriggerAlert},
		ClosedAt: closed, Selected: 2}
	for state, wanted := range map[reconcile.RunState][]string{reconcile.Complete: nil, reconcile.Held: {webhook.Held}} {
		alert.State = state
		p.NotifyEnd(t.Context(), alert, nil)
		events, beats := w.received(t)
		var got []string
		for _, e := range events {
			got = append(got, e["event"].(string))
		}
		if !slices.Equal(got, wanted) || len(beats) > 0 {
			t.Errorf("%s: %v, heartbeats %v", state, got, beats)
		}
	}
	p.NotifyGivenUp(t.Context(), reconcile.Delivery{ID: 9, Report: reconcile.Report{Scope: reconcile.ReportScope{RunID: 4,
		ProjectID: demoProject}}, Recipient: reconcile.Recipient{Address: "aida@merchant.example"},
		Note: "aida@merchant.example: no such user"})
	p.NotifyJobFailed(t.Context(), config.Job{JobEntry: config.JobEntry{Name: "nightly"}}, closed, reconcile.ErrRunLost)
	w.mu.Lock()
	all := strings.Join(w.bodies, "\n")
	w.mu.Unlock()
	if !strings.Contains(all, `"event":"delivery_given_up"`) || !strings.Contains(all, `"delivery":9`) ||
		strings.Contains(all, "aida") {
		t.Errorf("a delivery that is given up: %s", all)
	}
	if !strings.Contains(all, `"event":"due_failed"`) || !strings.Contains(all, `"job":"nightly","due":"`) {
		t.Errorf("a scheduled time that failed: %s", all)
	}
}

// TestWebhookAddresses checks that an invalid address is reported at the start of the command, and that the message
// does not contain the address.
func TestWebhookAddresses(t *testing.T) {
	for _, name := range []string{"HHRECON_HEARTBEAT_URL", "HHRECON_WEBHOOK_URL", "HHRECON_PAGE_URL"} {
		for _, text := range []string{"secret", "ftp://secret/", "https://", "://secret"} {
			var log output
			status := run(t.Context(), []string{"runs"}, func(n string) string { return map[string]string{name: text}[n] },
				io.Discard, &log)
			if status != exitUsage || !strings.Contains(log.String(), name+" is not an address") ||
				strings.Contains(log.String(), "secret") {
				t.Errorf("%s=%s: exit %d, %s", name, text, status, log.String())
			}
		}
	}
}
