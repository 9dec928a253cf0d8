// Package metrics exports the state of hhrecon to Prometheus. Call New, and serve its Registry.
package metrics

import (
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"hhrecon/cmd/hhrecon/alerts"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/server"
	"hhrecon/highhelp"
	"hhrecon/reconcile/run"
)

// Metrics counts the work of this process. dbCollector reads metrics about all processes from the database. No label
// contains a payin, an amount or a person. All methods of a nil *Metrics do nothing.
type Metrics struct {
	projects      func() []config.Project // returns the projects in the current settings
	Registry      *prometheus.Registry
	requests      *prometheus.CounterVec
	requestTime   *prometheus.HistogramVec
	answers       *prometheus.CounterVec
	answerTime    *prometheus.HistogramVec
	alerts        *prometheus.CounterVec
	mails         *prometheus.CounterVec
	notifications *prometheus.CounterVec
	batches       *prometheus.CounterVec
	fetches       *prometheus.CounterVec
	fetchTime     *prometheus.HistogramVec
}

// New returns the metrics of a process, including those of dbCollector. The parameter version is the program's version.
func New(version string, source StatsSource, projects func() []config.Project, log *slog.Logger) *Metrics {
	registry := prometheus.NewRegistry()
	withID := func(labels []string) []string { // a later version will remove the label project_id
		if slices.Contains(labels, "project") {
			labels = append(labels, "project_id")
		}
		return labels
	}
	factory := promauto.With(registry)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return factory.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, withID(labels))
	}
	seconds := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return factory.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, withID(labels))
	}
	m := &Metrics{
		projects: projects, Registry: registry,
		requests: counter("hhrecon_highhelp_requests_total",
			"Attempts by this process to send a request to HighHelp, by result.", "project", "call", "result"),
		requestTime: seconds("hhrecon_highhelp_request_seconds",
			"Duration of request attempts to HighHelp in seconds, without the wait for the rate limit.",
			[]float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15, 30}, "project", "call"),
		answers: counter("hhrecon_http_requests_total", "HTTP requests that this process answered, by route.", "route",
			"code"),
		answerTime: seconds("hhrecon_http_request_seconds",
			"Duration in seconds of the HTTP requests that this process answered, by route.", prometheus.DefBuckets, "route"),
		alerts: counter("hhrecon_alerts_received_total", "Alerts that this process received, by result.", "result"),
		mails:  counter("hhrecon_mails_total", "Attempts by this process to send a mail, by result.", "result"),
		notifications: counter("hhrecon_notices_total",
			"Heartbeats and webhook calls by this process, by result.", "kind", "result"),
		batches: counter("hhrecon_batches_total", "Batches of queued runs that this process executed, by result. "+
			"The result taken_over means that a dead worker's batch was requeued.", "project", "result"),
		fetches: counter("hhrecon_river_jobs_fetched_total", "River jobs that this process fetched.", "project"),
		fetchTime: seconds("hhrecon_river_fetch_seconds", "Duration in seconds of the fetches of River jobs.",
			prometheus.DefBuckets, "project"),
	}
	factory.NewGauge(prometheus.GaugeOpts{
		Name: "hhrecon_build_info", Help: "Always 1. The label version is the version of hhrecon.",
		ConstLabels: prometheus.Labels{"version": version},
	}).Set(1)
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		newDBCollector(source, projects, log))
	// The series start with the value zero. Otherwise a rate would not include the first increase of a new series.
	for _, result := range alerts.Results {
		m.alerts.WithLabelValues(result)
	}
	for _, result := range []string{"ok", "failed"} {
		m.mails.WithLabelValues(result)
		m.notifications.WithLabelValues("webhook", result)
		m.notifications.WithLabelValues("heartbeat", result)
	}
	return m
}

// CountAlert counts an alert that this process received. result is one of alerts.Results.
func (m *Metrics) CountAlert(result string) {
	if m != nil {
		m.alerts.WithLabelValues(result).Inc()
	}
}

// CountMail counts an attempt to send a mail.
func (m *Metrics) CountMail(err error) {
	if m != nil {
		m.mails.WithLabelValues(okOrFailed(err)).Inc()
	}
}

// CountNotification counts a heartbeat or a webhook call.
func (m *Metrics) CountNotification(kind string, err error) {
	if m != nil {
		m.notifications.WithLabelValues(kind, okOrFailed(err)).Inc()
	}
}

// BatchCounter returns a function that counts a project's batches by result. For a nil *Metrics it returns nil.
func (m *Metrics) BatchCounter(projectID string) func(run.BatchResult) {
	if m == nil {
		return nil
	}
	for _, result := range run.BatchResults {
		m.batches.With(m.labels(projectID, "result", string(result)))
	}
	return func(r run.BatchResult) { m.batches.With(m.labels(projectID, "result", string(r))).Inc() }
}

// CountFetch counts a fetch of jobs from River, with the number of jobs and the duration.
func (m *Metrics) CountFetch(projectID string, jobs int, took time.Duration) {
	if m == nil {
		return
	}
	if took > 0 {
		m.fetchTime.With(m.labels(projectID)).Observe(took.Seconds())
	}
	m.fetches.With(m.labels(projectID)).Add(float64(jobs))
}

// labels returns the labels of a project, followed by the given names and values. The ID of the project replaces a
// missing name.
func (m *Metrics) labels(projectID string, others ...string) prometheus.Labels {
	labels := prometheus.Labels{"project": projectID, "project_id": projectID}
	for _, p := range m.projects() {
		if p.ID == projectID && p.Name != "" {
			labels["project"] = p.Name
		}
	}
	for i := 0; i < len(others); i += 2 {
		labels[others[i]] = others[i+1]
	}
	return labels
}

func okOrFailed(err error) string {
	if err != nil {
		return "failed"
	}
	return "ok"
}

// RequestObserver returns a function that counts a project's requests to HighHelp. For a nil *Metrics it returns nil.
func (m *Metrics) RequestObserver(projectID string) func(highhelp.Observation) {
	if m == nil {
		return nil
	}
	for _, result := range highhelp.Results {
		m.requests.With(m.labels(projectID, "call", highhelp.CallPayinInfo, "result", result))
	}
	return func(o highhelp.Observation) {
		m.requests.With(m.labels(projectID, "call", o.Call, "result", o.Result)).Inc()
		m.requestTime.With(m.labels(projectID, "call", o.Call)).Observe(o.Took.Seconds())
	}
}

// Instrument counts the answers of a mux by the pattern that matched the request.
func (m *Metrics) Instrument(mux http.Handler) http.Handler {
	return server.Instrument(mux, func(route string, code int, took time.Duration) {
		m.answers.WithLabelValues(route, strconv.Itoa(code)).Inc()
		m.answerTime.WithLabelValues(route).Observe(took.Seconds())
	})
}
