package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/webhook"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// The pace of working off alerts.
const (
	alertGap     = 2 * time.Second  // between two runs of a project: they gather alerts, and let other runs in
	alertPoll    = 5 * time.Second  // for alerts that other processes stored, and those put off
	alertHeld    = time.Second      // while another run holds the project
	alertBackoff = time.Minute      // the longest pause after failures
	alertTell    = 4                // failures in a row, about seven seconds of them, before others are told
	keysBackoff  = 30 * time.Minute // the longest where HighHelp refuses the keys: asking on may lock the register
)

// alertDesks works off the alerts of all projects, each by itself: one that is held or sick keeps no other waiting.
type alertDesks struct {
	*service
	wakes sync.Map // by project: channels that hold one
}

// wake has a project's alerts looked at now.
func (d *alertDesks) wake(projectID string) {
	select {
	case d.woken(projectID) <- struct{}{}:
	default: // it is to be looked at already
	}
}

func (d *alertDesks) woken(projectID string) chan struct{} {
	woken, _ := d.wakes.LoadOrStore(projectID, make(chan struct{}, 1))
	return woken.(chan struct{})
}

// work has a desk at work for every project of the settings in force.
func (d *alertDesks) work(ctx context.Context) error {
	var desks sync.WaitGroup
	defer desks.Wait()
	begun := make(map[string]bool)
	for {
		for _, p := range d.settings().Projects {
			if !begun[p.ID] {
				begun[p.ID] = true
				work := func(ctx context.Context) error { return d.workOff(ctx, p.ID) }
				desks.Go(func() { d.keepWorking(ctx, "alerts of project "+p.ID, work) })
			}
		}
		if !pause(ctx, alertPoll) {
			return ctx.Err()
		}
	}
}

// workOff works off one project's alerts until the context ends. New settings make a new desk.
func (d *alertDesks) workOff(ctx context.Context, projectID string) error {
	for {
		s := d.settings()
		p, ok := s.Project(projectID)
		if !ok { // it left the settings, and may come back
			if !pause(ctx, alertPoll) {
				return ctx.Err()
			}
			continue
		}
		w, err := d.night().newProjectRun(p)
		if err != nil {
			d.Log.Error("alerts are not worked off; they are kept", "project", projectID, "error", err)
			d.pauseUnder(ctx, s, alertBackoff)
		} else {
			d.sit(ctx, w, s)
			w.Client.Close()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// sit works until the context ends or other settings are in force.
func (d *alertDesks) sit(ctx context.Context, w *ProjectRun, s *config.Settings) {
	desk := reconcile.NewAlertDesk(*w.Runner, d.store, d.store)
	woken, failures := d.woken(w.Project.ID), 0
	for ctx.Err() == nil && d.settings() == s {
		more, err := d.once(ctx, w, desk)
		var held *reconcile.HeldError
		switch {
		case errors.As(err, &held):
			pause(ctx, alertHeld)
		case err != nil && ctx.Err() == nil:
			wait := backoff(err, failures)
			if failures++; failures == alertTell || errors.Is(err, highhelp.ErrUnauthorized) && failures == 1 {
				w.notice(ctx, webhook.Event{Event: webhook.Failed, Project: w.Project.ID, Trigger: string(reconcile.TriggerAlert),
					Note: err.Error()})
			}
			d.Log.Error("alerts are not worked off; they are kept, and tried again", "project", w.Project.ID, "error", err, "in",
				wait)
			d.pauseUnder(ctx, s, wait)
		case more:
			failures = 0
			pause(ctx, alertGap)
		default:
			failures = 0
			select {
			case <-ctx.Done():
			case <-woken:
			case <-time.After(time.Until(desk.Next(time.Now().Add(alertPoll)))): // another process may have stored some
			}
		}
	}
}

// once does the next runs for alerts, and tells whether to look again soon: where there was something to do, more may
// have come.
func (d *alertDesks) once(ctx context.Context, w *ProjectRun, desk *reconcile.AlertDesk) (bool, error) {
	runs, more, err := desk.Work(ctx)
	for _, run := range runs {
		if run.ClosedAt.IsZero() || run.KeysError() != nil {
			err = w.userError(run, errors.Join(err, run.KeysError()))
		} else {
			err = errors.Join(err, w.finalize(ctx, run, nil))
		}
	}
	return more || len(runs) > 0, err
}

// backoff is the pause after a number of failures in a row.
func backoff(err error, failures int) time.Duration {
	first, longest := time.Second, alertBackoff
	if errors.Is(err, highhelp.ErrUnauthorized) {
		first, longest = alertBackoff, keysBackoff
	}
	return min(first<<min(failures, 10), longest)
}

// pauseUnder pauses for as long as the settings stay in force: new ones may be the cure.
func (d *alertDesks) pauseUnder(ctx context.Context, s *config.Settings, wait time.Duration) {
	for until := time.Now().Add(wait); d.settings() == s && time.Now().Before(until); {
		if !pause(ctx, min(time.Until(until), time.Second)) {
			return
		}
	}
}
