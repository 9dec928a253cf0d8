package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// Gateway answers about one payin; *highhelp.Client is one.
type Gateway interface {
	PayinInfo(ctx context.Context, paymentID string) (*highhelp.PayinInfo, error)
}

// Engine sees runs of one project through.
type Engine struct {
	Project  reconcile.Project
	Store    Store
	Gateway  Gateway
	Owner    reconcile.Owner
	Logger   *slog.Logger
	Now      func() time.Time
	Opened   func(reconcile.Run) // called once a run is open, or taken over, before its payins are asked about; may be nil
	Progress func(Progress)      // called from one goroutine at a time; may be nil
	Begun    reconcile.Event     // recorded with each run that is opened: see NewRun
	Outage   *Outage             // shared with the other runners of the process; may be nil

	breaker *breaker  // what this process knows of HighHelp being down, for all batches of a run; nil: a new one
	keys    *keyCheck // likewise of refused keys
}

// Progress tells how far a stage of a run is. The stages overlap.
type Progress struct {
	Run   reconcile.Run
	Stage string // "ask" or "settle"
	Done  int64
	Total int64
}

// Sizes of the pieces in which a run works. They bound its memory.
const (
	pageSize   = 1000 // payins read ahead
	batchSize  = 500  // verdicts kept in one statement
	settleSize = 1000 // findings written in one transaction

	flushAfter     = time.Second      // a verdict waits no longer to be kept
	heartbeatEvery = 3 * time.Second  // between two signs of life; a stop that is asked for is seen then
	graceTime      = 15 * time.Second // to write down what there is, once the run must stop
)

// Run opens a run over the project's open payins and sees it through. The run comes back as it stands
// even with an error: interrupted, with what was done stored. It returns *HeldError where
// another process runs the project, *MissingError where a named payin is not open, *DoneError where the project has a
// run for the due time already, *StopError where a person stopped it, and the context's error after a stop of the
// process. A run whose keys HighHelp refuses is closed: see Run.KeysError.
func (r *Engine) Run(ctx context.Context, q reconcile.Request) (reconcile.Run, error) {
	run, err := r.Store.OpenRun(ctx, reconcile.NewRun{
		Project: r.Project, Request: q, Owner: r.Owner, StartedAt: r.Now(), Expired: reconcile.LeaseExpired, Begun: r.Begun,
	})
	if err != nil {
		return reconcile.Run{}, fmt.Errorf("open run: %w", err)
	}
	r.Logger.Info("run opened", "run", run.ID, "project", run.ProjectID, "selected", run.Selected,
		"unresolved", run.Unresolved, "from", run.Window.From, "to", run.Window.To, "dry_run", run.DryRun)
	r.opened(run)
	return r.finish(ctx, run)
}

// Resume goes on with a run that broke off, or that this Engine gave up: the payins that are left, under the run's own
// moment and window. Its errors are those of Run, ErrNoRun and ErrRunClosed.
func (r *Engine) Resume(ctx context.Context, id int64) (reconcile.Run, error) {
	gone := func(run reconcile.Run) bool { return run.Owner.Token == r.Owner.Token || reconcile.LeaseExpired(run) }
	run, err := r.Store.AcquireRun(ctx, id, r.Owner, r.Now(), gone)
	if err != nil {
		return reconcile.Run{}, fmt.Errorf("resume run %d: %w", id, err)
	}
	r.Logger.Info("run resumed", "run", run.ID, "project", run.ProjectID, "selected", run.Selected,
		"judged", run.Judged, "settled", run.Settled)
	r.opened(run)
	return r.finish(ctx, run)
}

// Abandon gives up a run that broke off. What it wrote stays. Its other payins are unreachable, since they were not
// asked about; nothing more is written. record keeps who ordered it, under the lease. The errors are those of Resume.
func (r *Engine) Abandon(ctx context.Context, id int64, by string, record func(reconcile.Lease) error) (reconcile.Run,
	error) {
	future := r.Now().Add(24 * time.Hour) // by then no verdict that is not written is fresh: all are taken back
	run, err := r.Store.AcquireRun(ctx, id, r.Owner, future, reconcile.LeaseExpired)
	if err != nil {
		return reconcile.Run{}, fmt.Errorf("abandon run %d: %w", id, err)
	}
	lease := reconcile.Lease{RunID: run.ID, ProjectID: run.ProjectID, Token: r.Owner.Token}
	if err := record(lease); err != nil {
		return r.interrupt(ctx, run, lease, err)
	}
	r.Logger.Warn("run abandoned", "run", run.ID, "project", run.ProjectID, "by", by)
	own := *r
	own.keys = newKeyCheck()
	own.keys.stop(&reconcile.AbandonError{By: by})
	return own.finish(ctx, run)
}

