// Package scheduler executes each scheduled time of each job exactly once, in any number of processes.
//
// Fill a Scheduler and call Run. The row of a scheduled time in the database decides which process executes it.
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

// How often the scheduler works.
const (
	// without a trigger: after a suspend or a change of the clock, and for what others left
	pollEvery      = 15 * time.Second
	heartbeatEvery = 5 * time.Second // between heartbeats
	clockTolerance = time.Second     // by which the clock may be behind the trigger
	maxSkipped     = 100             // missed times that are recorded one by one
)

// Scheduler executes jobs. The triggers of gocron only say when to poll. What is due follows from the cron schedules
// and from the rows of scheduled times, so a lost or late trigger loses no scheduled time.
type Scheduler struct {
	Schedules reconcile.ScheduleStore
	Owner     reconcile.Owner
	Log       *slog.Logger
	Jobs      func() []config.Job // the jobs of the settings in force
	Reloads   <-chan struct{}     // receives when the jobs may have changed
	Do        func(ctx context.Context, j config.Job, at time.Time) (string, error)

	scheduled []*scheduledJob
	mu        sync.Mutex
	running   map[string]bool // the due times that are worked on here, by OccurrenceName
}

// scheduledJob is a job and how far it has been polled.
type scheduledJob struct {
	config.Job
	since time.Time // when it came into force
	isNew bool      // it came with a reload: earlier scheduled times do not count
	next  time.Time // everything scheduled before it is done
}

// Run works until the context ends, then waits for the work in progress to stop. Unfinished jobs stay claimed, and the
// next process takes them over.
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

// applySettings takes over the jobs of the settings in force.
func (k *Scheduler) applySettings() {
	now, before := time.Now(), k.scheduled
	k.scheduled = []*scheduledJob{} // not nil: the next settings are a reload
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

// watch polls at every trigger and at regular intervals, until the context ends or the jobs change.
func (k *Scheduler) watch(ctx context.Context, work *sync.WaitGroup) error {
	notified := make(chan struct{}, 1)
	stopTriggers, err := k.triggers(func() {
		select {
		case notified <- struct{}{}:
		default: // a poll is pending
		}
	})
	if err != nil {
		return err
	}
	defer stopTriggers()
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
		case <-notified:
		case <-tick.C:
		}
	}
}

// triggers makes gocron call notify at every scheduled time of every job. gocron uses UTC, which has no clock changes;
// the cron schedule knows the zone.
func (k *Scheduler) triggers(notify func()) (stopTriggers func(), err error) {
	s, err := gocron.NewScheduler(gocron.WithLocation(time.UTC))
	if err != nil {
		return nil, fmt.Errorf("schedules: %w", err)
	}
	stopTriggers = func() {
		if err := s.Shutdown(); err != nil {
			k.Log.Warn("cannot stop the triggers cleanly", "error", err)
		}
	}
	for _, p := range k.scheduled {
		_, err := s.NewJob(gocron.CronJob(p.Cron, false), gocron.NewTask(notify), gocron.WithName(p.Name),
			gocron.WithCronImplementation(p.CronSchedule))
		if err != nil {
			stopTriggers()
			return nil, fmt.Errorf("schedule of %q: %w", p.Name, err)
		}
	}
	s.Start()
	return stopTriggers, nil
}

func (k *Scheduler) isRunning(name string, at time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.running[reconcile.OccurrenceName(name, at)]
}

// start executes a claimed scheduled time in the background.
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

// execute does a job and stores the result. If this process stops, the job stays claimed.
func (k *Scheduler) execute(ctx context.Context, j config.Job, at time.Time) {
	k.Log.Info("job begins", "job", j.Name, "due", at.In(j.Zone), "late", max(0, time.Since(at)).Round(time.Millisecond))
	d := reconcile.Occurrence{Job: j.Name, At: at, Owner: k.Owner, State: reconcile.OccurrenceDone}
	err := recovered(func() (err error) {
		d.Note, err = k.Do(ctx, j, at)
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		k.Log.Warn("job interrupted; the next process continues it", "job", j.Name, "due", at.In(j.Zone), "error", err)
		return
	case err != nil:
		d.State, d.Note = reconcile.OccurrenceFailed, err.Error()
		k.Log.Error("job failed", "job", j.Name, "due", at.In(j.Zone), "error", err)
	default:
		k.Log.Info("job done", "job", j.Name, "due", at.In(j.Zone), "result", d.Note)
	}
	k.finish(ctx, d)
}

// finish stores the end of a job, and retries until it succeeds: a claim without an end would stay for ever. During
// shutdown it tries once.
func (k *Scheduler) finish(ctx context.Context, d reconcile.Occurrence) {
	for {
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		err := k.Schedules.EndOccurrence(try, d)
		cancel()
		if err == nil {
			return
		}
		k.Log.Error("cannot store the end of a job", "job", d.Job, "due", d.At, "error", err)
		if errors.Is(err, reconcile.ErrRunLost) || !parallel.Pause(ctx, heartbeatEvery) {
			return
		}
	}
}

// heartbeat renews the claims of this process.
func (k *Scheduler) heartbeat(ctx context.Context) {
	for parallel.Pause(ctx, heartbeatEvery) {
		if err := k.Schedules.HeartbeatOccurrences(ctx, k.Owner); err != nil && ctx.Err() == nil {
			k.Log.Warn("cannot store heartbeats of scheduled times", "error", err)
		}
	}
}
