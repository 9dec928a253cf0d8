package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/reconcile"
)

// testScheduler is a Scheduler whose jobs take a minute each. testScheduler counts the executed jobs.
type testScheduler struct {
	*Scheduler
	store   *memoryStore
	reload  chan struct{}
	mu      sync.Mutex
	inForce []config.Job
	done    map[string]int
	fail    func(j config.Job) error // the error that each job returns; nil means that all jobs succeed
}

func newTestScheduler(t *testing.T, c *memoryStore, jobs ...config.Job) *testScheduler {
	t.Helper()
	s := &testScheduler{store: c, reload: make(chan struct{}, 1), inForce: jobs, done: make(map[string]int)}
	s.Scheduler = &Scheduler{
		Schedules: c, Owner: reconcile.ThisProcess(), Log: slog.New(slog.DiscardHandler), Reloads: s.reload,
		Jobs: func() []config.Job { s.mu.Lock(); defer s.mu.Unlock(); return s.inForce },
		Do: func(ctx context.Context, j config.Job, at time.Time) (string, error) {
			if !parallel.Pause(ctx, time.Minute) {
				return "", ctx.Err()
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.done[reconcile.OccurrenceName(j.Name, at)]++
			if s.fail != nil {
				return "", s.fail(j)
			}
			return "", nil
		},
	}
	return s
}

// runFor runs the scheduler for a while.
func (s *testScheduler) runFor(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := s.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
}

// change replaces the jobs and triggers a reload.
func (s *testScheduler) change(jobs ...config.Job) {
	s.mu.Lock()
	s.inForce = jobs
	s.mu.Unlock()
	s.reload <- struct{}{}
	synctest.Wait()
}

func jobOf(t *testing.T, name, cron, zoneName string) config.Job {
	t.Helper()
	c, err := config.NewCronSchedule(cron, zone(t, zoneName))
	must(t, err)
	return config.Job{JobEntry: config.JobEntry{Name: name, Cron: cron, Do: "reconcile"}, CronSchedule: c}
}

const day = 24 * time.Hour

// TestClockChanges runs a schedule from before the start of daylight saving time until after its end. Each day must
// have exactly one run.
func TestClockChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out what takes seconds")
	}
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		berlin := zone(t, "Europe/Berlin")
		parallel.Pause(t.Context(), 70*day) // synctest's clock begins on 1 January 2000
		s := newTestScheduler(t, newMemoryStore(), jobOf(t, "nightly", "30 2 * * *", "Europe/Berlin"))
		began := time.Now().In(berlin)
		s.runFor(t, 240*day)
		days := map[string]int{}
		for _, d := range s.store.of("nightly") {
			if d.State == reconcile.OccurrenceDone {
				days[d.At.In(berlin).Format(time.DateOnly)] += s.done[reconcile.OccurrenceName("nightly", d.At)]
			}
		}
		for d := began.AddDate(0, 0, 1); d.Before(time.Now().AddDate(0, 0, -1)); d = d.AddDate(0, 0, 1) {
			if n := days[d.Format(time.DateOnly)]; n != 1 {
				t.Errorf("%d runs on %s", n, d.Format(time.DateOnly))
			}
		}
		if first, last := began.AddDate(0, 0, 1), time.Now().In(berlin); first.IsDST() || last.IsDST() || len(days) < 239 {
			t.Errorf("%d days, from %s to %s: want two clock changes", len(days), first, last)
		}
	})
}

// TestDowntime checks that after a downtime a job is executed once for its last missed scheduled time, and that the
// other missed times are stored as skipped. Scheduled times before the job was added are not executed.
func TestDowntime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMemoryStore()
		nightly := jobOf(t, "nightly", "30 2 * * *", "UTC")
		newTestScheduler(t, c, nightly).runFor(t, day) // 1 January
		parallel.Pause(t.Context(), 3*day+12*time.Hour)
		newTestScheduler(t, c, nightly).runFor(t, time.Hour) // 5 January, at noon
		newTestScheduler(t, c, nightly).runFor(t, time.Hour)
		if got, want := c.states("nightly"), "31 02:30 skipped, 01 02:30 done, 02 02:30 skipped, 03 02:30 skipped, 04 "+
			"02:30 skipped, 05 02:30 done"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	})
}

