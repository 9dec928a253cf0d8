// Package metrics exports what this process does to Prometheus: call New, and register Registry's handler.
package metrics

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"hhrecon/cmd/hhrecon/alerts"
	"hhrecon/cmd/hhrecon/server"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// metrics count what this process does; what must be right across processes is read from the database, see
// gauges. No label holds a payin, an amount or a person. A nil *metrics counts nothing.
type Metrics struct {
	name          func(projectID string) string
	Registry      *prometheus.Registry
	requests      *prometheus.CounterVec
	requestTime   *prometheus.HistogramVec
	Answers       *prometheus.CounterVec
	answerTime    *prometheus.HistogramVec
	alerts        *prometheus.CounterVec
	mails         *prometheus.CounterVec
	notifications *prometheus.CounterVec
	batches       *prometheus.CounterVec
	fetches       *prometheus.CounterVec
	fetchTime     *prometheus.HistogramVec
}

func New(version string, name func(projectID string) string) *Metrics {
	registry := prometheus.NewRegistry()
	withID := func(labels []string) []string { // project is the name; project_id, its earlier value, stays for one version
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
		name: name, Registry: registry,
		requests: counter("hhrecon_highhelp_requests_total",
			"Tries of requests to HighHelp by this process, by their result.", "project", "call", "result"),
		requestTime: seconds("hhrecon_highhelp_request_seconds",
			"How long tries of requests to HighHelp took, without waits for their turn.",
			[]float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15, 30}, "project", "call"),
		Answers: counter("hhrecon_http_requests_total", "Requests that this process answered, by route.", "route", "code"),
		answerTime: seconds("hhrecon_http_request_seconds", "How long this process took to answer, by route.",
			prometheus.DefBuckets, "route"),
		alerts: counter("hhrecon_alerts_received_total", "Alerts that came to this process, by what became of them.",
			"result"),
		mails:         counter("hhrecon_mails_total", "Tries to hand a mail to the mail server by this process.", "result"),
		notifications: counter("hhrecon_notices_total", "Heartbeats and webhook calls by this process.", "kind", "result"),
		batches: counter("hhrecon_batches_total", "Batches of queued runs in this process's hands, by what became of "+
			"them; taken_over: taken from silent workers and queued again.", "project", "result"),
		fetches: counter("hhrecon_river_jobs_fetched_total", "Jobs of River's that this process fetched.", "project"),
		fetchTime: seconds("hhrecon_river_fetch_seconds", "How long River took to fetch jobs for this process.",
			prometheus.DefBuckets, "project"),
	}
	factory.NewGauge(prometheus.GaugeOpts{
		Name: "hhrecon_build_info", Help: "Always 1; the label says which version runs.",
		ConstLabels: prometheus.Labels{"version": version},
	}).Set(1)
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	// What is to be watched stands there from the start, at zero: a rate over what appears later would miss its first
	// step.
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

func (m *Metrics) CountAlert(result string) {
	if m != nil {
		m.alerts.WithLabelValues(result).Inc()
	}
}

// CountMail counts a try to hand a mail to the mail server.
func (m *Metrics) CountMail(err error) {
	if m != nil {
		m.mails.WithLabelValues(okOrFailed(err)).Inc()
	}
}

func (m *Metrics) CountNotification(kind string, err error) {
	if m != nil {
		m.notifications.WithLabelValues(kind, okOrFailed(err)).Inc()
	}
}

// BatchCounter counts a project's batches.
func (m *Metrics) BatchCounter(projectID string) func(reconcile.BatchResult) {
	if m == nil {
		return nil
	}
	for _, result := range reconcile.BatchResults {
		m.batches.With(m.labels(projectID, "result", string(result)))
	}
	return func(r reconcile.BatchResult) { m.batches.With(m.labels(projectID, "result", string(r))).Inc() }
}

// CountFetch counts what River brings.
func (m *Metrics) CountFetch(projectID string, jobs int, took time.Duration) {
	if m == nil {
		return
	}
	if took > 0 {
		m.fetchTime.With(m.labels(projectID)).Observe(took.Seconds())
	}
	m.fetches.With(m.labels(projectID)).Add(float64(jobs))
}

// labels are a project's, and others by their names.
func (m *Metrics) labels(projectID string, others ...string) prometheus.Labels {
	labels := prometheus.Labels{"project": m.name(projectID), "project_id": projectID}
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

// RequestObserver counts a project's requests to HighHelp.
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

// Instrument counts what a mux answers, by the pattern that it chose.
func (m *Metrics) Instrument(mux http.Handler) http.Handler {
	return server.Watch(mux, func(route string, code int, took time.Duration) {
		m.Answers.WithLabelValues(route, strconv.Itoa(code)).Inc()
		m.answerTime.WithLabelValues(route).Observe(took.Seconds())
	})
}
