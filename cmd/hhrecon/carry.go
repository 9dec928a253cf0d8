package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"hhrecon/reconcile"
)

func (k *timekeeper) worksOn(name string, at time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.working[reconcile.DueName(name, at)]
}

// begin carries a due time out that is this process's, in the background. A job takes as long as it takes, and others
// begin meanwhile.
func (k *timekeeper) begin(ctx context.Context, work *sync.WaitGroup, j job, at time.Time) {
	name := reconcile.DueName(j.Name, at)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.working[name] {
		return
	}
	k.working[name] = true
	beating, stop := context.WithCancel(ctx)
	work.Go(func() { k.beat(beating) })
	work.Go(func() {
		defer stop()
		k.carryOut(ctx, j, at)
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.working, name)
	})
}

// carryOut does a job, and notes what became of it. What the end of this process broke off stays claimed.
func (k *timekeeper) carryOut(ctx context.Context, j job, at time.Time) {
	k.log.Info("job begins", "job", j.Name, "due", at.In(j.zone), "late", max(0, time.Since(at)).Round(time.Millisecond))
	d := reconcile.Due{Job: j.Name, At: at, Owner: k.owner, State: reconcile.DueDone}
	err := caught(func() (err error) {
		d.Note, err = k.do(ctx, j, at)
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		k.log.Warn("job broken off; the next process goes on with it", "job", j.Name, "due", at.In(j.zone), "error", err)
		return
	case err != nil:
		d.State, d.Note = reconcile.DueFailed, err.Error()
		k.log.Error("job failed", "job", j.Name, "due", at.In(j.zone), "error", err)
	default:
		k.log.Info("job done", "job", j.Name, "due", at.In(j.zone), "result", d.Note)
	}
	k.end(ctx, d)
}

// end notes an end, and tries until it is noted: a claim that nobody ends would stand for ever. A stop of the process leaves
// time for one try.
func (k *timekeeper) end(ctx context.Context, d reconcile.Due) {
	for {
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		err := k.timetable.EndDue(try, d)
		cancel()
		if err == nil {
			return
		}
		k.log.Error("the end of a job is not noted", "job", d.Job, "due", d.At, "error", err)
		if errors.Is(err, reconcile.ErrRunLost) || !pause(ctx, beatEvery) {
			return
		}
	}
}

// beat gives signs of life for all that is worked on.
func (k *timekeeper) beat(ctx context.Context) {
	for pause(ctx, beatEvery) {
		if err := k.timetable.BeatDues(ctx, k.owner); err != nil && ctx.Err() == nil {
			k.log.Warn("no sign of life given for due times", "error", err)
		}
	}
}
