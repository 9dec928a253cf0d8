package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/cmd/hhrecon/summary"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/reconcile/run"
	"hhrecon/reports"
	"hhrecon/sql"
)

// Request describes which payins to reconcile, and how.
type Request struct {
	Projects   []string // project IDs; empty means all projects
	PaymentIDs []string // payins of one project; empty means all open payins in the run's period
	From, To   string   // the run's period as the user writes it; "" means the project's default
	DryRun     bool
	Queue      bool // queue the run for batch workers
	NoWait     bool // with Queue, return without waiting for the workers
	NoEmail    bool
	Origin     reconcile.Origin
}

// RunAll reconciles the projects concurrently and prints their results in the order of the projects.
func (q *Request) RunAll(ctx context.Context, n *RunContext) error {
	if q.Queue {
		if err := n.Store.CheckQueue(ctx); err != nil {
			return exit.With(exit.Usage, fmt.Errorf("--queue: %w", err))
		}
	}
	work, err := q.projectRuns(n)
	if err != nil {
		return err
	}
	printed := make([]console.Buffer, len(work))
	return exit.Join(parallel.ForEach(len(work), concurrentProjects(q.Queue), func(i int) error {
		own := *n // each project has a separate buffer, because the results are printed in the order of the projects
		printed[i].Out = n.Out
		own.Out, own.Outgoing = &printed[i], new([]int64)
		work[i].RunContext = &own
		defer work[i].Client.Close()
		if !q.Queue && ctx.Err() != nil {
			return nil
		}
		return parallel.Recover(func() error { return q.RunProject(ctx, work[i]) })
	}, func(i int) {
		_, _ = printed[i].WriteTo(n.Out)
		if n.Outgoing != nil {
			*n.Outgoing = append(*n.Outgoing, *work[i].Outgoing...)
		}
	})...)
}

// concurrentProjects returns how many projects are reconciled concurrently. For queued runs it returns the number of
// projects, since queued runs only wait for workers.
func concurrentProjects(queued bool) int {
	if queued {
		return math.MaxInt16
	}
	return 4
}

// projectRuns returns a ProjectRun for each project of the request. projectRuns reads all keys first, because an
// unreadable key must prevent all runs.
func (q *Request) projectRuns(n *RunContext) ([]*ProjectRun, error) {
	projects, err := n.Settings.Choose(q.Projects)
	if err != nil {
		return nil, err
	}
	if len(projects) > 1 && (n.Report != "" || len(q.PaymentIDs) > 0) {
		return nil, config.UsageErrorf("--report and --payment-id are about one project, but there are %d projects: "+
			"name one with --project", len(projects))
	}
	work := make([]*ProjectRun, len(projects))
	for i, p := range projects {
		if work[i], err = n.OpenProjectRun(p); err != nil {
			return nil, err
		}
	}
	return work, nil
}

// Resume continues an interrupted run, with the current settings of its project.
func (rc *RunContext) Resume(ctx context.Context, id int64) error {
	run, err := FindRun(ctx, rc.Store, id)
	if err != nil {
		return err
	}
	p, err := rc.Settings.One(run.ProjectID)
	if err != nil {
		return err
	}
	if p.Shadow && !run.DryRun {
		return config.UsageErrorf("run %d writes corrections: %w", id, reconcile.ErrShadow)
	}
	w, err := rc.OpenProjectRun(p)
	if err != nil {
		return err
	}
	defer w.Client.Close()
	run, err = w.retryRun(ctx, func() (reconcile.Run, error) { return w.Runner.Resume(ctx, id) })
	return w.Finalise(ctx, run, err)
}

// RunProject resumes the interrupted runs of the project, then executes this run. If an interrupted run cannot be
// finished, RunProject opens no new run. Otherwise interrupted runs would accumulate, and each new run might use
// keys that HighHelp refuses.
func (q *Request) RunProject(ctx context.Context, w *ProjectRun) error {
	if changed, err := w.ChangedDefaults(ctx, w.Project); err == nil && len(changed) > 0 {
		w.Log.Warn("first run after an upgrade: defaults have changed that schedules.yaml does not set",
			"project", w.Project.ID, "changed", changed)
	}
	if err := w.Store.CheckSchema(ctx); err != nil { // a newer hhrecon may have migrated since this process started
		return err
	}
	if q.Queue {
		return q.queueProject(ctx, w)
	}
	request, err := q.request(w, time.Now())
	if err != nil {
		return err
	}
	var before error
	if request.Selection.Whole && !q.DryRun {
		finished, err := w.finishInterrupted(ctx)
		if !finished {
			return err
		}
		before = err
	}
	run, err := w.retryRun(ctx, func() (reconcile.Run, error) { return w.Runner.Run(ctx, request) })
	return exit.Join(before, w.Finalise(ctx, run, err))
}

