package scheduler

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hhrecon/reconcile"
)

// poll takes over what dead processes left, and begins what is due.
func (k *Scheduler) poll(ctx context.Context, work *sync.WaitGroup) {
	if err := k.reclaim(ctx, work); err != nil && ctx.Err() == nil {
		k.Log.Error("cannot look for work that was left; tried again soon", "error", err)
	}
	for _, p := range k.scheduled {
		if err := k.pollJob(ctx, work, p); err != nil && ctx.Err() == nil {
			k.Log.Error("cannot look what is due; tried again soon", "job", p.Name, "error", err)
		}
	}
}

// pollJob begins what is due of one job. Of several due times that were missed the last one is carried out.
func (k *Scheduler) pollJob(ctx context.Context, work *sync.WaitGroup, p *scheduledJob) error {
	now := time.Now().Add(clockTolerance)
	if p.next.After(now) && !p.next.After(p.Next(now)) { // otherwise the clock was set back
		return nil
	}
	from, err := k.lastKnown(ctx, p)
	if err != nil {
		return err
	}
	if due := p.Between(from, now); len(due) > 0 {
		at, missed := due[len(due)-1], due[:len(due)-1]
		if len(missed) > 0 {
			k.Log.Warn("due times were missed; the last one is made up for", "job", p.Name, "missed", len(due), "first",
				missed[0].In(p.Zone), "last", at.In(p.Zone))
		}
		if err := k.skip(ctx, p, missed,
			"missed: no process was there; the last one that was missed is made up for"); err != nil {
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

// lastKnown is the time up to which the timetable knows of a job's due times. Of a job that is new to it, it notes one.
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
		k.Log.Info("job is due from now on", "job", p.Name, "not_for", at.In(p.Zone), "next", p.Next(p.since).In(p.Zone))
		if err := k.skip(ctx, p, []time.Time{at}, "from before this schedule was in force"); err != nil {
			return at, err
		}
	}
	p.isNew = false
	if last.At.After(p.since) {
		return last.At, nil
	}
	return p.since, nil
}

// maxClockSkew is by how much the timetable may be ahead of this machine's clock before one of the two counts as wrong.
const maxClockSkew = 10 * time.Minute

// resumeAfterClockError is where to go on where the timetable has a due time of the future: a clock that went ahead for
// a while must not cost all nights until then. What has a row already is not begun again.
func (k *Scheduler) resumeAfterClockError(p *scheduledJob, ahead time.Time) time.Time {
	k.Log.Warn("the timetable has a due time of the future: a clock was, or is, wrong", "job", p.Name, "due",
		ahead.In(p.Zone))
	from := p.Last(time.Now().Add(clockTolerance)).Add(-time.Nanosecond)
	if p.isNew && from.Before(p.since) {
		return p.since
	}
	return from
}

// skip notes due times that no process carries out, the latest ones at least.
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

// claimExpired tells whether a claim may be taken over. This process's own may: if it does not work on it, the answer
// was lost.
func (k *Scheduler) claimExpired(owner reconcile.Owner, silence time.Duration) bool {
	return owner.Token == k.Owner.Token || reconcile.OwnerExpired(owner, silence)
}

// neverExpired leaves every claim to its owner: what is broken off is looked for by reclaim, which says so.
func neverExpired(reconcile.Owner, time.Duration) bool { return false }

// reclaim goes on with what dead processes began.
func (k *Scheduler) reclaim(ctx context.Context, work *sync.WaitGroup) error {
	broken, err := k.Schedules.ExpiredOccurrences(ctx, k.claimExpired)
	if err != nil {
		return err
	}
	for _, d := range broken {
		p := k.scheduledJob(d.Job)
		if k.isRunning(d.Job, d.At) || p == nil && time.Since(d.At) < time.Hour {
			continue // another process may know the job; in the end one has to say that none does
		}
		claimed, err := k.Schedules.ClaimOccurrence(ctx, d.Job, d.At, k.Owner, k.claimExpired)
		if err != nil {
			return err
		}
		if !claimed {
			continue
		}
		k.Log.Warn("a due time is taken over: its process is gone", "job", d.Job, "due", d.At, "host", d.Owner.Host, "pid",
			d.Owner.PID)
		if p == nil {
			d.Owner, d.State, d.Note = k.Owner, reconcile.OccurrenceFailed,
				"broke off, and its job is not in the settings any more"
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
