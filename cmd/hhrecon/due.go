package main

import (
	"context"
	"sync"
	"time"

	"hhrecon/reconcile"
)

// look takes over what dead processes left, and begins what is due.
func (k *timekeeper) look(ctx context.Context, work *sync.WaitGroup) {
	if err := k.takeOver(ctx, work); err != nil && ctx.Err() == nil {
		k.log.Error("cannot look for work that was left; tried again soon", "error", err)
	}
	for _, p := range k.posts {
		if err := k.lookAt(ctx, work, p); err != nil && ctx.Err() == nil {
			k.log.Error("cannot look what is due; tried again soon", "job", p.Name, "error", err)
		}
	}
}

// lookAt begins what is due of one job. Of several due times that were missed the last one is carried out.
func (k *timekeeper) lookAt(ctx context.Context, work *sync.WaitGroup, p *post) error {
	now := time.Now().Add(early)
	if p.next.After(now) && !p.next.After(p.Next(now)) { // otherwise the clock was set back
		return nil
	}
	from, err := k.known(ctx, p)
	if err != nil {
		return err
	}
	if due := p.between(from, now); len(due) > 0 {
		at, missed := due[len(due)-1], due[:len(due)-1]
		if len(missed) > 0 {
			k.log.Warn("due times were missed; the last one is made up for", "job", p.Name, "missed", len(due), "first", missed[0].In(p.zone), "last", at.In(p.zone))
		}
		if err := k.skip(ctx, p, missed, "missed: no process was there; the last one that was missed is made up for"); err != nil {
			return err
		}
		claimed, err := k.timetable.ClaimDue(ctx, p.Name, at, k.owner, alive)
		if err != nil {
			return err
		}
		if claimed {
			k.begin(ctx, work, p.job, at)
		}
	}
	p.next = p.Next(now)
	return nil
}

// known is the time up to which the timetable knows of a job's due times. Of a job that is new to it, it notes one.
func (k *timekeeper) known(ctx context.Context, p *post) (time.Time, error) {
	last, known, err := k.timetable.LastDue(ctx, p.Name)
	if err != nil {
		return last.At, err
	}
	if known && last.At.After(time.Now().Add(clockFault)) {
		return k.clockWasWrong(p, last.At), nil
	}
	if known && !p.fresh {
		return last.At, nil
	}
	if at := p.last(p.since); !at.IsZero() && at.After(last.At) {
		k.log.Info("job is due from now on", "job", p.Name, "not_for", at.In(p.zone), "next", p.Next(p.since).In(p.zone))
		if err := k.skip(ctx, p, []time.Time{at}, "from before this schedule was in force"); err != nil {
			return at, err
		}
	}
	p.fresh = false
	if last.At.After(p.since) {
		return last.At, nil
	}
	return p.since, nil
}

// clockFault is by how much the timetable may be ahead of this machine's clock before one of the two counts as wrong.
const clockFault = 10 * time.Minute

// clockWasWrong is where to go on where the timetable has a due time of the future: a clock that went ahead for a while
// must not cost all nights until then. What has a row already is not begun again.
func (k *timekeeper) clockWasWrong(p *post, ahead time.Time) time.Time {
	k.log.Warn("the timetable has a due time of the future: a clock was, or is, wrong", "job", p.Name, "due", ahead.In(p.zone))
	from := p.last(time.Now().Add(early)).Add(-time.Nanosecond)
	if p.fresh && from.Before(p.since) {
		return p.since
	}
	return from
}

// skip notes due times that nobody carries out, the latest ones at least.
func (k *timekeeper) skip(ctx context.Context, p *post, due []time.Time, why string) error {
	for _, at := range due[max(0, len(due)-mostNotes):] {
		if err := k.timetable.EndDue(ctx, reconcile.Due{Job: p.Name, At: at, State: reconcile.DueSkipped, Owner: k.owner, Note: why}); err != nil {
			return err
		}
	}
	return nil
}

// dead tells whether a claim may be taken over. This process's own may: where nobody works on it, its answer was lost.
func (k *timekeeper) dead(owner reconcile.Owner, silence time.Duration) bool {
	return owner.Token == k.owner.Token || reconcile.OwnerDead(owner, silence)
}

// alive leaves every claim to its owner: what is broken off is looked for by takeOver, which says so.
func alive(reconcile.Owner, time.Duration) bool { return false }

// takeOver goes on with what dead processes began.
func (k *timekeeper) takeOver(ctx context.Context, work *sync.WaitGroup) error {
	broken, err := k.timetable.BrokenDues(ctx, k.dead)
	if err != nil {
		return err
	}
	for _, d := range broken {
		p := k.post(d.Job)
		if k.worksOn(d.Job, d.At) || p == nil && time.Since(d.At) < time.Hour {
			continue // another process may know the job; in the end somebody has to say that nobody does
		}
		claimed, err := k.timetable.ClaimDue(ctx, d.Job, d.At, k.owner, k.dead)
		if err != nil {
			return err
		}
		if !claimed {
			continue
		}
		k.log.Warn("a due time is taken over: its process is gone", "job", d.Job, "due", d.At, "host", d.Owner.Host, "pid", d.Owner.PID)
		if p == nil {
			d.Owner, d.State, d.Note = k.owner, reconcile.DueFailed, "broke off, and its job is not in the settings any more"
			k.end(ctx, d)
			continue
		}
		k.begin(ctx, work, p.job, d.At)
	}
	return nil
}

func (k *timekeeper) post(name string) *post {
	for _, p := range k.posts {
		if p.Name == name {
			return p
		}
	}
	return nil
}