// request returns the reconcile.Request for a project's run.
func (q *Request) request(w *ProjectRun, now time.Time) (reconcile.Request, error) {
	selection, err := q.selection(w, now)
	return reconcile.Request{Selection: selection, DryRun: q.DryRun, Origin: q.Origin, Publish: true,
		NoEmail: q.NoEmail || q.DryRun}, err
}

// selection returns the selection of payins for this run.
func (q *Request) selection(w *ProjectRun, now time.Time) (reconcile.Selection, error) {
	s := reconcile.Selection{PaymentIDs: q.PaymentIDs, Whole: len(q.PaymentIDs) == 0 && q.From == "" && q.To == ""}
	window := reconcile.Window{From: now.Add(-w.Project.Window), To: now.Add(-w.Project.MinAge)}
	if len(q.PaymentIDs) > 0 { // payins that a person names are selected at any age
		window = reconcile.Window{To: now}
	}
	var err error
	s.Window, err = config.ParseWindow(q.From, q.To, w.Settings.Zone, window)
	if s.Whole && w.Project.Recheck > 0 {
		s.RecheckFrom, s.RecheckTo = now.Add(-w.Project.Recheck), now.Add(-w.Project.MinAge)
		s.RecheckLimit = w.Project.RecheckLimit
	}
	return s, err
}

// RunContext has the settings, the database and the outputs that runs and reports need.
type RunContext struct {
	*Process
	Settings *config.Settings
	Store    *sql.Store
	Out      io.Writer // receives results; `hhrecon serve` discards the results
	JSON     bool      // print results as JSON
	Report   string    // file of the workbook; "" means a file in the report folder
	Outgoing *[]int64  // collects the IDs of reports for a command that waits until the reports are sent; may be nil
	Language string    // language of reports; "" means English
	Password string    // password of the workbook; "" means none
	CSV      reports.CSVFormat
	Queue    bool // queue scheduled runs for batch workers
}

// ProjectRun executes the runs of one project.
type ProjectRun struct {
	*RunContext
	Project config.Project
	Client  *highhelp.Client
	Runner  *run.Engine

	reported map[int64]string // headlines of the runs whose results were printed, by run ID
}

// OpenProjectRun reads the keys of a project and returns its ProjectRun. The caller must close Client after use.
func (rc *RunContext) OpenProjectRun(p config.Project) (*ProjectRun, error) {
	client, err := rc.NewClient(rc.Settings, p, nil)
	if err != nil {
		return nil, err
	}
	return rc.ProjectRun(p, client), nil
}

// ProjectRun returns the ProjectRun of a project with the given client. The client may be nil if no query is made.
func (rc *RunContext) ProjectRun(p config.Project, client *highhelp.Client) *ProjectRun {
	watch := &config.DeadlineWatch{Log: rc.Log, Zone: rc.Settings.Zone, ETA: rc.etaNow}
	return &ProjectRun{RunContext: rc, Project: p, Client: client, reported: make(map[int64]string),
		Runner: &run.Engine{
			Project: p.Project, Store: rc.Store, Gateway: client, Owner: reconcile.ThisProcess(),
			Outage: &rc.Outage, StartEvent: p.RunStartEvent(),
			Logger: rc.Log, Now: time.Now,
			Progress: func(p run.Progress) {
				watch.Progress(p, time.Now())
				rc.Console.Progress(p)
			},
		}}
}

