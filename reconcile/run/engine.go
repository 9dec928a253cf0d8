package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// Gateway answers queries about payins. *highhelp.Client implements it.
type Gateway interface {
	PayinInfo(ctx context.Context, paymentID string) (*highhelp.PayinInfo, error)
}

// Engine executes runs of one project.
type Engine struct {
	Project    reconcile.Project
	Store      Store
	Gateway    Gateway
	Owner      reconcile.Owner
	Logger     *slog.Logger
	Now        func() time.Time
	Opened     func(reconcile.Run) // called when a run is opened or resumed, before the first query; may be nil
	Progress   func(Progress)      // called by one goroutine at a time; may be nil
	StartEvent reconcile.Event     // stored with each opened run: see reconcile.NewRun
	Outage     *Outage             // shared with the other engines of the process; may be nil

	// These fields belong to the run that a copy of the engine executes.
	lease   reconcile.Lease
	breaker *breaker  // all batches of the run in this process share this breaker; nil means a new breaker
	keys    *keyCheck // all batches of the run in this process share this keyCheck; nil means a new keyCheck
}

// Progress is the progress of one stage of a run. The stages overlap.
type Progress struct {
	Run   reconcile.Run
	Stage string // "ask" (query) or "settle"
	Done  int64
	Total int64
}

// Batch sizes, which limit the memory of a run, and times.
const (
	pageSize   = 1000 // payins read in one query
	batchSize  = 500  // verdicts stored in one statement
	settleSize = 1000 // findings stored in one transaction

	flushAfter     = time.Second      // the maximum time until a verdict is stored
	heartbeatEvery = 3 * time.Second  // a heartbeat also detects that a person stopped the run
	graceTime      = 15 * time.Second // time to store results after the run was stopped
)

// Run opens a run over the project's open payins and executes it. If Run returns an error after the run was opened, the
// run is interrupted, its results are stored, and Run also returns its state. The error is *HeldError if another
// process holds the lock on the project, *MissingError if a requested payin is not open, *DoneError if the project
// already has a run for the occurrence, *StopError if a person stopped the run, and the context's error if the process
// stops. If HighHelp refuses the keys, the run is closed: see reconcile.Run.KeysError.
func (e *Engine) Run(ctx context.Context, q reconcile.Request) (reconcile.Run, error) {
	run, err := e.open(ctx, q, e.Owner, "run opened")
	if err != nil {
		return reconcile.Run{}, err
	}
	return e.finish(ctx, run)
}

// open opens a run for an owner.
func (e *Engine) open(ctx context.Context, q reconcile.Request, owner reconcile.Owner,
	event string) (reconcile.Run, error) {
	q.DryRun = q.DryRun || e.Project.Shadow
	run, err := e.Store.OpenRun(ctx, reconcile.NewRun{
		Project: e.Project, Request: q, Owner: owner, StartedAt: e.Now(), Expired: reconcile.LeaseExpired,
		StartEvent: e.StartEvent,
	})
	if err != nil {
		return run, fmt.Errorf("open run: %w", err)
	}
	e.Logger.Info(event, "run", run.ID, "project", run.ProjectID, "selected", run.Selected,
		"unresolved", run.Unresolved, "from", run.Window.From, "to", run.Window.To, "dry_run", run.DryRun)
	e.opened(run)
	return run, nil
}

// Resume continues an interrupted run with its remaining payins, its original start time and its original period.
// Resume returns the errors of Run, ErrNoRun and ErrRunClosed.
func (e *Engine) Resume(ctx context.Context, id int64) (reconcile.Run, error) {
	expired := func(run reconcile.Run) bool { return run.Owner.Token == e.Owner.Token || reconcile.LeaseExpired(run) }
	run, err := e.acquire(ctx, id, e.Owner, expired, "run resumed")
	if err != nil {
		return reconcile.Run{}, fmt.Errorf("resume run %d: %w", id, err)
	}
	return e.finish(ctx, run)
}

// Resumable lists the project's runs that can be resumed: see Store.ResumableRuns. In shadow, these are only dry runs.
func (e *Engine) Resumable(ctx context.Context) ([]reconcile.Run, error) {
	runs, err := e.Store.ResumableRuns(ctx, e.Project.ID, reconcile.LeaseExpired)
	return slices.DeleteFunc(runs, func(r reconcile.Run) bool { return e.Project.Shadow && !r.DryRun }), err
}

// acquire makes an owner the owner of an interrupted run.
func (e *Engine) acquire(ctx context.Context, id int64, owner reconcile.Owner, expired func(reconcile.Run) bool,
	event string) (reconcile.Run, error) {
	run, err := e.Store.AcquireRun(ctx, id, owner, e.Now(), expired)
	if err != nil {
		return run, err
	}
	e.Logger.Info(event, "run", run.ID, "project", run.ProjectID, "selected", run.Selected,
		"judged", run.Judged, "settled", run.Settled)
	e.opened(run)
	return run, nil
}

