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

// How a job deals with what stands in its way: another run of the project, or a database that is away.
const (
	jobRetryLimit = 2 * time.Hour   // then it fails
	busyDelay     = time.Second     // between two looks whether the project is free
	databaseDelay = 5 * time.Second // between two tries to reach the database
)

// scheduler keeps the service's schedules.
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

// runJob carries a job out for a due time, and says in few words what came of it. Done again after a crash, it does
// what is left.
func (n *RunContext) runJob(ctx context.Context, j config.Job, at time.Time) (string, error) {
	if j.Do == "report" {
		return n.reportJob(ctx, j, at)
	}
	return n.reconcileJob(ctx, j, at)
}

// reconcileJob runs the job's projects side by side; if workers share the work, all at once, so that a slow one holds
// up no other. One that fails keeps no other from its run.
func (n *RunContext) reconcileJob(ctx context.Context, j config.Job, at time.Time) (string, error) {
	var ids []string
	if j.Project != "" {
		ids = []string{j.Project}
	}
	projects, err := n.Settings.Choose(ids)
	if err != nil {
		return "", err
	}
	said := make([]string, len(projects))
	worst := exit.Join(parallel.ForEach(len(projects), concurrentProjects(n.Queue), func(i int) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return parallel.Recover(func() (err error) {
			said[i], err = n.runScheduled(ctx, projects[i], reconcile.OccurrenceName(j.Name, at))
			return err
		})
	}, nil)...)
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	notes := slices.DeleteFunc(said, func(note string) bool { return note == "" })
	note := strings.Join(notes, "; ")
	switch exit.Code(worst) {
	case exit.OK, exit.Untrusted, exit.Held: // the runs are closed; their headlines tell
		return note, nil
	}
	if note != "" {
		return "", fmt.Errorf("%w\n%s", worst, note)
	}
	return "", worst
}

// runScheduled sees one project's run for a due time through, whoever began it, and waits for its turn.
func (n *RunContext) runScheduled(ctx context.Context, p config.Project, due string) (string, error) {
	w, err := n.OpenProjectRun(p)
	if err != nil {
		return "", err
	}
	defer w.Client.Close()
	q := &Request{Queue: n.Queue, Origin: reconcile.Origin{Trigger: reconcile.TriggerSchedule, Occurrence: due}}
	err = n.retryJob(ctx, "run of project "+p.ID, func() error {
		err := q.RunProject(ctx, w)
		var done *reconcile.DoneError
		if !errors.As(err, &done) {
			return err
		}
		switch {
		case w.reported[done.Run.ID] != "":
			return nil // it broke off before, and was finished just now
		case done.Run.ClosedAt.IsZero():
			return &reconcile.HeldError{Run: done.Run} // another process took it
		}
		batches, err := w.Store.CountBatches(ctx, done.Run.ID)
		if err != nil {
			return err
		}
		if batches.Batches > 0 {
			run, err := w.awaitWorkers(ctx, done.Run, nil)
			return w.printQueuedResult(ctx, run, err) // its workers report it
		}
		return w.Finalize(ctx, done.Run, nil) // it was closed, but perhaps not reported
	})
	var notes []string
	for _, id := range slices.Sorted(maps.Keys(w.reported)) {
		notes = append(notes, fmt.Sprintf("run %d %s", id, w.reported[id]))
	}
	return strings.Join(notes, ", "), err
}

// reportJob writes a period's workbook, and has it sent.
func (n *RunContext) reportJob(ctx context.Context, j config.Job, at time.Time) (string, error) {
	window, err := config.PeriodOf(j.Period, at, n.Settings.Zone)
	if err != nil {
		return "", err
	}
	scope := reconcile.ReportScope{ProjectID: j.Project, Window: window}
	var path string
	err = n.retryJob(ctx, "report", func() (err error) {
		path, err = reports.Save(n.Settings.ReportDir, reports.PeriodFileName(scope, n.ReportOptions(), "xlsx"),
			func(w io.Writer) error {
				return n.WriteReport(ctx, w, "xlsx", scope)
			})
		return err
	})
	if err != nil {
		return path, err
	}
	return path, n.retryJob(ctx, "announcement", func() error {
		if err := n.publishPeriodReport(ctx, scope, j.Name, j.Recipients()); err != nil || j.Period != config.LastMonth {
			return err
		}
		return n.amendReports(ctx, j.Name, j.Project, j.Recipients(), window)
	})
}

// retryJob tries again while another run holds the project, or the database is away: a due time is no less due then.
func (n *RunContext) retryJob(ctx context.Context, what string, try func() error) error {
	began, told := time.Now(), false
	for {
		err := try()
		wait := retryDelay(err)
		if wait == 0 {
			return err
		}
		if waited := time.Since(began); waited > jobRetryLimit {
			return fmt.Errorf("given up after %s: %w", waited.Round(time.Second), err)
		}
		if !told {
			n.Log.Warn(what+" must wait", "at_most", jobRetryLimit, "why", err)
			told = true
		}
		if !parallel.Pause(ctx, wait) {
			return err
		}
	}
}

// retryDelay is how long to wait before the next try; 0 where another try would be of no use.
func retryDelay(err error) time.Duration {
	var held *reconcile.HeldError
	switch {
	case errors.As(err, &held), errors.Is(err, reconcile.ErrRunLost), errors.Is(err, reconcile.ErrRunClosed):
		return busyDelay // a run is another process's, which will end it
	case errors.Is(err, sql.ErrUnavailable), errors.Is(err, sql.ErrLocked):
		return databaseDelay
	}
	return 0
}