// TestClockAhead checks that a clock that was a month ahead for a moment causes no missed and no repeated scheduled
// time after its correction.
func TestClockAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMemoryStore()
		nightly := jobOf(t, "nightly", "30 2 * * *", "UTC")
		newTestScheduler(t, c, nightly).runFor(t, day)
		ahead := time.Now().Add(30 * day).Truncate(day).Add(150 * time.Minute)
		owner := reconcile.Owner{Token: "ahead"}
		if claimed, err := c.ClaimOccurrence(t.Context(), "nightly", ahead, owner, neverExpired); err != nil || !claimed {
			t.Fatal(claimed, err)
		}
		must(t, c.EndOccurrence(t.Context(), reconcile.Occurrence{Job: "nightly", At: ahead, Owner: owner,
			State: reconcile.OccurrenceDone}))
		newTestScheduler(t, c, nightly).runFor(t, 2*day)
		if got, want := c.states("nightly"),
			"31 02:30 skipped, 01 02:30 done, 02 02:30 done, 03 02:30 done, 01 02:30 done"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		// A process that was running during the clock error has computed the time of its next poll from the wrong clock.
		s := newTestScheduler(t, c, nightly)
		s.applySettings()
		s.running = make(map[string]bool)
		s.scheduled[0].next = time.Now().Add(30 * day)
		ctx, stop := context.WithTimeout(t.Context(), day+5*time.Minute)
		defer stop()
		var work sync.WaitGroup
		parallel.Pause(ctx, day)
		must(t, s.pollJob(ctx, &work, s.scheduled[0]))
		work.Wait()
		if n := strings.Count(c.states("nightly"), "done"); n != 5 {
			t.Errorf("%s: the scheduled time after the correction of the clock is missing", c.states("nightly"))
		}
	})
}

// TestManySchedulers checks that three schedulers with one store execute a job once for each scheduled time, and that
// the last scheduler continues alone.
func TestManySchedulers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMemoryStore()
		jobs := []config.Job{jobOf(t, "a", "*/5 * * * *", "UTC"), jobOf(t, "b", "*/7 * * * *", "UTC")}
		var all sync.WaitGroup
		schedulers := make([]*testScheduler, 3)
		for i := range schedulers {
			schedulers[i] = newTestScheduler(t, c, jobs...)
			all.Go(func() { schedulers[i].runFor(t, time.Duration(i+1)*time.Hour+2*time.Minute) })
		}
		all.Wait()
		for _, j := range jobs {
			for _, at := range j.Between(time.Now().Add(-3*time.Hour-2*time.Minute), time.Now().Add(-2*time.Minute)) {
				n := 0
				for _, s := range schedulers {
					n += s.done[reconcile.OccurrenceName(j.Name, at)]
				}
				if n != 1 {
					t.Errorf("%d runs for %s", n, reconcile.OccurrenceName(j.Name, at))
				}
			}
		}
	})
}

// TestInterrupted checks that a job stays claimed when its process ends, and that another process executes the job only
// after the owner has ended.
func TestInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMemoryStore()
		nightly := jobOf(t, "nightly", "30 2 * * *", "UTC")
		first := newTestScheduler(t, c, nightly)
		first.runFor(t, 2*time.Hour+30*time.Minute+10*time.Second)
		if got := c.states("nightly"); got != "31 02:30 skipped, 01 02:30 claimed" {
			t.Errorf("after the interruption: %s", got)
		}
		second := newTestScheduler(t, c, nightly)
		second.runFor(t, time.Hour)
		if len(second.done) != 0 {
			t.Error("the job of a running process was taken over")
		}
		claimed := c.of("nightly")[1]
		claimed.Owner.Process = strings.TrimSuffix(claimed.Owner.Process, "/"+lastPart(claimed.Owner.Process)) + "/gone"
		c.put(claimed)
		second.runFor(t, time.Hour)
		if got := c.states("nightly"); got != "31 02:30 skipped, 01 02:30 done" || len(second.done) != 1 {
			t.Errorf("after the takeover: %s", got)
		}
	})
}

func lastPart(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// TestPanic checks that a job that panics or fails is stored as failed, and that its schedule continues.
func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestScheduler(t, newMemoryStore(), jobOf(t, "failing", "0 */8 * * *", "UTC"),
			jobOf(t, "working", "0 */8 * * *", "UTC"))
		n := 0
		s.fail = func(j config.Job) error {
			if j.Name == "working" {
				return nil
			}
			if n++; n == 1 {
				panic("out of order")
			}
			return errors.New("failed")
		}
		s.runFor(t, day-time.Hour)
		if got, want := s.store.states("failing"), "01 00:00 skipped, 01 08:00 failed, 01 16:00 failed"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		if got, want := s.store.states("working"), "01 00:00 skipped, 01 08:00 done, 01 16:00 done"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		if note := s.store.of("failing")[1].Note; note != "panic: out of order" {
			t.Errorf("the note is %q", note)
		}
	})
}

