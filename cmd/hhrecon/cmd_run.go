package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// runCmd is `hhrecon run`.
type runCmd struct {
	Project   []string      `help:"Only this project; may be repeated." placeholder:"ID" sep:"none"`
	From      string        `help:"Payins created at or after; a day or RFC 3339." placeholder:"T"`
	To        string        `help:"Payins created before; a day or RFC 3339." placeholder:"T"`
	PaymentID []string      `name:"payment-id" help:"Only this payin; may be repeated." placeholder:"ID" sep:"none"`
	DryRun    bool          `help:"Ask and judge, but change no row."`
	Report    string        `help:"Where the workbook goes, in place of the report folder." placeholder:"FILE"`
	JSON      bool          `name:"json" help:"One JSON object a run on standard output, in place of the table."`
	Queue     bool          `help:"Queue the run in batches for hhrecon worker and hhrecon serve --workers on any machines, and wait for them."`
	NoWait    bool          `help:"With --queue: do not wait."`
	Resume    int64         `help:"Go on with a run that broke off." placeholder:"N"`
	NoEmail   bool          `help:"Send no report to the recipients of the reconcile jobs."`
	EmailWait time.Duration `help:"How long to go on trying to send the report, before that is left to the next run." default:"5m" placeholder:"5m"`

	databaseWait `embed:""`
	origin       reconcile.Origin
}

func (c *runCmd) Run(ctx context.Context, a *app) error {
	if err := c.validate(); err != nil {
		return err
	}
	began := false
	a.DatabaseWait = c.DatabaseWait
	err := a.withChecked(ctx, func(s *config.Settings, store *sql.Store) error {
		n := &RunContext{
			app: a, Settings: s, Store: store, Out: a.Stdout, JSON: c.JSON, Report: c.Report, Outgoing: new([]int64),
		}
		by, err := actions.Who{}.Person(ctx, s, store, reconcile.RoleFinance)
		if err != nil {
			return err
		}
		if c.origin.Via = by.Via; by.Via == reconcile.ViaToken {
			c.origin.By = by.Name
		}
		began = true
		var worst worstError
		if c.Resume != 0 {
			worst.add(c.resume(ctx, n))
		} else {
			worst.add(c.runAll(ctx, n))
		}
		if !c.NoWait && codeOf(worst.err) != exitUsage {
			worst.add(n.publishMissed(ctx))
			if !c.NoEmail && !c.DryRun {
				worst.add(n.deliver(ctx, reportFilter{reports: *n.Outgoing}, c.EmailWait))
			}
		}
		return worst.err
	})
	if c.DryRun && errors.Is(err, sql.ErrReadOnly) {
		began = true
		err = a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
			if _, err := (actions.Who{}).Person(ctx, s, store, reconcile.RoleFinance); err != nil {
				return err
			}
			return c.dryRunInCopy(ctx, &RunContext{app: a, Settings: s, Store: store, Out: a.Stdout, JSON: c.JSON,
				Report: c.Report})
		})
	}
	if !began {
		a.notifyNotStarted(ctx, err)
	}
	return err
}

// runAll runs the projects side by side, and prints their results in the projects' order; with --queue it queues a run
// of each at once, and waits for all.
func (c *runCmd) runAll(ctx context.Context, n *RunContext) error {
	if c.Queue {
		if err := n.Store.CheckQueue(ctx); err != nil {
			return &exitError{exitUsage, fmt.Errorf("--queue: %w", err)}
		}
	}
	work, err := c.projectRuns(n)
	if err != nil {
		return err
	}
	printed := make([]console.Buffer, len(work))
	return joinErrors(parallel.ForEach(len(work), concurrentProjects(c.Queue), func(i int) error {
		own := *n // what it prints and has sent follows that of the projects before it
		printed[i].Out = n.Out
		own.Out, own.Outgoing = &printed[i], new([]int64)
		work[i].RunContext = &own
		defer work[i].Client.Close()
		if !c.Queue && ctx.Err() != nil {
			return nil
		}
		return parallel.Recover(func() error { return c.runProject(ctx, work[i]) })
	}, func(i int) {
		_, _ = printed[i].WriteTo(n.Out)
		if n.Outgoing != nil {
			*n.Outgoing = append(*n.Outgoing, *work[i].Outgoing...)
		}
	}))
}

