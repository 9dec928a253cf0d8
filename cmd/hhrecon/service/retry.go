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

// retryWhileUnavailable calls f again while the database is away, for as long as --database-wait says. It may be
// restarting, or be full of connections. A try that lasted longer than that was no part of the same outage.
func (a *Process) RetryWhileUnavailable(ctx context.Context, f func() error) error {
	var deadline time.Time
	for {
		began := time.Now()
		err := f()
		if !errors.Is(err, sql.ErrUnavailable) || a.DatabaseWait == 0 {
			return err
		}
		switch now := time.Now(); {
		case deadline.IsZero() || now.Sub(began) > a.DatabaseWait:
			deadline = now.Add(a.DatabaseWait)
			a.Log.Warn("waiting for the database", "at_most", a.DatabaseWait, "why", err)
		case now.After(deadline):
			return fmt.Errorf("given up after %s: %w", a.DatabaseWait, err)
		}
		if !parallel.Pause(ctx, min(time.Second, a.DatabaseWait)) {
			return err
		}
	}
}

// alertRunWait is how long a run waits for runs that alerts began: they take seconds, or as long as it takes to see
// that HighHelp is down, or that their process is.
const alertRunWait = 5 * time.Minute

// retryRun begins or resumes a run. It goes on with the run after an outage of the database, see retryWhileUnavailable.
// It tries again if a run that alerts began holds the project: such runs leave gaps to be used, and no night must be
// missed.
func (w *ProjectRun) retryRun(
	ctx context.Context, begin func() (reconcile.Run, error),
) (run reconcile.Run, err error) {
	err = w.RetryWhileUnavailable(ctx, func() error {
		var held *reconcile.HeldError
		again, err := w.retryWhileAlertRun(ctx, begin)
		if errors.As(err, &held) && held.Run.Owner.Token == w.Runner.Owner.Token { // opened, but the answer was lost
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

func (w *ProjectRun) retryWhileAlertRun(
	ctx context.Context, begin func() (reconcile.Run, error),
) (reconcile.Run, error) {
	deadline, told := time.Now().Add(alertRunWait), false
	for {
		run, err := begin()
		var held *reconcile.HeldError
		brief := errors.As(err, &held) && (held.Action != "" || held.Run.Origin.Trigger == reconcile.TriggerAlert)
		if !brief || time.Now().After(deadline) {
			return run, err
		}
		if !told {
			told = true
			w.Log.Info("waiting for a run that alerts began", "run", held.Run.ID, "project", held.Run.ProjectID)
		}
		if !parallel.Pause(ctx, 100*time.Millisecond) {
			return run, err
		}
	}
}