// TestStoreErrors checks that a job is executed and its end is stored, even if the database's answer to the claim is
// lost, or the end cannot be stored for a while.
func TestStoreErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failures := map[string]int{}
		c := newMemoryStore()
		c.fail = func(call string) error {
			if failures[call]++; failures[call]%3 != 0 {
				return errors.New("connection lost")
			}
			return nil
		}
		s := newTestScheduler(t, c, jobOf(t, "nightly", "0 * * * *", "UTC"))
		s.runFor(t, 5*time.Hour+30*time.Minute)
		if got, want := c.states("nightly"), "01 00:00 skipped, 01 01:00 done, 01 02:00 done, 01 03:00 done, 01 04:00 "+
			"done, 01 05:00 done"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		for name, n := range s.done {
			if n != 1 {
				t.Errorf("%d runs for %s", n, name)
			}
		}
		if failures["claim"] < 2 || failures["end"] < 2 {
			t.Errorf("nothing failed: %v", failures)
		}
	})
}

// TestReload checks that changed schedules apply from the time of the reload. Earlier times of the new schedules are
// not executed, earlier times of the old schedules are not lost, and unchanged schedules continue.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept, changed, removed := jobOf(t, "kept", "0 * * * *", "UTC"), jobOf(t, "changed", "0 6 * * *", "UTC"),
			jobOf(t, "removed", "30 * * * *", "UTC")
		s := newTestScheduler(t, newMemoryStore(), kept, changed, removed)
		go func() {
			parallel.Pause(t.Context(), 3*time.Hour) // exactly at a scheduled time of the job kept
			s.change(kept, jobOf(t, "changed", "0 2,4 * * *", "UTC"), jobOf(t, "added", "0 1 * * *", "UTC"))
		}()
		s.runFor(t, 26*time.Hour+30*time.Minute)
		for name, want := range map[string]string{
			"changed": "31 06:00 skipped, 01 02:00 skipped, 01 04:00 done, 02 02:00 done",
			"removed": "31 23:30 skipped, 01 00:30 done, 01 01:30 done, 01 02:30 done",
			"added":   "01 01:00 skipped, 02 01:00 done",
		} {
			if got := s.store.states(name); got != want {
				t.Errorf("%s: %s\nwant %s", name, got, want)
			}
		}
		if got := strings.Count(s.store.states("kept"), "done"); got != 26 {
			t.Errorf("kept: %s", s.store.states("kept"))
		}
	})
}

// TestReloadDuringOutage checks that a scheduled time shortly before a reload is not lost if the database was
// unavailable at that time. If the outage lasts until after the reload, unchanged schedules still lose no scheduled
// time.
func TestReloadDuringOutage(t *testing.T) {
	for _, tt := range []struct {
		outage        time.Duration // starts at the scheduled time; the reload is 10 s after the scheduled time
		kept, removed string
	}{
		{5 * time.Second, "done", "done"},
		{12 * time.Second, "done", "31 03:00 skipped"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newMemoryStore()
			began := time.Now()
			c.fail = func(string) error {
				if away := time.Since(began) - 3*time.Hour; away > -time.Minute && away < tt.outage {
					return errors.New("connection lost")
				}
				return nil
			}
			kept := jobOf(t, "kept", "0 3 * * *", "UTC")
			s := newTestScheduler(t, c, kept, jobOf(t, "removed", "0 3 * * *", "UTC"))
			go func() {
				parallel.Pause(t.Context(), 3*time.Hour+10*time.Second)
				s.change(kept)
			}()
			s.runFor(t, 4*time.Hour)
			for name, want := range map[string]string{"kept": tt.kept, "removed": tt.removed} {
				if got := c.states(name); !strings.HasSuffix(got, want) {
					t.Errorf("outage of %s: %s: %s", tt.outage, name, got)
				}
			}
		})
	}
}

// TestRemovedJob checks that an interrupted job that is no longer in the settings is stored as failed after an hour.
// Until then, another process may have the job in its settings.
func TestRemovedJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMemoryStore()
		at := time.Now()
		s := newTestScheduler(t, c)
		c.put(reconcile.Occurrence{Job: "gone", At: at, State: reconcile.OccurrenceClaimed, Owner: s.Owner})
		s.runFor(t, 59*time.Minute)
		if got := c.states("gone"); got != "01 00:00 claimed" {
			t.Error(got)
		}
		s.runFor(t, 2*time.Minute)
		if got := c.states("gone"); got != "01 00:00 failed" {
			t.Error(got)
		}
	})
}
