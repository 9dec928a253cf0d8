package metrics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/reports/totals"
	"hhrecon/sql/queue"
)

// Limits for reading the database. The collector reads the database at most once in cacheTime. Each read
// takes at most queryTime.
const (
	cacheTime = 10 * time.Second
	queryTime = 5 * time.Second
)

// StatsSource reads the values that the collector exports from the database.
type StatsSource interface {
	Ping(ctx context.Context) error
	CountAlerts(ctx context.Context) ([]reconcile.AlertCount, error)
	CountRuns(ctx context.Context) ([]reconcile.RunCount, error)
	LastWhole(ctx context.Context, projectID string) (reconcile.Run, error)
	LastComplete(ctx context.Context, projectID string) (time.Time, error)
	CountUndecided(ctx context.Context) (map[string]int64, error)
	CountDeliveries(ctx context.Context) ([]reconcile.DeliveryCount, error)
	Totals(ctx context.Context, s reconcile.ReportScope) ([]reconcile.Total, error)
	CountJobs(ctx context.Context) ([]queue.JobCount, error)
	Verified(ctx context.Context, run reconcile.Run, w reconcile.Window) (reconcile.Verified, error)
	Prune(ctx context.Context, r reconcile.Retention) (reconcile.Pruning, error)
}

// dbCollector exports metrics that it reads from the database. These metrics include the work of all processes. If the
// database is unavailable, hhrecon_up is 0 and the other metrics are missing. hhrecon_up does not depend on a count.
type dbCollector struct {
	source   StatsSource
	projects func() []config.Project
	log      *slog.Logger
	now      func() time.Time

	mu     sync.Mutex
	readAt time.Time
	cached []prometheus.Metric
	totals map[string]runTotals    // totals by project; cached, because the totals of a closed run do not change
	blocks map[string]blockerCount // by project
}

// blockerCount counts the runs that block pruning, by reason. The counts are cached, because the query is slow.
type blockerCount struct {
	readAt time.Time
	count  map[string]int
}

const blockersKept = 10 * time.Minute

type runTotals struct {
	run      int64
	totals   []reconcile.Total
	verified reconcile.Verified
	counted  bool // the counts are in the field verified
}

// newDBCollector returns a collector for the projects that the function returns.
func newDBCollector(source StatsSource, projects func() []config.Project, log *slog.Logger) *dbCollector {
	return &dbCollector{
		source: source, projects: projects, log: log, now: time.Now,
		totals: make(map[string]runTotals), blocks: make(map[string]blockerCount),
	}
}

// newGauge describes a gauge. If its first label is project, set takes the project's ID for this label. The label
// project then has the name of the project, and the additional last label project_id has the ID.
func newGauge(name, help string, labels ...string) gauge {
	g := gauge{ofProject: len(labels) > 0 && labels[0] == "project"}
	if g.ofProject {
		labels = append(labels, "project_id")
	}
	g.Desc = prometheus.NewDesc("hhrecon_"+name, help, labels, nil)
	return g
}

type gauge struct {
	*prometheus.Desc
	ofProject bool
}

var (
	gaugeUp       = newGauge("up", "1 if the database answers, 0 if it is unavailable.")
	gaugeRuns     = newGauge("runs", "Runs by state and trigger, without dry runs.", "project", "state", "trigger")
	gaugeHeld     = newGauge("held_runs", "Held runs that wait for a person to release or discard them.", "project")
	gaugeWaiting  = newGauge("decisions_waiting", "Payins that wait for a person's decision.", "project")
	gaugeComplete = newGauge("last_complete_timestamp_seconds",
		"Unix time at which the last run with answers about all open payins was closed, or 0.", "project")
	gaugeCompleteAge = newGauge("last_complete_age_seconds",
		"Seconds since the last run with answers about all open payins was closed, or +Inf.", "project")
	gaugeLastRun = newGauge("last_run_timestamp_seconds",
		"Unix time at which the last run over all open payins was closed.", "project")
	gaugeHeadline = newGauge("last_run_headline",
		"1 for the headline (COMPLETE, PARTIAL or HELD) of the last run over all open payins.", "project", "headline")
	gaugePayins = newGauge("last_run_payins",
		"Payins of the last run over all open payins, by outcome.", "project", "outcome")
	gaugeUnresolved = newGauge("last_run_unresolved",
		"Open payins that were older than the project's window setting at the last run over all open payins.", "project")
	gaugeSuccesses = newGauge("last_run_successes",
		"The merchant's successes on the day before the last run over all open payins, by HighHelp's confirmation.",
		"project", "verified")
	gaugeDeliveries = newGauge("deliveries", "Deliveries of reports to a recipient, by state.", "state")
	gaugeAlerts     = newGauge("alerts", "Stored alerts from HighHelp, by state.", "project", "state")
	gaugeJobs       = newGauge("river_jobs", "River jobs (batches of queued runs), by queue and state.", "queue", "state")
	gaugeBlocked    = newGauge("prune_blocked_runs",
		"Runs that are older than the retention and cannot be pruned, by reason.", "project", "reason")

	gaugeAlertWaiting = newGauge("alert_oldest_waiting_seconds",
		"Age of the oldest waiting alert in seconds, or 0 if no alert is waiting.", "project")
)

