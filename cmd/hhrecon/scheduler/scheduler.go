// Package scheduler executes each job exactly once for each of its scheduled times, in any number of processes.
//
// Fill a Scheduler and call Run. The row of a scheduled time in the database decides which process executes the job.
package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/reconcile"
)

const (
	// pollEvery is the interval between polls without a trigger. These polls are needed after the machine was suspended or
	// its clock was changed. The polls also take over the jobs of dead processes.
	pollEvery      = 15 * time.Second
	heartbeatEvery = 5 * time.Second // the interval between heartbeats
	clockTolerance = time.Second     // how far this machine's clock may be behind the time of a trigger
	maxSkipped     = 100             // maximum number of missed times that are stored for a job
)

// Scheduler executes jobs. The triggers of gocron only say when to poll. The cron schedules and the rows of scheduled
// times determine which jobs are due. A lost or late trigger therefore causes no missed scheduled time.
type Scheduler struct {
	Schedules reconcile.ScheduleStore
	Owner     reconcile.Owner
	Log       *slog.Logger
	Jobs      func() []config.Job // the jobs in the current settings
	Reloads   <-chan struct{}     // receives a value when the jobs may have changed
	Do        func(ctx context.Context, j config.Job, at time.Time) (string, error)

	scheduled []*scheduledJob
	mu        sync.Mutex
	running   map[string]bool // the jobs that this process executes, by OccurrenceName
}

// scheduledJob is a job with the time up to which the job's scheduled times were handled.
type scheduledJob struct {
	config.Job
	since time.Time // when the job's schedule became active
	isNew bool      // the job was added by a reload, so the job is not executed for earlier scheduled times
	next  time.Time // all earlier scheduled times were handled
}

// Run executes jobs until the context ends, then waits until the running jobs have stopped. Unfinished jobs stay
// claimed, and the next process takes them over.
func (s *Scheduler) Run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s.running = make(map[string]bool)
	for ctx.Err() == nil {
		s.applySettings()
		if err := s.watch(ctx, &work); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// applySettings loads the jobs from the current settings.
func (s *Scheduler) applySettings() {
	now, before := time.Now(), s.scheduled
	s.scheduled = []*scheduledJob{} // not nil, so the next call of applySettings detects a reload
	for _, j := range s.Jobs() {
		p := &scheduledJob{Job: j, since: now, isNew: before != nil}
		for _, old := range before {
			if old.Name == j.Name && old.Cron == j.Cron && old.Zone.String() == j.Zone.String() {
				p.since, p.isNew, p.next = old.since, old.isNew, old.next
			}
		}
		s.scheduled = append(s.scheduled, p)
		s.Log.Info("schedule is active", "job", j.Name, "do", j.Do, "cron", j.Cron, "zone", j.Zone.String(), "next",
			j.Next(now).In(j.Zone))
	}
}

// watch polls at every trigger and at regular intervals, until the context ends or the jobs change.
func (s *Scheduler) watch(ctx context.Context, work *sync.WaitGroup) error {
	notified := make(chan struct{}, 1)
	stopTriggers, err := s.triggers(func() {
		select {
		case notified <- struct{}{}:
		default: // a notification is already pending
		}
	})
	if err != nil {
		return err
	}
	defer stopTriggers()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		s.poll(ctx, work)
		select {
		case <-ctx.Done():
			return nil
		case <-s.Reloads:
			s.poll(ctx, work) // poll once more with the old schedules, up to the present time
			return nil
		case <-notified:
		case <-tick.C:
		}
	}
}

// triggers makes gocron call notify at every scheduled time of every job. gocron uses UTC, which has no clock changes.
// The cron schedule contains the time zone.
func (s *Scheduler) triggers(notify func()) (stopTriggers func(), err error) {
	cron, err := gocron.NewScheduler(gocron.WithLocation(time.UTC))
	if err != nil {
		return nil, fmt.Errorf("schedules: %w", err)
	}
	stopTriggers = func() {
		if err := cron.Shutdown(); err != nil {
			s.Log.Warn("cannot stop the triggers cleanly", "error", err)
		}
	}
	for _, p := range s.scheduled {
		_, err := cron.NewJob(gocron.CronJob(p.Cron, false), gocron.NewTask(notify), gocron.WithName(p.Name),
			gocron.WithCronImplementation(p.CronSchedule))
		if err != nil {
			stopTriggers()
			return nil, fmt.Errorf("schedule of %q: %w", p.Name, err)
		}
	}
	cron.Start()
	return stopTriggers, nil
}

func (s *Scheduler) isRunning(name string, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[reconcile.OccurrenceName(name, at)]
}

// start executes a job in the background for a scheduled time that this process has claimed.
func (s *Scheduler) start(ctx context.Context, work *sync.WaitGroup, j config.Job, at time.Time) {
	name := reconcile.OccurrenceName(j.Name, at)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[name] {
		return
	}
	s.running[name] = true
	heartbeatCtx, stop := context.WithCancel(ctx)
	work.Go(func() { s.heartbeat(heartbeatCtx) })
	work.Go(func() {
		defer stop()
		s.execute(ctx, j, at)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.running, name)
	})
}

// execute runs a job and stores the result. If this process stops, the job stays claimed.
func (s *Scheduler) execute(ctx context.Context, j config.Job, at time.Time) {
	s.Log.Info("job begins", "job", j.Name, "due", at.In(j.Zone), "late", max(0, time.Since(at)).Round(time.Millisecond))
	d := reconcile.Occurrence{Job: j.Name, At: at, Owner: s.Owner, State: reconcile.OccurrenceDone}
	err := recovered(func() (err error) {
		d.Note, err = s.Do(ctx, j, at)
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		s.Log.Warn("job interrupted; the next process continues it", "job", j.Name, "due", at.In(j.Zone), "error", err)
		return
	case err != nil:
		d.State, d.Note = reconcile.OccurrenceFailed, err.Error()
		s.Log.Error("job failed", "job", j.Name, "due", at.In(j.Zone), "error", err)
	default:
		s.Log.Info("job done", "job", j.Name, "due", at.In(j.Zone), "result", d.Note)
	}
	s.finish(ctx, d)
}

// finish stores the end of a job. finish retries until it succeeds, because a claim without an end would stay forever.
// During shutdown, finish tries only once.
func (s *Scheduler) finish(ctx context.Context, d reconcile.Occurrence) {
	for {
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		err := s.Schedules.EndOccurrence(try, d)
		cancel()
		if err == nil {
			return
		}
		s.Log.Error("cannot store the end of a job", "job", d.Job, "due", d.At, "error", err)
		if errors.Is(err, reconcile.ErrRunLost) || !parallel.Pause(ctx, heartbeatEvery) {
			return
		}
	}
}

// heartbeat renews the claims of this process.
func (s *Scheduler) heartbeat(ctx context.Context) {
	for parallel.Pause(ctx, heartbeatEvery) {
		if err := s.Schedules.HeartbeatOccurrences(ctx, s.Owner); err != nil && ctx.Err() == nil {
			s.Log.Warn("cannot store the heartbeats of running jobs", "error", err)
		}
	}
}
