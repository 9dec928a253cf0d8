package main

import (
	"context"
	"io"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// drafts is what copies of a project's night share.
type drafts struct{ current *drafting } // nil: none

// drafting is a run's workbook that is written while the run goes on, by a goroutine of its own.
type drafting struct {
	runID int64
	stop  context.CancelFunc
	draft *reports.Draft
	ended chan error // gets how it went, once draft is another's to use
}

// draftOpened has a run's workbook begun as soon as the run is open, for as long as begin takes.
func (w *projectNight) draftOpened(ctx context.Context, begin func() (reconcile.Run, error)) (reconcile.Run, error) {
	told := w.runner.Opened
	defer func() { w.runner.Opened = told }()
	w.runner.Opened = func(run reconcile.Run) {
		if told != nil {
			told(run)
		}
		if run.Origin.Trigger != reconcile.TriggerAlert { // such a run has no workbook
			w.beginDraft(ctx, run)
		}
	}
	return begin()
}

func (w *projectNight) beginDraft(ctx context.Context, run reconcile.Run) {
	w.dropDraft()
	options := w.reportOptions()
	options.KeepIn = "" // what is odd about a draft is no fault of the run's: the workbook is written anew then
	ctx, stop := context.WithCancel(ctx)
	d := &drafting{runID: run.ID, stop: stop, ended: make(chan error, 1)}
	w.drafts.current = d
	go func() {
		d.ended <- caught(func() (err error) {
			if d.draft, err = reports.BeginWorkbook(ctx, w.store, run.ID, options); err != nil {
				return err
			}
			return d.draft.Add(ctx, w.store.Follow(ctx, run))
		})
	}()
}

// finishDraft writes the workbook of a closed run from its draft, and tells whether it did. Where the draft is of no use nothing is
// written, and the workbook can be written as if there had been none.
func (w *projectNight) finishDraft(ctx context.Context, out io.Writer, runID int64) (bool, error) {
	d := w.drafts.current
	if d == nil || d.runID != runID {
		return false, nil
	}
	delivered := &counter{Writer: out}
	err := <-d.ended
	d.ended <- err
	if err == nil {
		_, err = d.draft.Finish(ctx, delivered, time.Now())
	}
	if err == nil || delivered.n > 0 {
		return true, err
	}
	w.log.Warn("the workbook was begun while the run went on, and is written anew", "run", runID, "why", err)
	return false, nil
}

// dropDraft ends what is being written, and gives back what it took.
func (w *projectNight) dropDraft() {
	d := w.drafts.current
	if d == nil {
		return
	}
	w.drafts.current = nil
	d.stop()
	w.log.Debug("workbook's draft given back", "run", d.runID, "error", <-d.ended)
	if d.draft != nil {
		d.draft.Discard()
	}
}

// counter counts what is written.
type counter struct {
	io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}
