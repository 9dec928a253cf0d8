// Package scheduler executes each due time of each job once, by however many processes.
//
// Fill a Scheduler and call Run. The row of a due time in the database decides which process executes it.
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

// The pace of keeping schedules.
const (
	// without a trigger: after a suspend or a change of the clock, and for what others left
	pollEvery      = 15 * time.Second
	heartbeatEvery = 5 * time.Second // between two heartbeats
	clockTolerance = time.Second     // by which a clock may be behind the trigger
	maxSkipped     = 100             // due times that were missed and are noted one by one
)

// Scheduler executes jobs. The triggers of gocron only say when to poll. What is due comes from the jobs' cron
// schedules and from the rows of due times, so a trigger that is lost or late loses no due time.
type Scheduler struct {
	Schedules reconcile.ScheduleStore
	Owner     reconcile.Owner
	Log       *slog.Logger
	Jobs      func() []config.Job // those of the settings in force
	Reloads   <-chan struct{}     // told that there may be others
	Do        func(ctx context.Context, j config.Job, at time.Time) (string, error)

	scheduled []*scheduledJob
	mu        sync.Mutex
	running   map[string]bool // the due times that are worked on here, by OccurrenceName
}

// scheduledJob is a job as the scheduler knows it.
type scheduledJob struct {
	config.Job
	since time.Time // in force since
	isNew bool      // it came with a reload: what was due before is not
	next  time.Time // what was due before is seen to
}

// Run works until the context ends, and then waits for what is under way to stop. What it leaves
// unfinished stays claimed, for whichever process is there next.
func (k *Scheduler) Run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	k.running = make(map[string]bool)
	for ctx.Err() == nil {
		k.applySettings()
		if err := k.watch(ctx, &work); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// applySettings puts the settings' jobs in force.
func (k *Scheduler) applySettings() {
	now, before := time.Now(), k.scheduled
	k.scheduled = []*scheduledJob{} // not nil: the next settings are not the first
	for _, j := range k.Jobs() {
		p := &scheduledJob{Job: j, since: now, isNew: before != nil}
		for _, old := range before {
			if old.Name == j.Name && old.Cron == j.Cron && old.Zone.String() == j.Zone.String() {
				p.since, p.isNew, p.next = old.since, old.isNew, old.next
			}
		}
		k.scheduled = append(k.scheduled, p)
		k.Log.Info("schedule in force", "job", j.Name, "do", j.Do, "cron", j.Cron, "zone", j.Zone.String(), "next",
			j.Next(now).In(j.Zone))
	}
}

// watch polls at every trigger, and now and then, until the context ends or other jobs are to be enforced.
func (k *Scheduler) watch(ctx context.Context, work *sync.WaitGroup) error {
	rung := make(chan struct{}, 1)
	silence, err := k.triggers(func() {
		select {
		case rung <- struct{}{}:
		default: // it is to be looked already
		}
	})
	if err != nil {
		return err
	}
	defer silence()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		k.poll(ctx, work)
		select {
		case <-ctx.Done():
			return nil
		case <-k.Reloads:
			k.poll(ctx, work) // by the old schedules, up to this moment
			return nil
		case <-rung:
		case <-tick.C:
		}
	}
}

// triggers has gocron call ring at every due time of every job. gocron reckons in UTC, where no clock is turned: the
// cron schedule knows the zone.
func (k *Scheduler) triggers(ring func()) (silence func(), err error) {
	s, err := gocron.NewScheduler(gocron.WithLocation(time.UTC))
	if err != nil {
		return nil, fmt.Errorf("schedules: %w", err)
	}
	silence = func() {
		if err := s.Shutdown(); err != nil {
			k.Log.Warn("schedules ended badly", "error", err)
		}
	}
	for _, p := range k.scheduled {
		_, err := s.NewJob(gocron.CronJob(p.Cron, false), gocron.NewTask(ring), gocron.WithName(p.Name),
			gocron.WithCronImplementation(p.CronSchedule))
		if err != nil {
			silence()
			return nil, fmt.Errorf("schedule of %q: %w", p.Name, err)
		}
	}
	s.Start()
	return silence, nil
}

func (k *Scheduler) isRunning(name string, at time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.running[reconcile.OccurrenceName(name, at)]
}

// start carries a due time out that is this process's, in the background. A job takes as long as it takes, and others
// begin meanwhile.
func (k *Scheduler) start(ctx context.Context, work *sync.WaitGroup, j config.Job, at time.Time) {
	name := reconcile.OccurrenceName(j.Name, at)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.running[name] {
		return
	}
	k.running[name] = true
	beating, stop := context.WithCancel(ctx)
	work.Go(func() { k.heartbeat(beating) })
	work.Go(func() {
		defer stop()
		k.execute(ctx, j, at)
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.running, name)
	})
}

// execute does a job, and notes what became of it. What the end of this process broke off stays claimed.
func (k *Scheduler) execute(ctx context.Context, j config.Job, at time.Time) {
	k.Log.Info("job begins", "job", j.Name, "due", at.In(j.Zone), "late", max(0, time.Since(at)).Round(time.Millisecond))
	d := reconcile.Occurrence{Job: j.Name, At: at, Owner: k.Owner, State: reconcile.OccurrenceDone}
	err := recovered(func() (err error) {
		d.Note, err = k.Do(ctx, j, at)
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		k.Log.Warn("job broken off; the next process goes on with it", "job", j.Name, "due", at.In(j.Zone), "error", err)
		return
	case err != nil:
		d.State, d.Note = reconcile.OccurrenceFailed, err.Error()
		k.Log.Error("job failed", "job", j.Name, "due", at.In(j.Zone), "error", err)
	default:
		k.Log.Info("job done", "job", j.Name, "due", at.In(j.Zone), "result", d.Note)
	}
	k.finish(ctx, d)
}

// finish notes an end, and tries until it is noted: a claim that no process ends would stand for ever. A stop of the
// process leaves time for one try.
func (k *Scheduler) finish(ctx context.Context, d reconcile.Occurrence) {
	for {
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		err := k.Schedules.EndOccurrence(try, d)
		cancel()
		if err == nil {
			return
		}
		k.Log.Error("the end of a job is not noted", "job", d.Job, "due", d.At, "error", err)
		if errors.Is(err, reconcile.ErrRunLost) || !parallel.Pause(ctx, heartbeatEvery) {
			return
		}
	}
}

// heartbeat gives heartbeats for all that is worked on.
func (k *Scheduler) heartbeat(ctx context.Context) {
	for parallel.Pause(ctx, heartbeatEvery) {
		if err := k.Schedules.HeartbeatOccurrences(ctx, k.Owner); err != nil && ctx.Err() == nil {
			k.Log.Warn("no sign of life given for due times", "error", err)
		}
	}
}
