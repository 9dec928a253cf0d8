// Package service implements the work that the commands run, serve and worker share: runs of projects, batches,
// scheduled jobs, alerts, reports and their delivery, webhook events, and pruning.
//
// A command that executes a run or writes a report creates a RunContext. `hhrecon serve` and `hhrecon worker` call
// New, then Serve or Work. All work under one RunContext uses the same settings and the same database.
package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hhrecon/cmd/hhrecon/alerts"
	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/metrics"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/cmd/hhrecon/server"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// Service is the long-running process of `hhrecon serve` and `hhrecon worker`. All parts of the service share one
// database and always use the current settings.
type Service struct {
	*Process
	store   *sql.Store
	owner   reconcile.Owner
	current atomic.Pointer[config.Settings]
	reloads chan struct{} // receives a value after each change of the settings
	hangup  chan os.Signal
	alerts  *alertProcessors

	Workers         int          // number of concurrent batches for each project; 0 means that runs are not queued
	Copy            bool         // the database is a copy, so only the page is served and nothing is written
	MetricsListener net.Listener // for /metrics, /healthz and /readyz; if nil, the page's listener is used

	sendsQueued bool // the workers of a queued run send its report, so no other part sends mail
	Tasks       parallel.TaskGroup
}

// New returns a service with these settings. Set its fields before you call Serve or Work.
func New(n *RunContext) *Service {
	v := &Service{Process: n.Process, store: n.Store, owner: reconcile.ThisProcess(), reloads: make(chan struct{}, 1),
		hangup: make(chan os.Signal, 1), Tasks: make(parallel.TaskGroup)}
	v.current.Store(n.Settings)
	v.alerts = &alertProcessors{Service: v}
	return v
}

// settings returns the current settings. Each unit of work calls the method settings only once.
func (v *Service) settings() *config.Settings { return v.current.Load() }

// runContext returns a RunContext for a unit of work.
func (v *Service) runContext() *RunContext {
	return &RunContext{Process: v.Process, Settings: v.settings(), Store: v.store, Out: io.Discard, Queue: v.Workers > 0}
}

// Serve serves the page and executes all scheduled work until the context ends. It then waits for the work in progress.
func (v *Service) Serve(ctx context.Context, listener net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	signal.Notify(v.hangup, syscall.SIGHUP) // without this handler, a SIGHUP would end the process
	defer signal.Stop(v.hangup)
	page, err := v.newPage()
	if err != nil {
		return err
	}
	handler, watched := v.handler(page) // metricsMux also creates the metrics that the parts use
	audit := &auditlog.Verifier{Store: v.store, Settings: v.settings, Log: v.Log, Notify: v.sendEvent}
	var work sync.WaitGroup
	parts := map[string]func(context.Context) error{
		"reload":     v.reloadOnSignal,
		"alerts":     v.alerts.work,
		"schedules":  v.scheduler().Run,
		"mail":       v.sendMail,
		"retention":  v.pruneDaily,
		"audit":      audit.Register(v.Metrics.Registry).Run,
		"background": v.Tasks.Run,
	}
	if v.Workers > 0 {
		parts["queue"] = v.workOnQueue
	}
	if v.Copy {
		parts = map[string]func(context.Context) error{"background": v.Tasks.Run}
	}
	if v.MetricsListener != nil {
		fmt.Fprintf(v.Stdout, "hhrecon serves metrics at http://%s/metrics\n", v.MetricsListener.Addr())
		parts["metrics"] = func(ctx context.Context) error {
			return server.Serve(ctx, server.Limit(v.MetricsListener, v.settings), watched)
		}
	}
	for name, do := range parts {
		work.Go(func() { v.keepRunning(ctx, name, do) })
	}
	fmt.Fprintf(v.Stdout, "hhrecon serves at http://%s\n", listener.Addr())
	if len(v.settings().Jobs) == 0 {
		v.Log.Warn("no run starts by itself: no jobs are configured", "file", v.settings().File)
	}
	v.Log.Info("serving", "address", listener.Addr().String(), "version", v.Version)
	err = server.Serve(ctx, server.Limit(listener, v.settings), handler)
	stop()
	v.waitForParts(&work)
	return err
}

// waitForParts waits for the work in progress, but at most shutdownLimit. Unfinished work has stored its progress.
func (v *Service) waitForParts(work *sync.WaitGroup) {
	ended := make(chan struct{})
	go func() { work.Wait(); close(ended) }()
	select {
	case <-ended:
		v.Log.Info("service stopped")
	case <-time.After(shutdownLimit):
		v.Log.Error("work in progress is aborted", "after", shutdownLimit)
	}
}

// shutdownLimit is long enough for a run to finish its batch, and to store that the run and its job are interrupted.
const shutdownLimit = 45 * time.Second

// keepRunning runs a part of the service until the context ends. If the part fails or panics, keepRunning starts it
// again, and the other parts continue.
func (v *Service) keepRunning(ctx context.Context, name string, do func(context.Context) error) {
	for ctx.Err() == nil {
		err := parallel.Recover(func() error { return do(ctx) })
		if ctx.Err() != nil {
			return
		}
		v.Log.Error("part of the service failed; restarting it", "part", name, "error", err)
		parallel.Pause(ctx, 5*time.Second)
	}
}

// metricsMux creates the metrics and serves them.
func (v *Service) metricsMux() *http.ServeMux {
	v.Metrics = metrics.New(v.Version, v.store, func() []config.Project { return v.settings().Projects }, v.Log)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("GET /metrics", promhttp.HandlerFor(v.Metrics.Registry, promhttp.HandlerOpts{}))
	return mux
}

// handler returns the HTTP handlers of --listen and --metrics-listen.
func (v *Service) handler(page http.Handler) (handler, watched http.Handler) {
	mux := v.metricsMux()
	mux.Handle("GET /readyz", server.Ready(v.store.CheckSchema, v.Log))
	watched = v.Metrics.Instrument(mux)
	if v.MetricsListener != nil {
		mux = http.NewServeMux()
	}
	mux.Handle("POST /alerts/{project}", alerts.New(alerts.Options{
		Settings: v.settings, Store: v.store, Wake: v.alerts.wake, Count: v.Metrics.CountAlert, Log: v.Log,
	}))
	mux.Handle("/", page)
	return v.Metrics.Instrument(mux), watched
}

// reloadOnSignal reads the settings again after each SIGHUP.
func (v *Service) reloadOnSignal(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-v.hangup:
			v.reload(ctx)
		}
	}
}

// reload reads and applies new settings. If the new settings have an error, the service keeps the old settings.
func (v *Service) reload(ctx context.Context) {
	s, err := v.ReadSettings()
	if err == nil && s.DatabaseURL != v.settings().DatabaseURL {
		err = errors.New("HHRECON_DATABASE_URL changed: restart hhrecon to use the new value")
	}
	if err == nil {
		err = cmp.Or(s.CheckPage(), s.CheckKeys())
	}
	if err == nil {
		err = v.store.CheckQueries(ctx, s.Rules()...)
	}
	if err != nil {
		v.Log.Error("cannot apply the new settings; the old settings stay active", "error", err)
		return
	}
	v.current.Store(s)
	select {
	case v.reloads <- struct{}{}:
	default: // a reload is pending already
	}
	v.Log.Info("new settings are active", "file", s.File)
}
