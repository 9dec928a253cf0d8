package scheduler

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hhrecon/reconcile"
)

// poll takes over the claims of dead processes, and starts what is due.
func (k *Scheduler) poll(ctx context.Context, work *sync.WaitGroup) {
	if err := k.reclaim(ctx, work); err != nil && ctx.Err() == nil {
		k.Log.Error("cannot look for interrupted jobs; next attempt soon", "error", err)
	}
	for _, p := range k.scheduled {
		if err := k.pollJob(ctx, work, p); err != nil && ctx.Err() == nil {
			k.Log.Error("cannot check what is due; next attempt soon", "job", p.Name, "error", err)
		}
	}
}

// pollJob starts a job if it is due. If several scheduled times were missed, it executes the last one.
func (k *Scheduler) pollJob(ctx context.Context, work *sync.WaitGroup, p *scheduledJob) error {
	now := time.Now().Add(clockTolerance)
	if p.next.After(now) && !p.next.After(p.Next(now)) { // the second test fails if the clock was set back
		return nil
	}
	from, err := k.lastKnown(ctx, p)
	if err != nil {
		return err
	}
	if due := p.Between(from, now); len(due) > 0 {
		at, missed := due[len(due)-1], due[:len(due)-1]
		if len(missed) > 0 {
			k.Log.Warn("missed scheduled times; executing the last one", "job", p.Name, "missed", len(due), "first",
				missed[0].In(p.Zone), "last", at.In(p.Zone))
		}
		if err := k.skip(ctx, p, missed, "missed: no process was running; the last missed time is executed"); err != nil {
			return err
		}
		claimed, err := k.Schedules.ClaimOccurrence(ctx, p.Name, at, k.Owner, neverExpired)
		if err != nil {
			return err
		}
		if claimed {
			k.start(ctx, work, p.Job, at)
		}
	}
	p.next = p.Next(now)
	return nil
}

// lastKnown returns the time up to which the scheduled times of a job are stored. For a new job it stores one.
func (k *Scheduler) lastKnown(ctx context.Context, p *scheduledJob) (time.Time, error) {
	last, known, err := k.Schedules.LastOccurrence(ctx, p.Name)
	if err != nil {
		return last.At, err
	}
	if known && last.At.After(time.Now().Add(maxClockSkew)) {
		return k.resumeAfterClockError(p, last.At), nil
	}
	if known && !p.isNew {
		return last.At, nil
	}
	if at := p.Last(p.since); !at.IsZero() && at.After(last.At) {
		k.Log.Info("new schedule", "job", p.Name, "not_for", at.In(p.Zone), "next", p.Next(p.since).In(p.Zone))
		if err := k.skip(ctx, p, []time.Time{at}, "before this schedule was in force"); err != nil {
			return at, err
		}
	}
	p.isNew = false
	if last.At.After(p.since) {
		return last.At, nil
	}
	return p.since, nil
}

// maxClockSkew is how far a stored time may be ahead of this machine's clock.
const maxClockSkew = 10 * time.Minute

// resumeAfterClockError returns where to continue if a stored time is in the future: a clock that was ahead for a while
// must not suppress all runs until then. Times that have a row already are not executed again.
func (k *Scheduler) resumeAfterClockError(p *scheduledJob, ahead time.Time) time.Time {
	k.Log.Warn("a stored scheduled time is in the future: a clock is or was wrong", "job", p.Name, "due", ahead.In(p.Zone))
	from := p.Last(time.Now().Add(clockTolerance)).Add(-time.Nanosecond)
	if p.isNew && from.Before(p.since) {
		return p.since
	}
	return from
}

// skip stores that no process executes these times; of many, only the latest.
func (k *Scheduler) skip(ctx context.Context, p *scheduledJob, due []time.Time, why string) error {
	for _, at := range due[max(0, len(due)-maxSkipped):] {
		if err := k.Schedules.EndOccurrence(ctx,
			reconcile.Occurrence{Job: p.Name, At: at, State: reconcile.OccurrenceSkipped, Owner: k.Owner,
				Note: why}); err != nil {
			return err
		}
	}
	return nil
}

// claimExpired returns whether a claim may be taken over. A claim of this process itself may: if the job is not running
// here, the answer to the claim was lost.
func (k *Scheduler) claimExpired(owner reconcile.Owner, silence time.Duration) bool {
	return owner.Token == k.Owner.Token || reconcile.OwnerExpired(owner, silence)
}

// neverExpired leaves every claim to its owner; reclaim takes over interrupted jobs.
func neverExpired(reconcile.Owner, time.Duration) bool { return false }

// reclaim continues the jobs of dead processes.
func (k *Scheduler) reclaim(ctx context.Context, work *sync.WaitGroup) error {
	broken, err := k.Schedules.ExpiredOccurrences(ctx, k.claimExpired)
	if err != nil {
		return err
	}
	for _, d := range broken {
		p := k.scheduledJob(d.Job)
		if k.isRunning(d.Job, d.At) || p == nil && time.Since(d.At) < time.Hour {
			continue // another process may know the job; after an hour it counts as removed
		}
		claimed, err := k.Schedules.ClaimOccurrence(ctx, d.Job, d.At, k.Owner, k.claimExpired)
		if err != nil {
			return err
		}
		if !claimed {
			continue
		}
		k.Log.Warn("taking over a job: its process is dead", "job", d.Job, "due", d.At, "host", d.Owner.Host, "pid",
			d.Owner.PID)
		if p == nil {
			d.Owner, d.State, d.Note = k.Owner, reconcile.OccurrenceFailed,
				"interrupted, and its job is no longer in the settings"
			k.finish(ctx, d)
			continue
		}
		k.start(ctx, work, p.Job, d.At)
	}
	return nil
}

func (k *Scheduler) scheduledJob(name string) *scheduledJob {
	for _, p := range k.scheduled {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// recovered turns a panic into an error.
func recovered(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return do()
}
