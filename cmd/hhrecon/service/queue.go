package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/cmd/hhrecon/server"
	"hhrecon/reconcile"
	"hhrecon/reconcile/run"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
	"hhrecon/sql/queue"
)

// Work processes batches of queued runs until the context ends, and sends the reports of the runs that it closes.
func (v *Service) Work(ctx context.Context) error {
	v.sendsQueued = true
	if v.MetricsListener != nil {
		mux := v.metricsMux()
		fmt.Fprintf(v.Stdout, "hhrecon worker serves metrics at http://%s/metrics\n", v.MetricsListener.Addr())
		go func() {
			if err := server.Serve(ctx, v.MetricsListener, v.Metrics.Instrument(mux)); err != nil {
				v.Log.Error("cannot serve metrics any more", "error", err)
			}
		}()
	}
	if err := v.workOnQueue(ctx); ctx.Err() == nil {
		return err
	}
	return nil // the workers have stopped and released their batches
}

// workOnQueue processes batches of queued runs of all projects until the context ends. workOnQueue always
// uses the current settings.
func (v *Service) workOnQueue(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := v.takeBatches(ctx, v.settings()); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// takeBatches processes batches until the context ends or the settings change.
func (v *Service) takeBatches(ctx context.Context, s *config.Settings) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	workers := make(map[string]*run.BatchWorker)
	var ids []string
	var mails, sweeping sync.WaitGroup
	defer mails.Wait()
	for _, p := range s.Projects {
		client, err := v.NewClient(s, p, v.store.Rate(p.ID, p.Rate)) // all workers share the project's rate limit
		if err != nil {
			return err
		}
		defer client.Close()
		n := &RunContext{Process: v.Process, Settings: s, Store: v.store, Out: io.Discard}
		ids = append(ids, p.ID)
		workers[p.ID] = n.ProjectRun(p, client).batchWorker(ctx, v, &mails)
	}
	defer sweeping.Wait()
	sweeping.Go(func() {
		defer end()
		v.requeueStale(ctx, s, workers)
	})
	defer end()
	v.Log.Info("taking batches", "projects", len(ids), "workers", v.Workers, "version", v.Version)
	return v.store.Work(ctx, queue.WorkOptions{
		Projects: ids, Workers: v.Workers, Fetched: v.Metrics.CountFetch,
		Do: func(ctx context.Context, projectID string, b run.Batch) error {
			err := workers[projectID].Do(ctx, b)
			if err != nil && ctx.Err() == nil {
				v.Log.Error("batch failed", "run", b.RunID, "project", projectID, "batch", b.Number, "error", err)
			}
			return err
		},
	})
}

// requeueStale requeues the batches of workers that have ended. requeueStale repeats this at regular intervals
// until the settings change.
func (v *Service) requeueStale(ctx context.Context, s *config.Settings, workers map[string]*run.BatchWorker) {
	for v.settings() == s {
		for _, worker := range workers {
			if err := parallel.Recover(func() error { return worker.Sweep(ctx) }); err != nil && ctx.Err() == nil {
				v.Log.Warn("cannot find the batches of dead workers", "error", err)
			}
		}
		if !parallel.Pause(ctx, RequeueEvery) {
			return
		}
	}
}

// Times after which the batch of a worker that has ended is requeued. These times are variables because tests shorten
// them.
var (
	BatchExpiry  = run.BatchLeaseTime
	RequeueEvery = run.SweepEvery
)

// batchWorker returns the worker for batches of one project.
func (w *ProjectRun) batchWorker(working context.Context, v *Service, mails *sync.WaitGroup) *run.BatchWorker {
	return &run.BatchWorker{
		LeaseTime: BatchExpiry,
		Engine:    w.Runner, Queue: w.Store, Worker: fmt.Sprintf("%s:%d", w.Runner.Owner.Host, os.Getpid()),
		Observe: w.Metrics.BatchCounter(w.Project.ID),
		Close: func(ctx context.Context, run reconcile.Run, before bool) error {
			reported, err := w.reportQueuedRun(ctx, run, before)
			if err == nil && v.sendsQueued && len(reported) > 0 {
				mails.Go(func() { w.mailReports(working, reported) })
			}
			return err
		},
		Broken: w.NotifyEnd,
	}
}

// mailReports sends reports and retries for some time, as `hhrecon run` does.
func (w *ProjectRun) mailReports(ctx context.Context, reported []int64) {
	if err := w.Deliver(ctx, ReportFilter{Reports: reported}, emailWait); err != nil && !errors.Is(err, context.Canceled) {
		w.Log.Error("cannot send reports; the next \"hhrecon run\", \"hhrecon serve\" or \"hhrecon deliver\" sends "+
			"the reports", "error", err)
	}
}