// finish is one payin's way, for all of them: ask and judge; weigh; correct and keep, beside the asking from the
// moment on at which no answer could hold the run any more, and else after it; close.
func (r *Engine) finish(ctx context.Context, run reconcile.Run) (reconcile.Run, error) {
	lease := reconcile.Lease{RunID: run.ID, ProjectID: run.ProjectID, Token: r.Owner.Token}
	own := *r
	if own.keys == nil {
		var err error
		if own.keys, err = r.keysOf(ctx, &run); err != nil {
			return r.interrupt(ctx, run, lease, err)
		}
	}
	r = &own
	ctx, stop := r.startHeartbeat(ctx, lease)
	defer stop()

	settled, err := r.queryAndSettle(ctx, &run, lease)
	if err != nil {
		return r.interrupt(ctx, run, lease, err)
	}
	closed, err := r.settleAndClose(ctx, run, lease, settled)
	if err != nil {
		return r.interrupt(ctx, run, lease, err)
	}
	return closed, nil
}

// keysOf checks the keys for what is left of a run. They count as good if HighHelp answered something in it before.
func (r *Engine) keysOf(ctx context.Context, run *reconcile.Run) (*keyCheck, error) {
	keys := newKeyCheck()
	if run.Judged == 0 {
		return keys, nil
	}
	weight, err := r.Store.Summarize(ctx, run.ID, run.StartedAt, false)
	keys.answered = weight.Answered > 0
	return keys, err
}

// settleAndClose weighs, corrects and keeps, and closes a run whose payins are all judged, and those up to a place
// settled.
func (r *Engine) settleAndClose(ctx context.Context, run reconcile.Run, lease reconcile.Lease,
	settled int64) (reconcile.Run, error) {
	err := r.decideHolds(ctx, &run, lease)
	if refused := r.keys.refusal(); err == nil && refused != nil && !r.keys.answered {
		run.Note = reconcile.ProblemOf(refused)
		err = r.Store.SaveCorrectionMode(ctx, lease, run.CorrectionMode, run.Impact, run.Note)
	}
	if err == nil {
		err = r.settleAfter(ctx, &run, lease, settled)
	}
	if err == nil { // those whose rows were locked, once more
		err = r.settleAfter(ctx, &run, lease, 0)
	}
	if err != nil {
		return run, err
	}
	state := reconcile.Complete
	if run.Impact.Begins(run.ID) {
		state = reconcile.Held
	}
	closed, err := r.Store.CloseRun(ctx, lease, state, r.Now())
	if err != nil {
		return run, fmt.Errorf("close run: %w", err)
	}
	r.Logger.Info("run closed", "run", closed.ID, "project", closed.ProjectID, "headline", closed.ResultStatus(),
		"selected", closed.Selected, "answered", closed.Impact.Answered, "changes", closed.Impact.Changes, "note",
		closed.Note,
		"audit_head", closed.Head.String())
	return closed, nil
}

// decideHolds sums up all verdicts and stores what becomes of the corrections. A run that is resumed keeps the mode
// that was decided before.
func (r *Engine) decideHolds(ctx context.Context, run *reconcile.Run, lease reconcile.Lease) error {
	impact, usual, err := r.summarize(ctx, run, run.Whole)
	if err != nil {
		return err
	}
	mode, note := r.Project.DecideMode(run, &impact, usual)
	if mode == reconcile.CorrectionHeld && run.CorrectionMode == "" {
		r.Logger.Warn("corrections held", "run", run.ID, "project", run.ProjectID, "why", note)
	}
	if err := r.Store.SaveCorrectionMode(ctx, lease, mode, impact, note); err != nil {
		return fmt.Errorf("decide holds: %w", err)
	}
	run.CorrectionMode, run.Impact, run.Note = mode, impact, note
	r.Logger.Info("payins judged", "run", run.ID, "project", run.ProjectID, "answered", impact.Answered,
		"changes", impact.Changes, "harmful", impact.Harmful, "mode", mode)
	return nil
}