// Abandon closes an interrupted run. The run's written corrections stay. The remaining payins become unreachable
// without a query, and no further corrections are written. record stores who requested this, under the run's lease. The
// errors are those of Resume.
func (e *Engine) Abandon(ctx context.Context, id int64, by string,
	record func(reconcile.Lease) error) (reconcile.Run, error) {
	future := e.Now().Add(24 * time.Hour) // at this time all unsettled verdicts are too old, so AcquireRun drops them
	run, err := e.Store.AcquireRun(ctx, id, e.Owner, future, reconcile.LeaseExpired)
	if err != nil {
		return reconcile.Run{}, fmt.Errorf("abandon run %d: %w", id, err)
	}
	own := *e
	own.lease = e.leaseOf(&run)
	if err := record(own.lease); err != nil {
		return own.interrupt(ctx, run, err)
	}
	e.Logger.Warn("run abandoned", "run", run.ID, "project", run.ProjectID, "by", by)
	own.keys = newKeyCheck()
	own.keys.stop(&reconcile.AbandonError{By: by})
	return own.finish(ctx, run)
}

func (e *Engine) leaseOf(run *reconcile.Run) reconcile.Lease {
	return reconcile.Lease{RunID: run.ID, ProjectID: run.ProjectID, Token: e.Owner.Token}
}

// finish executes the rest of an opened run. finish queries each payin, judges the answer and stores the verdict. Then
// finish decides which corrections are held, writes all other corrections, stores the findings and closes the run.
// Settling runs concurrently with the queries as soon as no further answer can make the run exceed a hold limit.
func (e *Engine) finish(ctx context.Context, run reconcile.Run) (_ reconcile.Run, err error) {
	own := *e
	own.lease = e.leaseOf(&run)
	if own.keys == nil {
		own.keys, err = e.keysOf(ctx, &run)
	}
	ctx, stop := own.startHeartbeat(ctx)
	defer stop()
	var settled int64
	if err == nil {
		settled, err = own.queryAndSettle(ctx, &run)
	}
	if err == nil {
		run, err = own.settleAndClose(ctx, run, settled)
	}
	if err != nil {
		return own.interrupt(ctx, run, err)
	}
	return run, nil
}

// keysOf returns a new keyCheck for the rest of a run. An earlier answer in this run proves that the keys are valid.
func (e *Engine) keysOf(ctx context.Context, run *reconcile.Run) (*keyCheck, error) {
	keys := newKeyCheck()
	if run.Judged == 0 {
		return keys, nil
	}
	impact, err := e.Store.Summarise(ctx, run.ID, run.StartedAt, false)
	keys.answered = impact.Answered > 0
	return keys, err
}

// settleAndClose decides which corrections are held, settles all verdicts after the position settled, and closes the
// run. All payins must be judged.
func (e *Engine) settleAndClose(ctx context.Context, run reconcile.Run, settled int64) (reconcile.Run, error) {
	err := e.chooseMode(ctx, &run)
	if refused := e.keys.refusal(); err == nil && refused != nil && !e.keys.answered {
		run.Note = reconcile.ProblemOf(refused)
		err = e.Store.SaveCorrectionMode(ctx, e.lease, run.CorrectionMode, run.Impact, run.Note)
	}
	if err == nil {
		err = e.settleAfter(ctx, &run, settled)
	}
	if err == nil { // settles from the start again, for rows that were locked
		err = e.settleAfter(ctx, &run, 0)
	}
	if err != nil {
		return run, err
	}
	state := reconcile.Complete
	if run.Impact.Begins(run.ID) {
		state = reconcile.Held
	}
	closed, err := e.Store.CloseRun(ctx, e.lease, state, e.Now())
	if err != nil {
		return run, fmt.Errorf("close run: %w", err)
	}
	e.Logger.Info("run closed", "run", closed.ID, "project", closed.ProjectID, "headline", closed.ResultStatus(),
		"selected", closed.Selected, "answered", closed.Impact.Answered, "changes", closed.Impact.Changes,
		"note", closed.Note, "audit_head", closed.Head.String())
	return closed, nil
}

