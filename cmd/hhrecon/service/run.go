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
	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// Request says which payins of which projects are reconciled, and how.
type Request struct {
	Projects   []string // their ids; none is all projects
	PaymentIDs []string // of one project; none is all open payins of the window
	From, To   string   // the window as the user writes it; "" is the project's
	DryRun     bool
	Queue      bool // leaves the run to batch workers
	NoWait     bool // with Queue: does not wait for them
	NoEmail    bool
	Origin     reconcile.Origin
}

// runAll runs the projects side by side, and prints their results in the projects' order; with --queue it queues a run
// of each at once, and waits for all.
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
		own := *n // what it prints and has sent follows that of the projects before it
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

// concurrentProjects is how many projects are run at once: one that waits for HighHelp keeps few others waiting. Those
// that wait for workers wait together.
func concurrentProjects(queued bool) int {
	if queued {
		return math.MaxInt16
	}
	return 4
}

// projectRuns is what there is to do, a project each. All keys are read before anything is done.
func (q *Request) projectRuns(n *RunContext) ([]*ProjectRun, error) {
	projects, err := n.Settings.Choose(q.Projects)
	if err != nil {
		return nil, err
	}
	if len(projects) > 1 && (n.Report != "" || len(q.PaymentIDs) > 0) {
		return nil, config.UsageErrorf("--report and --payment-id are about one project, but there are %d: say which with "+
			"--project",
			len(projects))
	}
	work := make([]*ProjectRun, len(projects))
	for i, p := range projects {
		if work[i], err = n.OpenProjectRun(p); err != nil {
			return nil, err
		}
	}
	return work, nil
}

// Resume continues an interrupted run, under the settings of its project.
func (n *RunContext) Resume(ctx context.Context, id int64) error {
	run, err := FindRun(ctx, n.Store, id)
	if err != nil {
		return err
	}
	p, err := n.Settings.One(run.ProjectID)
	if err != nil {
		return err
	}
	w, err := n.OpenProjectRun(p)
	if err != nil {
		return err
	}
	defer w.Client.Close()
	run, err = w.retryRun(ctx, func() (reconcile.Run, error) { return w.Runner.Resume(ctx, id) })
	return w.Finalize(ctx, run, err)
}

// runProject finishes what broke off in the project, and then does this run. While something that broke
// off cannot be finished no further run is opened: runs would pile up, and ask a register that
// refuses the keys again and again.
func (q *Request) RunProject(ctx context.Context, w *ProjectRun) error {
	if changed, err := w.ChangedDefaults(ctx, w.Project); err == nil && len(changed) > 0 {
		w.Log.Warn("the first run after an upgrade: defaults changed that schedules.yaml does not set",
			"project", w.Project.ID, "changed", changed)
	}
	if q.Queue {
		return q.queueProject(ctx, w)
	}
	selection, err := q.selection(w, time.Now())
	if err != nil {
		return err
	}
	var before error
	if selection.Whole && !q.DryRun {
		finished, err := w.finishBroken(ctx)
		if !finished {
			return err
		}
		before = err
	}
	run, err := w.retryRun(ctx, func() (reconcile.Run, error) {
		return w.Runner.Run(ctx, reconcile.Request{Selection: selection, DryRun: q.DryRun, Origin: q.Origin, Publish: true,
			NoEmail: q.NoEmail})
	})
	return exit.Join(before, w.Finalize(ctx, run, err))
}