// reportQueuedRun publishes a run that its workers have closed, writes its workbook, and returns the reports to send.
// If before is true, another worker may have begun to report the run. reportQueuedRun then overwrites the workbook of
// that worker. A report that is published twice is sent only once.
func (w *ProjectRun) reportQueuedRun(ctx context.Context, run reconcile.Run, before bool) ([]int64, error) {
	shared, own := *w.RunContext, *w
	shared.Outgoing = new([]int64)
	own.RunContext, own.reported = &shared, make(map[int64]string)
	if path := filepath.Join(w.Settings.ReportDir, reports.FileName(run, w.ReportOptions(), "xlsx")); before {
		if _, err := os.Stat(path); err == nil {
			shared.Report = path // an existing file is overwritten
		}
	}
	err := own.Finalise(ctx, run, nil)
	switch code := exit.Code(err); {
	case code == exit.OK, code == exit.Untrusted, code == exit.Held, run.KeysError() != nil: // the run is closed
		return *shared.Outgoing, nil //nolint:nilerr // the error is the result of the run, and is reported
	}
	return nil, err
}

// Times for a command that waits for batch workers.
const (
	workerPoll    = 500 * time.Millisecond // pause between checks of the progress
	noWorkerAfter = 15 * time.Second       // time without a heartbeat after which the command prints a warning
	reportWait    = 2 * time.Minute        // maximum wait for the report of a closed run
)

// queueProject queues the project's interrupted runs, then this run, and waits for the workers.
func (q *Request) queueProject(ctx context.Context, w *ProjectRun) error {
	request, err := q.request(w, time.Now())
	if err != nil {
		return err
	}
	var before error
	if request.Selection.Whole && !q.DryRun {
		broken, err := w.Runner.Resumable(ctx)
		if err != nil {
			return err
		}
		for _, b := range broken {
			run, err := w.retryRun(ctx, func() (reconcile.Run, error) { return w.Runner.Requeue(ctx, b.ID) })
			if err == nil && q.NoWait {
				w.printQueued(run)
				return nil // another run holds the lock on the project
			}
			run, err = w.awaitWorkers(ctx, run, err)
			if before = exit.Join(before, w.printQueuedResult(ctx, run, err)); err != nil {
				return before
			}
		}
	}
	run, err := w.retryRun(ctx, func() (reconcile.Run, error) { return w.Runner.Queue(ctx, request) })
	if err == nil && q.NoWait {
		w.printQueued(run)
		return before
	}
	run, err = w.awaitWorkers(ctx, run, err)
	return exit.Join(before, w.printQueuedResult(ctx, run, err))
}

// printQueued prints how to follow a queued run.
func (w *ProjectRun) printQueued(run reconcile.Run) {
	fmt.Fprintf(w.Stdout, "Run %[1]d of project %[2]s is queued: %[3]d payins. \"hhrecon worker\" and \"hhrecon "+
		"serve --workers\" execute the run. Run \"hhrecon show %[1]d\" to see the progress.\n",
		run.ID, run.ProjectID, run.Selected)
}

// awaitWorkers shows the progress of a queued run until its workers have closed and reported the run. awaitWorkers
// returns an error if the run is interrupted.
func (w *ProjectRun) awaitWorkers(ctx context.Context, run reconcile.Run, err error) (reconcile.Run, error) {
	var closed time.Time // time at which this process noticed that the run was closed
	alone, wait := false, workerPoll
	for err == nil {
		if !parallel.Pause(ctx, wait) {
			return run, fmt.Errorf("%w: workers continue the run; run \"hhrecon show %d\" to see the "+
				"progress", context.Cause(ctx),
				run.ID)
		}
		began := time.Now()
		if run, err = w.Store.Run(ctx, run.ID); err != nil {
			break
		}
		batches, failed := w.Store.CountBatches(ctx, run.ID)
		if failed != nil {
			return run, failed
		}
		wait = max(workerPoll, 10*time.Since(began)) // counting the payins of a large run takes time
		w.showProgress(run)
		switch {
		case run.State == reconcile.Interrupted:
			return run, errors.New(i18n.English().Clauses(run.Note))
		case !run.ClosedAt.IsZero() && batches.Undone == 0:
			return run, nil
		case !run.ClosedAt.IsZero():
			if closed.IsZero() {
				closed = time.Now()
			}
			if time.Since(closed) > reportWait {
				w.Log.Warn("run is closed, but no worker has published its report yet", "run", run.ID, "project", run.ProjectID)
				return run, nil
			}
		case batches.Working == 0 && run.HeartbeatAge > noWorkerAfter && !alone:
			alone = true
			w.Log.Warn("no worker executes the run: start \"hhrecon worker\", or \"hhrecon serve --workers 2\"", "run", run.ID,
				"project", run.ProjectID)
		}
	}
	return run, err
}

func (w *ProjectRun) showProgress(r reconcile.Run) {
	p := run.Progress{Run: r, Stage: "ask", Done: r.Judged, Total: r.Selected}
	if r.Settled > 0 {
		p.Stage, p.Done = "settle", r.Settled
	}
	w.Runner.Progress(p)
}

// printQueuedResult prints the result of a run that workers have reported, and returns an error with the exit status.
func (w *ProjectRun) printQueuedResult(ctx context.Context, run reconcile.Run, err error) error {
	w.Console.EndProgress()
	if err = errors.Join(err, run.KeysError()); err != nil {
		return w.userError(run, err)
	}
	result, err := w.Result(ctx, run)
	if err != nil {
		return err
	}
	return w.printResult(result)
}
