package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
)

// The pace of keeping schedules.
const (
	lookEvery = 15 * time.Second // where no bell rang: after a suspend or a change of the clock, and for what others left
	beatEvery = 5 * time.Second  // between two signs of life
	early     = time.Second      // by which a clock may be behind the bell
	mostNotes = 100              // due times that were missed and are noted one by one
)

// timekeeper sees to it that each due time of each job is carried out once, by however many processes: the row of the
// due time in the timetable decides which one. The bells of gocron only say when to look; what is due is
// read from the cadence and the timetable, so that nothing is lost where a bell is, or comes late.
type timekeeper struct {
	timetable reconcile.Timetable
	owner     reconcile.Owner
	log       *slog.Logger
	jobs      func() []config.Job // those of the settings in force
	reloads   <-chan struct{}     // told that there may be others
	do        func(ctx context.Context, j config.Job, at time.Time) (string, error)

	posts   []*post
	mu      sync.Mutex
	working map[string]bool // the due times that are worked on here, by DueName
}

// post is a job as the timekeeper knows it.
type post struct {
	config.Job
	since time.Time // in force since
	fresh bool      // it came with a reload: what was due before is not
	next  time.Time // what was due before is seen to
}

// keep works until the context ends, and then waits for what is under way to stop. What it leaves
// unfinished stays claimed, for whichever process is there next.
func (k *timekeeper) keep(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	k.working = make(map[string]bool)
	for ctx.Err() == nil {
		k.enforce()
		if err := k.watch(ctx, &work); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// enforce puts the settings' jobs in force.
func (k *timekeeper) enforce() {
	now, before := time.Now(), k.posts
	k.posts = []*post{} // not nil: the next settings are not the first
	for _, j := range k.jobs() {
		p := &post{Job: j, since: now, fresh: before != nil}
		for _, old := range before {
			if old.Name == j.Name && old.Cron == j.Cron && old.Zone.String() == j.Zone.String() {
				p.since, p.fresh, p.next = old.since, old.fresh, old.next
			}
		}
		k.posts = append(k.posts, p)
		k.log.Info("schedule in force", "job", j.Name, "do", j.Do, "cron", j.Cron, "zone", j.Zone.String(), "next", j.Next(now).In(j.Zone))
	}
}

// watch looks whenever a bell rings, and now and then, until the context ends or other jobs are to be enforced.
func (k *timekeeper) watch(ctx context.Context, work *sync.WaitGroup) error {
	rung := make(chan struct{}, 1)
	silence, err := k.bells(func() {
		select {
		case rung <- struct{}{}:
		default: // it is to be looked already
		}
	})
	if err != nil {
		return err
	}
	defer silence()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		k.look(ctx, work)
		select {
		case <-ctx.Done():
			return nil
		case <-k.reloads:
			k.look(ctx, work) // by the old schedules, up to this moment
			return nil
		case <-rung:
		case <-tick.C:
		}
	}
}

// bells has gocron ring at every due time of every job. Its own reckoning is in UTC, where no clock is turned: the cadence
// knows of the zone.
func (k *timekeeper) bells(ring func()) (silence func(), err error) {
	s, err := gocron.NewScheduler(gocron.WithLocation(time.UTC))
	if err != nil {
		return nil, fmt.Errorf("schedules: %w", err)
	}
	silence = func() {
		if err := s.Shutdown(); err != nil {
			k.log.Warn("schedules ended badly", "error", err)
		}
	}
	for _, p := range k.posts {
		_, err := s.NewJob(gocron.CronJob(p.Cron, false), gocron.NewTask(ring), gocron.WithName(p.Name), gocron.WithCronImplementation(p.CronSchedule))
		if err != nil {
			silence()
			return nil, fmt.Errorf("schedule of %q: %w", p.Name, err)
		}
	}
	s.Start()
	return silence, nil
}

func (k *timekeeper) worksOn(name string, at time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.working[reconcile.DueName(name, at)]
}

// begin carries a due time out that is this process's, in the background. A job takes as long as it takes, and others
// begin meanwhile.
func (k *timekeeper) begin(ctx context.Context, work *sync.WaitGroup, j config.Job, at time.Time) {
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
func (k *timekeeper) carryOut(ctx context.Context, j config.Job, at time.Time) {
	k.log.Info("job begins", "job", j.Name, "due", at.In(j.Zone), "late", max(0, time.Since(at)).Round(time.Millisecond))
	d := reconcile.Due{Job: j.Name, At: at, Owner: k.owner, State: reconcile.DueDone}
	err := caught(func() (err error) {
		d.Note, err = k.do(ctx, j, at)
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		k.log.Warn("job broken off; the next process goes on with it", "job", j.Name, "due", at.In(j.Zone), "error", err)
		return
	case err != nil:
		d.State, d.Note = reconcile.DueFailed, err.Error()
		k.log.Error("job failed", "job", j.Name, "due", at.In(j.Zone), "error", err)
	default:
		k.log.Info("job done", "job", j.Name, "due", at.In(j.Zone), "result", d.Note)
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