// summarize reads what the run's verdicts come to, and what is usual. Corrections of every kind are counted only if a
// limit needs them, or the history does: that is the longest count.
func (r *Engine) summarize(ctx context.Context, run *reconcile.Run, corrected bool) (w reconcile.ImpactSummary,
	usual reconcile.ProjectUsual,
	err error) {
	day := run.StartedAt.In(cmp.Or(r.Project.Zone, time.UTC)).Format(time.DateOnly)
	if usual, err = r.Store.Usual(ctx, run.ProjectID, day, reconcile.UsualDates); err != nil {
		return w, usual, fmt.Errorf("summarize: %w", err)
	}
	since := r.Now().Add(-reconcile.RecentHours)
	w, err = r.Store.Summarize(ctx, run.ID, since, corrected)
	if err == nil && !corrected && w.Left == 0 && (run.Whole || r.Project.NeedsShare(&w, usual)) {
		w, err = r.Store.Summarize(ctx, run.ID, since, true)
	}
	if err != nil {
		return w, usual, fmt.Errorf("summarize: %w", err)
	}
	w.Day = day
	return w, usual, nil
}

// settleAfter writes findings and corrections of all verdicts behind a place of the selection, batch by batch.
func (r *Engine) settleAfter(ctx context.Context, run *reconcile.Run, lease reconcile.Lease, place int64) error {
	for n := settleSize; n == settleSize; {
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("settle: %w", err)
		}
		batch, done := graceContext(ctx)
		var err error
		n, place, err = r.Store.Settle(batch, lease, run.CorrectionMode, r.Now(), place, settleSize)
		done()
		if err != nil {
			return fmt.Errorf("settle: %w", err)
		}
		if n > 0 {
			run.Settled += int64(n)
			r.progress(*run, "settle", run.Settled)
		}
	}
	return nil
}

// graceContext is for a batch that is being written: a stop waits for it, but not for long. A batch that is cut off is
// undone whole.
func graceContext(ctx context.Context) (batch context.Context, done func()) {
	batch, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(graceTime, cancel) })
	return batch, func() { stop(); cancel() }
}

// interrupt gives the run up to whoever goes on with it, and says why.
func (r *Engine) interrupt(ctx context.Context, run reconcile.Run, lease reconcile.Lease, why error) (reconcile.Run,
	error) {
	r.Logger.Error("run interrupted", "run", run.ID, "project", run.ProjectID, "why", why)
	if errors.Is(why, reconcile.ErrRunLost) {
		return run, why // it is another process's run now
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
	defer cancel()
	interrupted, err := r.Store.InterruptRun(ctx, lease, interruptReason(why))
	if err != nil {
		return run, errors.Join(why, fmt.Errorf("interrupt run: %w", err))
	}
	return interrupted, why
}

// startHeartbeat gives signs of life until stop is called, and ends the context where the run is lost.
func (r *Engine) startHeartbeat(ctx context.Context, lease reconcile.Lease) (context.Context, func()) {
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
			var stopped *reconcile.StopError
			switch err := r.Store.Heartbeat(ctx, lease); {
			case errors.Is(err, reconcile.ErrRunLost), errors.As(err, &stopped):
				cancel(err)
			case err != nil && ctx.Err() == nil:
				r.Logger.Warn("no sign of life given", "run", lease.RunID, "error", err)
			}
		}
	}()
	return ctx, func() { cancel(nil); <-done }
}

func (r *Engine) opened(run reconcile.Run) {
	if r.Opened != nil {
		r.Opened(run)
	}
}

func (r *Engine) progress(run reconcile.Run, stage string, done int64) {
	if r.Progress != nil {
		r.Progress(Progress{Run: run, Stage: stage, Done: done, Total: run.Selected})
	}
}

// interruptReason is why a run breaks off.
func interruptReason(err error) reconcile.Reason {
	var stopped *reconcile.StopError
	switch {
	case errors.As(err, &stopped):
		return reconcile.Because("run.stopped_by", stopped.By)
	case errors.Is(err, context.Canceled): // of the process, by a signal
		return reconcile.Because("run.stopped_by_signal")
	}
	return reconcile.Words(err.Error())
}