// Describe sends nothing, because the series depend on the content of the database.
func (c *dbCollector) Describe(chan<- *prometheus.Desc) {}

// Collect sends the metrics. Collect reads the database if the last read was more than cacheTime ago.
func (c *dbCollector) Collect(out chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); c.readAt.IsZero() || now.Sub(c.readAt) >= cacheTime {
		c.readAt, c.cached = now, c.readStats()
	}
	for _, m := range c.cached {
		out <- m
	}
}

// readStats reads all metrics. If the database does not answer, readStats returns only hhrecon_up. A part that fails or
// takes too long leaves out only its own metrics.
func (c *dbCollector) readStats() []prometheus.Metric {
	ctx, cancel := context.WithTimeout(context.Background(), queryTime)
	defer cancel()
	up := &scrape{}
	if err := c.source.Ping(ctx); err != nil {
		c.log.Warn("cannot read metrics from the database", "error", err)
		up.set(gaugeUp, 0)
		return up.metrics
	}
	up.set(gaugeUp, 1)
	names := make(map[string]string)
	for _, p := range c.projects() {
		names[p.ID] = p.Name
	}
	metrics := up.metrics
	for _, part := range []struct {
		name string
		read func(ctx context.Context, s *scrape) error
	}{
		{"last runs", c.collectLastRuns}, {"alerts", c.collectAlerts}, {"decisions", c.collectDecisions},
		{"jobs", c.collectJobs}, {"runs", c.collectRuns}, {"deliveries", c.collectDeliveries},
		{"blocked runs", c.collectBlocked},
	} {
		s := &scrape{now: c.now(), names: names}
		if err := halfTime(ctx, s, part.read); err != nil {
			c.log.Warn("cannot read metrics from the database", "part", part.name, "error", err)
			continue
		}
		metrics = append(metrics, s.metrics...)
	}
	return metrics
}

// halfTime reads a part in at most half of the time that is left, so that a slow part leaves time for the next parts.
func halfTime(ctx context.Context, s *scrape, read func(ctx context.Context, s *scrape) error) error {
	end, _ := ctx.Deadline()
	some, cancel := context.WithTimeout(ctx, time.Until(end)/2)
	defer cancel()
	return read(some, s)
}

