package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// RetryWhileUnavailable repeats the function f while the database is unavailable, for at most DatabaseWait. The
// database may be restarting, or have no free connection. After an attempt that took longer than DatabaseWait, the wait
// starts again.
func (p *Process) RetryWhileUnavailable(ctx context.Context, f func() error) error {
	var deadline time.Time
	for {
		began := time.Now()
		err := f()
		if !errors.Is(err, sql.ErrUnavailable) || p.DatabaseWait == 0 {
			return err
		}
		switch now := time.Now(); {
		case deadline.IsZero() || now.Sub(began) > p.DatabaseWait:
			deadline = now.Add(p.DatabaseWait)
			p.Log.Warn("waiting for the database", "at_most", p.DatabaseWait, "why", err)
		case now.After(deadline):
			return fmt.Errorf("gave up after %s: %w", p.DatabaseWait, err)
		}
		if !parallel.Pause(ctx, min(time.Second, p.DatabaseWait)) {
			return err
		}
	}
}

// alertRunWait is the maximum time for which a run waits for a run that alerts started. A run for alerts usually takes
// seconds. The run takes longer if HighHelp is down or if the process of the run has ended.
const alertRunWait = 5 * time.Minute

// retryRun starts or resumes a run, and resumes it after an outage of the database. If a run that alerts started holds
// the project, retryRun tries again. Otherwise a scheduled run would be missed.
func (w *ProjectRun) retryRun(ctx context.Context, begin func() (reconcile.Run, error)) (run reconcile.Run, err error) {
	err = w.RetryWhileUnavailable(ctx, func() error {
		again, err := w.retryWhileAlertRun(ctx, begin)
		// This process has opened the run, but did not receive the database's answer.
		if held, ok := errors.AsType[*reconcile.HeldError](err); ok && held.Run.Owner.Token == w.Runner.Owner.Token {
			again, err = w.Runner.Resume(ctx, held.Run.ID)
		}
		if again.ID != 0 {
			run = again
			begin = func() (reconcile.Run, error) { return w.Runner.Resume(ctx, again.ID) }
		}
		return err
	})
	return run, err
}

func (w *ProjectRun) retryWhileAlertRun(ctx context.Context,
	begin func() (reconcile.Run, error)) (reconcile.Run, error) {
	deadline, logged := time.Now().Add(alertRunWait), false
	for {
		run, err := begin()
		held, ok := errors.AsType[*reconcile.HeldError](err)
		brief := ok && (held.Action != "" || held.Run.Origin.Trigger == reconcile.TriggerAlert)
		if !brief || time.Now().After(deadline) {
			return run, err
		}
		if !logged {
			logged = true
			w.Log.Info("waiting for a run that alerts started", "run", held.Run.ID, "project", held.Run.ProjectID)
		}
		if !parallel.Pause(ctx, 100*time.Millisecond) {
			return run, err
		}
	}
}