// chooseMode summarises all verdicts, and stores whether the corrections are written. A resumed run
// keeps its earlier decision.
func (e *Engine) chooseMode(ctx context.Context, run *reconcile.Run) error {
	impact, usual, err := e.summarise(ctx, run, run.Whole)
	if err != nil {
		return err
	}
	mode, note := e.Project.ChooseMode(run, &impact, usual)
	if mode == reconcile.CorrectionHeld && run.CorrectionMode == "" {
		e.Logger.Warn("corrections held", "run", run.ID, "project", run.ProjectID, "why", note)
	}
	if err := e.Store.SaveCorrectionMode(ctx, e.lease, mode, impact, note); err != nil {
		return fmt.Errorf("decide holds: %w", err)
	}
	run.CorrectionMode, run.Impact, run.Note = mode, impact, note
	e.Logger.Info("payins judged", "run", run.ID, "project", run.ProjectID, "answered", impact.Answered,
		"changes", impact.Changes, "harmful", impact.Harmful, "mode", mode)
	return nil
}

// summarise returns the impact of the run's verdicts, and the project's history. The slow count of all corrections runs
// only if a limit or the history needs this number.
func (e *Engine) summarise(ctx context.Context, run *reconcile.Run,
	corrected bool) (w reconcile.ImpactSummary, usual reconcile.ProjectUsual, err error) {
	day := run.StartedAt.In(cmp.Or(e.Project.Zone, time.UTC)).Format(time.DateOnly)
	if usual, err = e.Store.Usual(ctx, run.ProjectID, day, reconcile.UsualDates); err != nil {
		return w, usual, fmt.Errorf("summarise: %w", err)
	}
	since := e.Now().Add(-reconcile.RecentHours)
	w, err = e.Store.Summarise(ctx, run.ID, since, corrected)
	if err == nil && !corrected && w.Left == 0 && (run.Whole || e.Project.NeedsShare(&w, usual)) {
		w, err = e.Store.Summarise(ctx, run.ID, since, true)
	}
	if err != nil {
		return w, usual, fmt.Errorf("summarise: %w", err)
	}
	w.Day = day
	return w, usual, nil
}

// settleAfter writes corrections and findings of all verdicts after a position of the selection, in batches.
func (e *Engine) settleAfter(ctx context.Context, run *reconcile.Run, place int64) error {
	for n := settleSize; n == settleSize; {
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("settle: %w", err)
		}
		batch, done := graceContext(ctx)
		var err error
		n, place, err = e.Store.Settle(batch, e.lease, run.CorrectionMode, e.Now(), place, settleSize)
		done()
		if err != nil {
			return fmt.Errorf("settle: %w", err)
		}
		if n > 0 {
			run.Settled += int64(n)
			e.progress(*run, "settle", run.Settled)
		}
	}
	return nil
}

// graceContext returns a context for a write in progress. After ctx has ended, the write has graceTime to complete.
// After graceTime the context cancels the write, and the database rolls the transaction back.
func graceContext(ctx context.Context) (batch context.Context, done func()) {
	batch, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(graceTime, cancel) })
	return batch, func() { stop(); cancel() }
}

// interrupt releases the run and stores the reason, so another process can resume the run.
func (e *Engine) interrupt(ctx context.Context, run reconcile.Run, why error) (reconcile.Run, error) {
	e.Logger.Error("run interrupted", "run", run.ID, "project", run.ProjectID, "why", why)
	if errors.Is(why, reconcile.ErrRunLost) {
		return run, why // another process has acquired the run
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
	defer cancel()
	interrupted, err := e.Store.InterruptRun(ctx, e.lease, interruptReason(why))
	if err != nil {
		return run, errors.Join(why, fmt.Errorf("interrupt run: %w", err))
	}
	return interrupted, why
}

// startHeartbeat sends heartbeats until stop is called. startHeartbeat cancels the context if the run is lost or
// stopped.
func (e *Engine) startHeartbeat(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(heartbeatEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			switch err := e.Store.Heartbeat(ctx, e.lease); {
			case errors.Is(err, reconcile.ErrRunLost), reconcile.IsType[*reconcile.StopError](err):
				cancel(err)
			case err != nil && ctx.Err() == nil:
				e.Logger.Warn("heartbeat failed", "run", e.lease.RunID, "error", err)
			}
		}
	}()
	return ctx, func() { cancel(nil); <-done }
}

func (e *Engine) opened(run reconcile.Run) {
	if e.Opened != nil {
		e.Opened(run)
	}
}

func (e *Engine) progress(run reconcile.Run, stage string, done int64) {
	if e.Progress != nil {
		e.Progress(Progress{Run: run, Stage: stage, Done: done, Total: run.Selected})
	}
}

// interruptReason returns why the run is interrupted.
func interruptReason(err error) reconcile.Reason {
	var stopped *reconcile.StopError
	switch {
	case errors.As(err, &stopped):
		return reconcile.Because("run.stopped_by", stopped.By)
	case errors.Is(err, context.Canceled): // the process received a signal
		return reconcile.Because("run.stopped_by_signal")
	}
	return reconcile.Words(err.Error())
}
