package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/cmd/hhrecon/scheduler"
	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/sql"
)

// Times for a job that waits because another run holds its project, or the database is unavailable.
const (
	jobRetryLimit = 2 * time.Hour   // time after which the job fails
	busyDelay     = time.Second     // pause between checks whether the project is free
	databaseDelay = 5 * time.Second // pause between attempts to reach the database
)

// scheduler returns the scheduler of the configured jobs.
func (v *Service) scheduler() *scheduler.Scheduler {
	return &scheduler.Scheduler{
		Schedules: v.store, Owner: v.owner, Log: v.Log, Reloads: v.reloads,
		Jobs: func() []config.Job { return v.settings().Schedules() },
		Do: func(ctx context.Context, j config.Job, at time.Time) (string, error) {
			n, note := v.runContext(), ""
			err := parallel.Recover(func() (err error) {
				note, err = n.runJob(ctx, j, at)
				return err
			})
			n.NotifyJobFailed(ctx, j, at, err)
			return note, err
		},
	}
}

// runJob executes a job for a scheduled time and returns a short note about the result. After a crash, a second call of
// runJob does only the remaining work.
func (rc *RunContext) runJob(ctx context.Context, j config.Job, at time.Time) (string, error) {
	if j.Do == "report" {
		return rc.reportJob(ctx, j, at)
	}
	return rc.reconcileJob(ctx, j, at)
}

// reconcileJob reconciles the job's projects concurrently. A project that fails does not stop the other projects.
func (rc *RunContext) reconcileJob(ctx context.Context, j config.Job, at time.Time) (string, error) {
	var ids []string
	if j.Project != "" {
		ids = []string{j.Project}
	}
	projects, err := rc.Settings.Choose(ids)
	if err != nil {
		return "", err
	}
	notes := make([]string, len(projects))
	worst := exit.Join(parallel.ForEach(len(projects), concurrentProjects(rc.Queue), func(i int) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return parallel.Recover(func() (err error) {
			project := projects[i] // changes a copy, because other code uses the same settings
			project.Shadow = project.Shadow || j.Shadow
			notes[i], err = rc.runScheduled(ctx, project, reconcile.OccurrenceName(j.Name, at))
			return err
		})
	}, nil)...)
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	notes = slices.DeleteFunc(notes, func(note string) bool { return note == "" })
	note := strings.Join(notes, "; ")
	switch exit.Code(worst) {
	case exit.OK, exit.Untrusted, exit.Held: // all runs are closed, and the note contains their headlines
		return note, nil
	}
	if note != "" {
		return "", fmt.Errorf("%w\n%s", worst, note)
	}
	return "", worst
}

// runScheduled completes one project's run for a scheduled time. Any process may have opened the run.
func (rc *RunContext) runScheduled(ctx context.Context, p config.Project, due string) (string, error) {
	w, err := rc.OpenProjectRun(p)
	if err != nil {
		return "", err
	}
	defer w.Client.Close()
	q := &Request{Queue: rc.Queue, Origin: reconcile.Origin{Trigger: reconcile.TriggerSchedule, Occurrence: due}}
	err = rc.retryJob(ctx, "run of project "+p.ID, func() error {
		err := q.RunProject(ctx, w)
		var done *reconcile.DoneError
		if !errors.As(err, &done) {
			return err
		}
		switch {
		case w.reported[done.Run.ID] != "":
			return nil // the run was interrupted, and was finished above
		case done.Run.ClosedAt.IsZero():
			return &reconcile.HeldError{Run: done.Run} // another process executes the run
		}
		batches, err := w.Store.CountBatches(ctx, done.Run.ID)
		if err != nil {
			return err
		}
		if batches.Batches > 0 {
			run, err := w.awaitWorkers(ctx, done.Run, nil)
			return w.printQueuedResult(ctx, run, err) // the workers of the run publish the run
		}
		return w.Finalise(ctx, done.Run, nil) // the run is closed, but may not be published
	})
	notes := reconcile.Map(slices.Sorted(maps.Keys(w.reported)), func(id int64) string {
		return fmt.Sprintf("run %d %s", id, w.reported[id])
	})
	return strings.Join(notes, ", "), err
}

// reportJob writes the workbook of a period and queues the report for the job's recipients.
func (rc *RunContext) reportJob(ctx context.Context, j config.Job, at time.Time) (string, error) {
	window, err := config.PeriodOf(j.Period, at, rc.Settings.Zone)
	if err != nil {
		return "", err
	}
	scope := reconcile.ReportScope{ProjectID: j.Project, Window: window}
	var path string
	err = rc.retryJob(ctx, "report", func() (err error) {
		path, err = reports.Save(rc.Settings.ReportDir, reports.PeriodFileName(scope, rc.ReportOptions(), "xlsx"),
			func(w io.Writer) error {
				return rc.WriteReport(ctx, w, "xlsx", scope)
			})
		return err
	})
	if err != nil {
		return path, err
	}
	return path, rc.retryJob(ctx, "publication", func() error {
		if err := rc.publishPeriodReport(ctx, scope, j.Name, j.Recipients()); err != nil || j.Period != config.LastMonth {
			return err
		}
		return rc.amendReports(ctx, j.Name, j.Project, j.Recipients(), window)
	})
}

// retryJob repeats the function try while another run holds the lock on the project or the database is unavailable.
func (rc *RunContext) retryJob(ctx context.Context, what string, try func() error) error {
	began, logged := time.Now(), false
	for {
		err := try()
		wait := retryDelay(err)
		if wait == 0 {
			return err
		}
		if waited := time.Since(began); waited > jobRetryLimit {
			return fmt.Errorf("gave up after %s: %w", waited.Round(time.Second), err)
		}
		if !logged {
			rc.Log.Warn(what+" must wait", "at_most", jobRetryLimit, "why", err)
			logged = true
		}
		if !parallel.Pause(ctx, wait) {
			return err
		}
	}
}

// retryDelay returns the pause before the next attempt. retryDelay returns 0 if another attempt is useless.
func retryDelay(err error) time.Duration {
	switch {
	case reconcile.IsType[*reconcile.HeldError](err), errors.Is(err, reconcile.ErrRunLost),
		errors.Is(err, reconcile.ErrRunClosed):
		return busyDelay // another process will finish the run
	case errors.Is(err, sql.ErrUnavailable), errors.Is(err, sql.ErrLocked):
		return databaseDelay
	}
	return 0
}