// concurrentProjects is how many projects are run at once: one that waits for HighHelp keeps few others waiting. Those
// that wait for workers wait together.
func concurrentProjects(queued bool) int {
	if queued {
		return math.MaxInt16
	}
	return 4
}

// joinErrors is the errors of projects as one, as worstError has it.
func joinErrors(errs []error) error {
	var worst worstError
	for _, err := range errs {
		worst.add(err)
	}
	return worst.err
}

// projectRuns is what there is to do, a project each. All keys are read before anything is done.
func (c *runCmd) projectRuns(n *RunContext) ([]*ProjectRun, error) {
	projects, err := n.Settings.Choose(c.Project)
	if err != nil {
		return nil, err
	}
	if len(projects) > 1 && (c.Report != "" || len(c.PaymentID) > 0) {
		return nil, usageError("--report and --payment-id are about one project, but there are %d: say which with --project",
			len(projects))
	}
	work := make([]*ProjectRun, len(projects))
	for i, p := range projects {
		if work[i], err = n.newProjectRun(p); err != nil {
			return nil, err
		}
	}
	return work, nil
}

func (c *runCmd) validate() error {
	if c.Resume != 0 && (len(c.Project)+len(c.PaymentID) > 0 || c.From+c.To != "" || c.DryRun) {
		return usageError("--resume goes on with a run as it was opened: leave out --project, --payment-id, --from, --to " +
			"and --dry-run")
	}
	switch {
	case c.NoWait && !c.Queue:
		return usageError("--no-wait goes with --queue")
	case c.Queue && c.Report != "":
		return usageError("--report does not go with --queue: the worker that ends the run writes the workbook into its " +
			"report folder; hhrecon report makes another one")
	case c.Queue && c.Resume != 0:
		return usageError("--resume goes on with a run in this process; hhrecon run --queue leaves all that broke off to " +
			"workers")
	}
	return nil
}

// resume goes on with one run, under the settings of its project.
func (c *runCmd) resume(ctx context.Context, n *RunContext) error {
	run, err := findRun(ctx, n.Store, c.Resume)
	if err != nil {
		return err
	}
	p, err := n.Settings.One(run.ProjectID)
	if err != nil {
		return err
	}
	w, err := n.newProjectRun(p)
	if err != nil {
		return err
	}
	defer w.Client.Close()
	run, err = w.retryRun(ctx, func() (reconcile.Run, error) { return w.Runner.Resume(ctx, c.Resume) })
	return w.finalize(ctx, run, err)
}

// runProject finishes what broke off in the project, and then does this run. While something that broke
// off cannot be finished no further run is opened: runs would pile up, and ask a register that
// refuses the keys again and again.
func (c *runCmd) runProject(ctx context.Context, w *ProjectRun) error {
	if changed, err := w.changedDefaults(ctx, w.Project); err == nil && len(changed) > 0 {
		w.Log.Warn("the first run after an upgrade: defaults changed that schedules.yaml does not set",
			"project", w.Project.ID, "changed", changed)
	}
	if c.Queue {
		return c.queueProject(ctx, w)
	}
	selection, err := c.selection(w, time.Now())
	if err != nil {
		return err
	}
	var worst worstError
	if selection.Whole && !c.DryRun {
		finished, err := w.finishBroken(ctx)
		worst.add(err)
		if !finished {
			return worst.err
		}
	}
	run, err := w.retryRun(ctx, func() (reconcile.Run, error) {
		return w.Runner.Run(ctx, reconcile.Request{Selection: selection, DryRun: c.DryRun, Origin: c.origin, Publish: true,
			NoEmail: c.NoEmail})
	})
	worst.add(w.finalize(ctx, run, err))
	return worst.err
}

// selection says which payins this run is about.
func (c *runCmd) selection(w *ProjectRun, now time.Time) (reconcile.Selection, error) {
	s := reconcile.Selection{
		PaymentIDs: c.PaymentID,
		Whole:      len(c.PaymentID) == 0 && c.From == "" && c.To == "",
	}
	window := reconcile.Window{From: now.Add(-w.Project.Window), To: now.Add(-w.Project.MinAge)}
	if len(c.PaymentID) > 0 { // named by a person, a payin is neither too old nor too young
		window = reconcile.Window{To: now}
	}
	var err error
	s.Window, err = config.ParseWindow(c.From, c.To, w.Settings.Zone, window)
	if s.Whole && w.Project.Recheck > 0 {
		s.RecheckFrom, s.RecheckTo = now.Add(-w.Project.Recheck), now.Add(-w.Project.MinAge)
		s.RecheckLimit = w.Project.RecheckLimit
	}
	return s, err
}

