package scheduler

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hhrecon/reconcile"
)

// poll takes over the jobs of dead processes, and starts the jobs that are due.
func (s *Scheduler) poll(ctx context.Context, work *sync.WaitGroup) {
	if err := s.reclaim(ctx, work); err != nil && ctx.Err() == nil {
		s.Log.Error("cannot find interrupted jobs; will retry", "error", err)
	}
	for _, p := range s.scheduled {
		if err := s.pollJob(ctx, work, p); err != nil && ctx.Err() == nil {
			s.Log.Error("cannot check whether a job is due; will retry", "job", p.Name, "error", err)
		}
	}
}

// pollJob starts a job if the job is due. If several scheduled times were missed, pollJob executes the job only once,
// for the last of these times.
func (s *Scheduler) pollJob(ctx context.Context, work *sync.WaitGroup, p *scheduledJob) error {
	now := time.Now().Add(clockTolerance)
	if p.next.After(now) && !p.next.After(p.Next(now)) { // the second condition is true only if the clock was not set back
		return nil
	}
	from, err := s.lastKnown(ctx, p)
	if err != nil {
		return err
	}
	if times := p.Between(from, now); len(times) > 0 {
		at, missed := times[len(times)-1], times[:len(times)-1]
		if len(missed) > 0 {
			s.Log.Warn("missed scheduled times; executing the last one", "job", p.Name, "missed", len(times), "first",
				missed[0].In(p.Zone), "last", at.In(p.Zone))
		}
		if err := s.skip(ctx, p, missed, "missed while no process was running; the last time is executed"); err != nil {
			return err
		}
		claimed, err := s.Schedules.ClaimOccurrence(ctx, p.Name, at, s.Owner, neverExpired)
		if err != nil {
			return err
		}
		if claimed {
			s.start(ctx, work, p.Job, at)
		}
	}
	p.next = p.Next(now)
	return nil
}

// lastKnown returns the time up to which the scheduled times of a job are stored. For a new job, lastKnown stores the
// last scheduled time as skipped.
func (s *Scheduler) lastKnown(ctx context.Context, p *scheduledJob) (time.Time, error) {
	last, known, err := s.Schedules.LastOccurrence(ctx, p.Name)
	if err != nil {
		return last.At, err
	}
	if known && last.At.After(time.Now().Add(maxClockSkew)) {
		return s.resumeAfterClockError(p, last.At), nil
	}
	if known && !p.isNew {
		return last.At, nil
	}
	if at := p.Last(p.since); !at.IsZero() && at.After(last.At) {
		s.Log.Info("new schedule", "job", p.Name, "not_for", at.In(p.Zone), "next", p.Next(p.since).In(p.Zone))
		if err := s.skip(ctx, p, []time.Time{at}, "before this schedule was active"); err != nil {
			return at, err
		}
	}
	p.isNew = false
	if last.At.After(p.since) {
		return last.At, nil
	}
	return p.since, nil
}

// maxClockSkew is the maximum time by which a stored time may be ahead of this machine's clock.
const maxClockSkew = 10 * time.Minute

// resumeAfterClockError returns the time to continue from if a stored time is in the future. A temporary
// error of a clock must not prevent all runs until the stored time. Scheduled times that already have a row
// are not executed again.
func (s *Scheduler) resumeAfterClockError(p *scheduledJob, ahead time.Time) time.Time {
	s.Log.Warn("a stored scheduled time is in the future: a clock is or was wrong", "job", p.Name, "due", ahead.In(p.Zone))
	from := p.Last(time.Now().Add(clockTolerance)).Add(-time.Nanosecond)
	if p.isNew && from.Before(p.since) {
		return p.since
	}
	return from
}

// skip stores the last scheduled times as skipped, but not more than maxSkipped.
func (s *Scheduler) skip(ctx context.Context, p *scheduledJob, times []time.Time, reason string) error {
	for _, at := range times[max(0, len(times)-maxSkipped):] {
		if err := s.Schedules.EndOccurrence(ctx,
			reconcile.Occurrence{Job: p.Name, At: at, State: reconcile.OccurrenceSkipped, Owner: s.Owner,
				Note: reason}); err != nil {
			return err
		}
	}
	return nil
}

// claimExpired reports whether a claim can be taken over. A claim of this process can be taken over if the job is not
// running in this process. In this case the claim was stored, but the database's answer was lost.
func (s *Scheduler) claimExpired(owner reconcile.Owner, heartbeatAge time.Duration) bool {
	return owner.Token == s.Owner.Token || reconcile.OwnerExpired(owner, heartbeatAge)
}

// neverExpired always returns false. pollJob uses neverExpired, because only reclaim takes over the
// claims of other processes.
func neverExpired(reconcile.Owner, time.Duration) bool { return false }

// reclaim continues the jobs of dead processes.
func (s *Scheduler) reclaim(ctx context.Context, work *sync.WaitGroup) error {
	expired, err := s.Schedules.ExpiredOccurrences(ctx, s.claimExpired)
	if err != nil {
		return err
	}
	for _, d := range expired {
		p := s.scheduledJob(d.Job)
		if s.isRunning(d.Job, d.At) || p == nil && time.Since(d.At) < time.Hour {
			continue // another process may have the job in its settings; after an hour the job counts as removed
		}
		claimed, err := s.Schedules.ClaimOccurrence(ctx, d.Job, d.At, s.Owner, s.claimExpired)
		if err != nil {
			return err
		}
		if !claimed {
			continue
		}
		s.Log.Warn("taking over the job of a dead process", "job", d.Job, "due", d.At, "host", d.Owner.Host, "pid",
			d.Owner.PID)
		if p == nil {
			d.Owner, d.State, d.Note = s.Owner, reconcile.OccurrenceFailed,
				"interrupted, and the job is no longer in the settings"
			s.finish(ctx, d)
			continue
		}
		s.start(ctx, work, p.Job, d.At)
	}
	return nil
}

func (s *Scheduler) scheduledJob(name string) *scheduledJob {
	for _, p := range s.scheduled {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// recovered converts a panic to an error.
func recovered(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return do()
}
