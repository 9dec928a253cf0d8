package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hhrecon/reconcile"
)

// How a command waits for workers.
const (
	lookForWorkers = 500 * time.Millisecond // between two looks how far they are
	noWorkers      = 15 * time.Second       // without a sign of life: then it says so
	reportPatience = 2 * time.Minute        // for the report of a run that is closed
)

// queueAll queues a run of each project at once, and waits for all.
func (c *runCmd) queueAll(ctx context.Context, n *night) error {
	if err := n.store.CheckQueue(ctx); err != nil {
		return &exitError{exitUsage, fmt.Errorf("--queue: %w", err)}
	}
	work, err := c.work(n)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var worst worstError
	var all sync.WaitGroup
	for _, w := range work {
		all.Go(func() {
			defer w.client.Close()
			err := c.queued(ctx, w)
			mu.Lock()
			defer mu.Unlock()
			worst.add(err)
		})
	}
	all.Wait()
	return worst.err
}

// queued leaves what broke off in the project, and then this run, to workers.
func (c *runCmd) queued(ctx context.Context, w *projectNight) error {
	selection, err := c.selection(w, time.Now())
	if err != nil {
		return err
	}
	var worst worstError
	if selection.Whole && !c.DryRun {
		broken, err := w.store.BrokenRuns(ctx, w.project.ID, reconcile.Dead)
		if err != nil {
			return err
		}
		for _, b := range broken {
			run, err := w.outlast(ctx, func() (reconcile.Run, error) { return w.runner.Requeue(ctx, b.ID) })
			if err == nil && c.NoWait {
				w.left(run)
				return nil // the project is taken
			}
			run, err = w.await(ctx, run, err)
			if worst.add(w.tell(ctx, run, err)); err != nil {
				return worst.err
			}
		}
	}
	run, err := w.outlast(ctx, func() (reconcile.Run, error) {
		return w.runner.Queue(ctx, reconcile.Request{Selection: selection, DryRun: c.DryRun, Origin: c.origin, Announce: !c.NoEmail})
	})
	if err == nil && c.NoWait {
		w.left(run)
		return worst.err
	}
	run, err = w.await(ctx, run, err)
	worst.add(w.tell(ctx, run, err))
	return worst.err
}

// left says how to look at a run that is left to workers.
func (w *projectNight) left(run reconcile.Run) {
	fmt.Fprintf(w.stdout, "Run %[1]d of project %[2]s is queued: %[3]d payins. hhrecon worker and hhrecon serve --workers take it; hhrecon show %[1]d tells how far it is.\n",
		run.ID, run.ProjectID, run.Selected)
}

// await waits for the workers' end of a run that could be queued, with its report, and shows how far they are. A run
// that was interrupted is an error.
func (w *projectNight) await(ctx context.Context, run reconcile.Run, err error) (reconcile.Run, error) {
	var closed time.Time // seen
	alone, wait := false, lookForWorkers
	for err == nil {
		if !pause(ctx, wait) {
			return run, fmt.Errorf("%w: workers go on with the run; hhrecon show %d tells how far it is", context.Cause(ctx), run.ID)
		}
		began := time.Now()
		if run, err = w.store.Run(ctx, run.ID); err != nil {
			break
		}
		batches, failed := w.store.CountBatches(ctx, run.ID)
		if failed != nil {
			return run, failed
		}
		wait = max(lookForWorkers, 10*time.Since(began)) // counting a large run's payins takes a while
		w.showProgress(run)
		switch {
		case run.State == reconcile.Interrupted:
			return run, errors.New(run.Note)
		case !run.ClosedAt.IsZero() && batches.Undone == 0:
			return run, nil
		case !run.ClosedAt.IsZero():
			if closed.IsZero() {
				closed = time.Now()
			}
			if time.Since(closed) > reportPatience {
				w.log.Warn("the run is closed, but no worker has reported it yet", "run", run.ID, "project", run.ProjectID)
				return run, nil
			}
		case batches.Working == 0 && run.Silence > noWorkers && !alone:
			alone = true
			w.log.Warn("no worker works on the run: start hhrecon worker, or hhrecon serve --workers 2", "run", run.ID, "project", run.ProjectID)
		}
	}
	return run, err
}

func (w *projectNight) showProgress(run reconcile.Run) {
	p := reconcile.Progress{Run: run, Stage: "ask", Done: run.Judged, Total: run.Selected}
	if run.Settled > 0 {
		p.Stage, p.Done = "settle", run.Settled
	}
	w.runner.Progress(p)
}

// tell says how a run ended that workers have reported, and with which status to exit.
func (w *projectNight) tell(ctx context.Context, run reconcile.Run, err error) error {
	w.console.endProgress()
	if err != nil {
		return w.explain(run, err)
	}
	result, err := w.result(ctx, run)
	if err != nil {
		return err
	}
	w.concluded[run.ID] = run.Headline()
	if err := w.out.write(result); err != nil {
		return err
	}
	return result.exit()
}