// collectLastRuns reads the last runs of each project.
func (c *dbCollector) collectLastRuns(ctx context.Context, s *scrape) error {
	for _, p := range c.projects() {
		if err := c.collectProject(ctx, s, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// collectDecisions counts the payins that wait for a person.
func (c *dbCollector) collectDecisions(ctx context.Context, s *scrape) error {
	waiting, err := c.source.CountUndecided(ctx)
	if err != nil {
		return fmt.Errorf("count decisions: %w", err)
	}
	for _, p := range c.projects() {
		s.set(gaugeWaiting, float64(waiting[p.ID]), p.ID)
	}
	return nil
}

// collectRuns counts the runs of all projects.
func (c *dbCollector) collectRuns(ctx context.Context, s *scrape) error {
	runs, err := c.source.CountRuns(ctx)
	if err != nil {
		return fmt.Errorf("count runs: %w", err)
	}
	held := make(map[string]int64)
	for _, r := range runs {
		s.set(gaugeRuns, float64(r.Count), r.ProjectID, string(r.State), string(r.Trigger))
		if r.State == reconcile.Held {
			held[r.ProjectID] += r.Count
		}
	}
	for _, p := range c.projects() {
		s.set(gaugeHeld, float64(held[p.ID]), p.ID)
	}
	return nil
}

// collectAlerts counts the alerts of all projects.
func (c *dbCollector) collectAlerts(ctx context.Context, s *scrape) error {
	alerts, err := c.source.CountAlerts(ctx)
	if err != nil {
		return fmt.Errorf("count alerts: %w", err)
	}
	type alertKey struct {
		project string
		state   reconcile.AlertState
	}
	count := make(map[alertKey]reconcile.AlertCount)
	for _, a := range alerts {
		count[alertKey{a.ProjectID, a.State}] = a
	}
	for _, p := range c.projects() {
		for _, state := range []reconcile.AlertState{
			reconcile.AlertWaiting, reconcile.AlertDone, reconcile.AlertNoPayin, reconcile.AlertUnreadable,
		} {
			s.set(gaugeAlerts, float64(count[alertKey{p.ID, state}].Count), p.ID, string(state))
		}
		s.set(gaugeAlertWaiting, s.age(count[alertKey{p.ID, reconcile.AlertWaiting}].Oldest), p.ID)
	}
	return nil
}

// collectDeliveries counts the deliveries of reports.
func (c *dbCollector) collectDeliveries(ctx context.Context, s *scrape) error {
	deliveries, err := c.source.CountDeliveries(ctx)
	if err != nil {
		return fmt.Errorf("count deliveries: %w", err)
	}
	states := map[reconcile.DeliveryState]int64{
		reconcile.DeliveryWaiting: 0, reconcile.DeliverySending: 0, reconcile.DeliverySent: 0, reconcile.DeliveryGivenUp: 0,
	}
	for _, d := range deliveries {
		states[d.State] = d.Count
	}
	for state, n := range states {
		s.set(gaugeDeliveries, float64(n), string(state))
	}
	return nil
}

// collectJobs counts River's jobs.
func (c *dbCollector) collectJobs(ctx context.Context, s *scrape) error {
	jobs, err := c.source.CountJobs(ctx)
	if err != nil {
		return fmt.Errorf("count River's jobs: %w", err)
	}
	for _, j := range jobs {
		s.set(gaugeJobs, float64(j.Count), j.Queue, j.State)
	}
	return nil
}

// collectProject reads the state of one project.
func (c *dbCollector) collectProject(ctx context.Context, s *scrape, id string) error {
	complete, err := c.source.LastComplete(ctx, id)
	if err != nil {
		return fmt.Errorf("read the last complete run: %w", err)
	}
	at, age := 0.0, math.Inf(1)
	if !complete.IsZero() {
		at, age = seconds(complete), s.age(complete)
	}
	s.set(gaugeComplete, at, id)
	s.set(gaugeCompleteAge, age, id)
	run, err := c.source.LastWhole(ctx, id)
	if errors.Is(err, reconcile.ErrNoRun) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the last run over all open payins: %w", err)
	}
	return c.lastRun(ctx, s, run)
}

// collectBlocked counts the runs that block pruning.
func (c *dbCollector) collectBlocked(ctx context.Context, s *scrape) error {
	for _, p := range c.projects() {
		if p.Retention > 0 {
			c.collectBlockedOf(ctx, s, &p)
		}
	}
	return nil
}

// collectBlockedOf counts one project's runs that block pruning.
func (c *dbCollector) collectBlockedOf(ctx context.Context, s *scrape, p *config.Project) {
	b, known := c.blocks[p.ID]
	if !known || s.now.Sub(b.readAt) >= blockersKept {
		r := p.RetentionAt(s.now)
		r.DryRun = true
		some, cancel := context.WithTimeout(ctx, queryTime/2)
		defer cancel()
		pruning, err := c.source.Prune(some, r)
		if err != nil {
			c.log.Warn("cannot count the runs that block pruning", "project", p.ID, "error", err)
			return
		}
		b = blockerCount{s.now, make(map[string]int)}
		for _, h := range pruning.Blockers {
			b.count[h.Kind]++
		}
		c.blocks[p.ID] = b
	}
	for _, kind := range reconcile.BlockerKinds() {
		s.set(gaugeBlocked, float64(b.count[kind]), p.ID, kind)
	}
}

// lastRun reads the result of the project's last run over all open payins.
func (c *dbCollector) lastRun(ctx context.Context, s *scrape, run reconcile.Run) error {
	id := run.ProjectID
	if c.totals[id].run != run.ID {
		totals, err := c.source.Totals(ctx, reconcile.ReportScope{RunID: run.ID})
		if err != nil {
			return fmt.Errorf("totals of run %d: %w", run.ID, err)
		}
		last := runTotals{run: run.ID, totals: totals}
		// The merchant's table may be slow. If the count takes too long, the series is missing until the next run.
		some, cancel := context.WithTimeout(ctx, queryTime/2)
		defer cancel()
		if last.verified, err = c.source.Verified(some, run, run.LastDay()); err != nil {
			c.log.Warn("cannot count the successes in the merchant's table", "run", run.ID, "error", err)
		}
		last.counted = err == nil
		c.totals[id] = last
	}
	if last := c.totals[id]; last.counted {
		v := last.verified
		s.set(gaugeSuccesses, float64(v.Confirmed), id, "confirmed")
		s.set(gaugeSuccesses, float64(v.NeverAsked), id, "never_asked")
		s.set(gaugeSuccesses, float64(v.Successes-v.Confirmed-v.NeverAsked), id, "other")
	}
	s.set(gaugeLastRun, seconds(run.ClosedAt), id)
	s.set(gaugeUnresolved, float64(run.Unresolved), id)
	for _, h := range reconcile.ResultStatuses {
		is := 0.0
		if run.ResultStatus() == h {
			is = 1
		}
		s.set(gaugeHeadline, is, id, string(h))
	}
	payins := totals.CountByOutcome(c.totals[id].totals)
	for _, outcome := range reconcile.Outcomes {
		s.set(gaugePayins, float64(payins[outcome]), id, string(outcome))
	}
	return nil
}

// scrape collects the metrics that one read of the database returns.
type scrape struct {
	now     time.Time
	names   map[string]string // names of the projects by ID
	metrics []prometheus.Metric
}

func (s *scrape) set(g gauge, value float64, labels ...string) {
	if g.ofProject {
		id := labels[0]
		labels = append(append([]string{cmp.Or(s.names[id], id)}, labels[1:]...), id)
	}
	s.metrics = append(s.metrics, prometheus.MustNewConstMetric(g.Desc, prometheus.GaugeValue, value, labels...))
}

// age returns the seconds since a time, or 0 for the zero time.
func (s *scrape) age(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return max(0, s.now.Sub(at).Seconds())
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
