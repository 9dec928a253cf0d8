package service

import (
	"context"
	"errors"
	"sync"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/cmd/hhrecon/webhook"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/reconcile/run"
)

// Delays in the processing of alerts.
const (
	// pause between two runs of a project for alerts; other runs can start in this pause
	alertGap         = 2 * time.Second
	alertPoll        = 5 * time.Second  // pause between checks for stored and postponed alerts
	alertBusyDelay   = time.Second      // pause while another run holds the lock on the project
	alertBackoff     = time.Minute      // longest pause after failures
	alertNotifyAfter = 4                // consecutive failures before a webhook event is sent
	keysBackoff      = 30 * time.Minute // pause after refused keys; more requests may lock the project
)

// alertProcessors processes the alerts of all projects, with one processor for each project.
type alertProcessors struct {
	*Service
	wakeups sync.Map // channels of capacity 1, by project ID
}

// wake starts the processing of a project's alerts immediately.
func (a *alertProcessors) wake(projectID string) {
	select {
	case a.wakeup(projectID) <- struct{}{}:
	default: // a wakeup is pending
	}
}

func (a *alertProcessors) wakeup(projectID string) chan struct{} {
	woken, _ := a.wakeups.LoadOrStore(projectID, make(chan struct{}, 1))
	return woken.(chan struct{})
}

// work starts a processor for each project in the current settings.
func (a *alertProcessors) work(ctx context.Context) error {
	var processors sync.WaitGroup
	defer processors.Wait()
	begun := make(map[string]bool)
	for {
		for _, p := range a.settings().Projects {
			if !begun[p.ID] {
				begun[p.ID] = true
				work := func(ctx context.Context) error { return a.processProject(ctx, p.ID) }
				processors.Go(func() { a.keepRunning(ctx, "alerts of project "+p.ID, work) })
			}
		}
		if !parallel.Pause(ctx, alertPoll) {
			return ctx.Err()
		}
	}
}

// processProject processes one project's alerts until the context ends. After a change of the settings it starts
// again.
func (a *alertProcessors) processProject(ctx context.Context, projectID string) error {
	for {
		s := a.settings()
		p, ok := s.Project(projectID)
		if !ok { // the project is no longer in the settings, but a reload may add it again
			if !parallel.Pause(ctx, alertPoll) {
				return ctx.Err()
			}
			continue
		}
		w, err := a.runContext().OpenProjectRun(p)
		if err != nil {
			a.Log.Error("cannot process alerts; the alerts stay stored", "project", projectID, "error", err)
			a.pauseUntilReload(ctx, s, alertBackoff)
		} else {
			a.processUntilReload(ctx, w, s)
			w.Client.Close()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// processUntilReload processes alerts until the context ends or the settings change.
func (a *alertProcessors) processUntilReload(ctx context.Context, w *ProjectRun, s *config.Settings) {
	processor := run.NewAlertProcessor(*w.Runner, a.store, a.store)
	woken, failures := a.wakeup(w.Project.ID), 0
	for ctx.Err() == nil && a.settings() == s {
		more, err := a.processOnce(ctx, w, processor)
		switch {
		case reconcile.IsType[*reconcile.HeldError](err):
			parallel.Pause(ctx, alertBusyDelay)
		case err != nil && ctx.Err() == nil:
			wait := backoff(err, failures)
			if failures++; failures == alertNotifyAfter || errors.Is(err, highhelp.ErrUnauthorized) && failures == 1 {
				w.sendEvent(ctx, webhook.Event{Event: webhook.Failed, Project: w.Project.ID,
					Trigger: string(reconcile.TriggerAlert),
					Note:    err.Error()})
			}
			a.Log.Error("cannot process alerts; a retry follows", "project", w.Project.ID, "error", err, "in",
				wait)
			a.pauseUntilReload(ctx, s, wait)
		case more:
			failures = 0
			parallel.Pause(ctx, alertGap)
		default:
			failures = 0
			select {
			case <-ctx.Done():
			case <-woken:
			case <-time.After(time.Until(processor.Next(time.Now().Add(alertPoll)))): // another process may have stored alerts
			}
		}
	}
}

// processOnce executes the next runs for alerts, and returns whether more alerts may be waiting.
func (a *alertProcessors) processOnce(ctx context.Context, w *ProjectRun, processor *run.AlertProcessor) (bool, error) {
	runs, more, err := processor.Work(ctx)
	for _, run := range runs {
		if run.ClosedAt.IsZero() || run.KeysError() != nil {
			err = w.userError(run, errors.Join(err, run.KeysError()))
		} else {
			err = errors.Join(err, w.Finalise(ctx, run, nil))
		}
	}
	return more || len(runs) > 0, err
}

// backoff returns the pause after a number of consecutive failures.
func backoff(err error, failures int) time.Duration {
	first, longest := time.Second, alertBackoff
	if errors.Is(err, highhelp.ErrUnauthorized) {
		first, longest = alertBackoff, keysBackoff
	}
	return min(first<<min(failures, 10), longest)
}

// pauseUntilReload waits. pauseUntilReload returns early if the settings change, because the change
// may fix the failure.
func (a *alertProcessors) pauseUntilReload(ctx context.Context, s *config.Settings, wait time.Duration) {
	for until := time.Now().Add(wait); a.settings() == s && time.Now().Before(until); {
		if !parallel.Pause(ctx, min(time.Until(until), time.Second)) {
			return
		}
	}
}