// selection says which payins this run is about.
func (q *Request) selection(w *ProjectRun, now time.Time) (reconcile.Selection, error) {
	s := reconcile.Selection{
		PaymentIDs: q.PaymentIDs,
		Whole:      len(q.PaymentIDs) == 0 && q.From == "" && q.To == "",
	}
	window := reconcile.Window{From: now.Add(-w.Project.Window), To: now.Add(-w.Project.MinAge)}
	if len(q.PaymentIDs) > 0 { // named by a person, a payin is neither too old nor too young
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

// RunContext is what the runs of one command share.
type RunContext struct {
	*Process
	Settings *config.Settings
	Store    *sql.Store
	Out      io.Writer // of results; the service discards them: they are in its log and on its page
	JSON     bool      // --json
	Report   string    // --report
	Outgoing *[]int64  // the reports that are to be sent, for a command that waits for that; nil otherwise
	Language string    // of what is written; "" is English
	Password string    // of the workbook; "" is none
	Queue    bool      // scheduled runs are left to workers
}

// ProjectRun is one project's part of it.
type ProjectRun struct {
	*RunContext
	Project config.Project
	Client  *highhelp.Client
	Runner  *reconcile.Engine

	reported map[int64]string // headlines of the runs that were reported, by ID
}

func (n *RunContext) OpenProjectRun(p config.Project) (*ProjectRun, error) {
	client, err := n.NewClient(n.Settings, p, nil)
	if err != nil {
		return nil, err
	}
	return n.ProjectRun(p, client), nil
}

func (n *RunContext) ProjectRun(p config.Project, client *highhelp.Client) *ProjectRun {
	watch := &config.DeadlineWatch{Log: n.Log, Zone: n.Settings.Zone, ETA: n.etaNow}
	return &ProjectRun{RunContext: n, Project: p, Client: client, reported: make(map[int64]string),
		Runner: &reconcile.Engine{
			Project: p.Project, Store: n.Store, Gateway: client, Owner: reconcile.ThisProcess(),
			Outage: &n.Outage, Begun: p.RunStartEvent(),
			Logger: n.Log, Now: time.Now,
			Progress: func(p reconcile.Progress) {
				watch.Progress(p, time.Now())
				n.Console.Progress(p)
			},
		}}
}

// finishBroken goes on with every run of the project that broke off, oldest first, and tells whether all of them
// are closed now.
func (w *ProjectRun) finishBroken(ctx context.Context) (bool, error) {
	broken, err := w.Store.ResumableRuns(ctx, w.Project.ID, reconcile.LeaseExpired)
	if err != nil {
		return false, err
	}
	shared, own := *w.RunContext, *w
	shared.Report = "" // --report names the file of the run that the user asked for
	own.RunContext = &shared
	var worst error
	for _, b := range broken {
		run, err := w.retryRun(ctx, func() (reconcile.Run, error) { return w.Runner.Resume(ctx, b.ID) })
		worst = exit.Join(worst, own.Finalize(ctx, run, err))
		if err != nil && b.Origin.Trigger != reconcile.TriggerAlert || run.KeysError() != nil {
			return false, worst
		}
	}
	return true, worst
}

// finalize reports a run that ended, well or not, and says with which status to exit. That it was reported is noted
// last: if the process is killed before, the next one does it.
func (w *ProjectRun) Finalize(ctx context.Context, run reconcile.Run, err error) error {
	w.Console.EndProgress()
	var failed error
	if err == nil { // first of all: a report that is not announced is not sent
		failed, err = w.publishRun(ctx, run), run.KeysError()
	}
	if w.NotifyEnd(ctx, run, err); err != nil && !run.ClosedAt.IsZero() && failed == nil {
		failed = w.markPublished(ctx, run)
	}
	if err != nil {
		return w.userError(run, err)
	}
	if run.Origin.Trigger == reconcile.TriggerAlert {
		return nil // a few payins, and often: they are in the reports of their period
	}
	if failed != nil {
		failed = fmt.Errorf("run %d is closed and stored, but its report is not sent: %w\nthe next hhrecon run, hhrecon "+
			"serve or hhrecon deliver sends it", run.ID, failed)
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

// printResult prints a run's result, and says with which status to exit.
func (w *ProjectRun) printResult(r *RunResult) error {
	w.reported[r.Run] = r.Headline
	if err := r.Write(w.Out, w.JSON); err != nil {
		return err
	}
	return exitOf(r)
}

// userError adds the cure to an error that ended a run.
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
		return config.UsageErrorf("%w: nothing was done; a final payin is not asked about again by name", missing)
	case errors.Is(err, reconcile.ErrRunClosed):
		return config.UsageErrorf("%w: hhrecon show has it, hhrecon report makes its workbook", err)
	case errors.Is(err, highhelp.ErrUnauthorized):
		const text = "run %d of project %s is closed without an answer about %d payins: %w\nnothing more was asked, " +
			"so that the register is not locked; the next hhrecon run asks again: first correct the keys of the project in %s; " +
			"hhrecon probe keys finds the signature variant"
		return fmt.Errorf(text, run.ID, w.Project.ID, run.Selected-run.Impact.Answered, err, w.Project.Where)
	case run.ID == 0:
		return err
	}
	return fmt.Errorf("run %d of project %s is %s (%d of %d payins judged, %d settled): %w\nhhrecon run --resume %d "+
		"goes on with it, and so does the next hhrecon run",
		run.ID, run.ProjectID, run.State, run.Judged, run.Selected, run.Settled, err, run.ID)
}

// changedDefaults says which defaults are others than in the project's last run.
func (n *RunContext) ChangedDefaults(ctx context.Context, p config.Project) ([]string, error) {
	last, err := n.Store.FindRuns(ctx, reconcile.RunFilter{ProjectID: p.ID, NoAlerts: true, Limit: 1})
	if err != nil || len(last) == 0 {
		return nil, err
	}
	return p.ChangedDefaults(&last[0]), nil
}