// finishInterrupted resumes the interrupted runs of the project, oldest first. finishInterrupted returns true if all of
// them are closed now.
func (w *ProjectRun) finishInterrupted(ctx context.Context) (bool, error) {
	broken, err := w.Runner.Resumable(ctx)
	if err != nil {
		return false, err
	}
	shared, own := *w.RunContext, *w
	shared.Report = "" // the flag --report names only the file of the requested run
	own.RunContext = &shared
	var worst error
	for _, b := range broken {
		run, err := w.retryRun(ctx, func() (reconcile.Run, error) { return w.Runner.Resume(ctx, b.ID) })
		worst = exit.Join(worst, own.Finalise(ctx, run, err))
		if err != nil && b.Origin.Trigger != reconcile.TriggerAlert || run.KeysError() != nil {
			return false, worst
		}
	}
	return true, worst
}

// Finalise publishes and prints a run that has ended, and returns an error with the exit status. Finalise marks the run
// as published at the end. If the process is killed before it marks the run, the next process publishes the run again.
func (w *ProjectRun) Finalise(ctx context.Context, run reconcile.Run, err error) error {
	w.Console.EndProgress()
	var failed error
	if err == nil { // publishing comes first, because a report that is not published is never sent
		failed, err = w.publishRun(ctx, run), run.KeysError()
	}
	if w.NotifyEnd(ctx, run, err); err != nil && !run.ClosedAt.IsZero() && failed == nil {
		failed = w.markPublished(ctx, run)
	}
	if err != nil {
		return w.userError(run, err)
	}
	if run.Origin.Trigger == reconcile.TriggerAlert {
		return nil // runs for alerts are small and frequent; reports of periods include these runs
	}
	if failed != nil {
		failed = fmt.Errorf("run %d is closed and stored, but its report is not sent: %w\nthe next \"hhrecon run\", "+
			"\"hhrecon serve\" or \"hhrecon deliver\" sends the report", run.ID, failed)
	}
	result, err := w.Result(ctx, run)
	if err != nil {
		return errors.Join(failed, err)
	}
	var unwritten error
	if result.Workbook, unwritten = w.writeWorkbook(ctx, run, w.Report); failed == nil && ctx.Err() == nil {
		failed = w.markPublished(ctx, run)
	}
	if failed = errors.Join(failed, unwritten); failed != nil {
		return errors.Join(failed, result.Write(w.Out, w.JSON))
	}
	return w.printResult(result)
}

// printResult prints a run's result, and returns an error with the exit status.
func (w *ProjectRun) printResult(r *summary.Run) error {
	w.reported[r.Run] = r.Headline
	if err := r.Write(w.Out, w.JSON); err != nil {
		return err
	}
	return exitOf(r)
}

// userError adds a hint for the user to a run's error.
func (w *ProjectRun) userError(run reconcile.Run, err error) error {
	var held *reconcile.HeldError
	var missing *reconcile.MissingError
	var done *reconcile.DoneError
	switch {
	case errors.As(err, &held):
		return exit.With(exit.Busy, held)
	case errors.As(err, &done):
		return done
	case errors.As(err, &missing):
		return config.UsageErrorf("%w: nothing was done; --payment-id does not select final payins", missing)
	case errors.Is(err, reconcile.ErrRunClosed):
		return config.UsageErrorf("%w: run \"hhrecon show\" to see the run, or \"hhrecon report\" to write its workbook", err)
	case errors.Is(err, highhelp.ErrUnauthorized):
		const text = "run %d of project %s is closed without an answer about %s: %w\nno more requests were " +
			"sent, because HighHelp may lock the project; correct the keys of the project in %s before the next run " +
			"queries HighHelp again; run \"hhrecon probe keys\" to find the signature variant"
		return fmt.Errorf(text, run.ID, w.Project.ID, console.Counted(run.Selected-run.Impact.Answered, "payin"), err,
			w.Project.Where)
	case run.ID == 0:
		return err
	}
	return fmt.Errorf("run %d of project %s is %s (%d of %d payins judged, %d settled): %w\n\"hhrecon run --resume "+
		"%d\" or the next \"hhrecon run\" continues the run",
		run.ID, run.ProjectID, run.State, run.Judged, run.Selected, run.Settled, err, run.ID)
}

// ChangedDefaults describes the defaults that have changed since the project's last run.
func (rc *RunContext) ChangedDefaults(ctx context.Context, p config.Project) ([]string, error) {
	last, err := rc.Store.FindRuns(ctx, reconcile.RunFilter{ProjectID: p.ID, NoAlerts: true, Limit: 1})
	if err != nil || len(last) == 0 {
		return nil, err
	}
	return p.ChangedDefaults(&last[0]), nil
}