// RunContext is what the runs of one command share.
type RunContext struct {
	*app
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
	Runner  *reconcile.Runner

	reported map[int64]string // headlines of the runs that were reported, by ID
}

func (n *RunContext) newProjectRun(p config.Project) (*ProjectRun, error) {
	client, err := n.client(n.Settings, p, nil)
	if err != nil {
		return nil, err
	}
	return n.projectRun(p, client), nil
}

func (n *RunContext) projectRun(p config.Project, client *highhelp.Client) *ProjectRun {
	watch := &config.DoneByWatch{Log: n.Log, Zone: n.Settings.Zone, ETA: n.etaNow}
	return &ProjectRun{RunContext: n, Project: p, Client: client, reported: make(map[int64]string),
		Runner: &reconcile.Runner{
			Project: p.Project, Store: n.Store, Gateway: client, Owner: reconcile.ThisProcess(),
			Outage: &n.Outage, Begun: p.Begun(),
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
	var worst worstError
	for _, b := range broken {
		run, err := w.retryRun(ctx, func() (reconcile.Run, error) { return w.Runner.Resume(ctx, b.ID) })
		worst.add(own.finalize(ctx, run, err))
		if err != nil && b.Origin.Trigger != reconcile.TriggerAlert || run.KeysError() != nil {
			return false, worst.err
		}
	}
	return true, worst.err
}

// finalize reports a run that ended, well or not, and says with which status to exit. That it was reported is noted
// last: if the process is killed before, the next one does it.
func (w *ProjectRun) finalize(ctx context.Context, run reconcile.Run, err error) error {
	w.Console.EndProgress()
	var failed error
	if err == nil { // first of all: a report that is not announced is not sent
		failed, err = w.publishRun(ctx, run), run.KeysError()
	}
	if w.notifyEnd(ctx, run, err); err != nil && !run.ClosedAt.IsZero() && failed == nil {
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
	result, err := w.result(ctx, run)
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
func (w *ProjectRun) printResult(r *runResult) error {
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
		return &exitError{exitBusy, held}
	case errors.As(err, &done):
		return done
	case errors.As(err, &missing):
		return &exitError{exitUsage, fmt.Errorf("%w: nothing was done; a final payin is not asked about again by name",
			missing)}
	case errors.Is(err, reconcile.ErrRunClosed):
		return usageError("%w: hhrecon show has it, hhrecon report makes its workbook", err)
	case errors.Is(err, highhelp.ErrUnauthorized):
		const text = "run %d of project %s is closed without an answer about %d payins: %w\nnothing more was asked, " +
			"so that the register is not locked; the next hhrecon run asks again: first correct the keys of the project in %s; " +
			"hhrecon probe keys finds the signature variant"
		return fmt.Errorf(text, run.ID, w.Project.ID, run.Selected-run.Weight.Answered, err, w.Project.Where)
	case run.ID == 0:
		return err
	}
	return fmt.Errorf("run %d of project %s is %s (%d of %d payins judged, %d settled): %w\nhhrecon run --resume %d "+
		"goes on with it, and so does the next hhrecon run",
		run.ID, run.ProjectID, run.State, run.Judged, run.Selected, run.Settled, err, run.ID)
}

// worstError keeps going over projects and runs: every error is told, the gravest gives the status.
type worstError struct{ err error }

// gravity orders the exit statuses: a failure is graver than a project that is busy, that than a held
// run, and that than answers that are missing.
var gravity = map[int]int{exitOK: 0, exitUntrusted: 1, exitHeld: 2, exitBusy: 3, exitUsage: 4, exitFailed: 5}

func (w *worstError) add(err error) {
	if err == nil {
		return
	}
	code := codeOf(w.err)
	if gravity[codeOf(err)] > gravity[code] {
		code = codeOf(err)
	}
	w.err = &exitError{code, errors.Join(unprinted(w.err), unprinted(err))}
}
