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

// office is a scheduler of a test: its jobs take a minute each, and are counted.
type office struct {
	*Scheduler
	calendar *calendar
	reload   chan struct{}
	mu       sync.Mutex
	inForce  []config.Job
	done     map[string]int
	doing    func(j config.Job) error // nil: nothing goes wrong
}

func newOffice(t *testing.T, c *calendar, jobs ...config.Job) *office {
	t.Helper()
	o := &office{calendar: c, reload: make(chan struct{}, 1), inForce: jobs, done: make(map[string]int)}
	o.Scheduler = &Scheduler{
		Schedules: c, Owner: reconcile.ThisProcess(), Log: slog.New(slog.DiscardHandler), Reloads: o.reload,
		Jobs: func() []config.Job { o.mu.Lock(); defer o.mu.Unlock(); return o.inForce },
		Do: func(ctx context.Context, j config.Job, at time.Time) (string, error) {
			if !parallel.Pause(ctx, time.Minute) {
				return "", ctx.Err()
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			o.done[reconcile.OccurrenceName(j.Name, at)]++
			if o.doing != nil {
				return "", o.doing(j)
			}
			return "", nil
		},
	}
	return o
}

// open keeps the office open for a while.
func (o *office) open(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := o.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
}

// change puts other jobs in force.
func (o *office) change(jobs ...config.Job) {
	o.mu.Lock()
	o.inForce = jobs
	o.mu.Unlock()
	o.reload <- struct{}{}
	synctest.Wait()
}

func jobOf(t *testing.T, name, cron, zoneName string) config.Job {
	t.Helper()
	c, err := config.NewCronSchedule(cron, zone(t, zoneName))
	must(t, err)
	return config.Job{JobEntry: config.JobEntry{Name: name, Cron: cron, Do: "reconcile"}, CronSchedule: c}
}

const day = 24 * time.Hour

// TestTurningYear keeps a schedule through a summer, with the clocks turned before and after it: one run on each day,
// each at its time.
func TestTurningYear(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out what takes seconds")
	}
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		berlin := zone(t, "Europe/Berlin")
		parallel.Pause(t.Context(), 70*day) // the bubble's clock begins with the year 2000; no need to wait for March
		o := newOffice(t, newCalendar(), jobOf(t, "nightly", "30 2 * * *", "Europe/Berlin"))
		began := time.Now().In(berlin)
		o.open(t, 240*day)
		days := map[string]int{}
		for _, d := range o.calendar.of("nightly") {
			if d.State == reconcile.OccurrenceDone {
				days[d.At.In(berlin).Format(time.DateOnly)] += o.done[reconcile.OccurrenceName("nightly", d.At)]
			}
		}
		for d := began.AddDate(0, 0, 1); d.Before(time.Now().AddDate(0, 0, -1)); d = d.AddDate(0, 0, 1) {
			if n := days[d.Format(time.DateOnly)]; n != 1 {
				t.Errorf("%d runs on %s", n, d.Format(time.DateOnly))
			}
		}
		if first, last := began.AddDate(0, 0, 1), time.Now().In(berlin); first.IsDST() || last.IsDST() || len(days) < 239 {
			t.Errorf("%d days, from %s to %s: the clocks are not turned twice", len(days), first, last)
		}
	})
}

// TestDowntime: of what was missed the last one is made up for, once, and the others are noted. What was due before a
// job was known is not made up for.
func TestDowntime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCalendar()
		nightly := jobOf(t, "nightly", "30 2 * * *", "UTC")
		newOffice(t, c, nightly).open(t, day) // 1 January
		parallel.Pause(t.Context(), 3*day+12*time.Hour)
		newOffice(t, c, nightly).open(t, time.Hour) // 5 January, at noon
		newOffice(t, c, nightly).open(t, time.Hour)
		if got, want := c.states("nightly"), "31 02:30 skipped, 01 02:30 done, 02 02:30 skipped, 03 02:30 skipped, 04 "+
			"02:30 skipped, 05 02:30 done"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	})
}

// TestClockAhead: a clock that was a month ahead for a moment costs no night after it was set right, and no night is
// done twice.
func TestClockAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCalendar()
		nightly := jobOf(t, "nightly", "30 2 * * *", "UTC")
		newOffice(t, c, nightly).open(t, day)
		ahead := time.Now().Add(30 * day).Truncate(day).Add(150 * time.Minute)
		owner := reconcile.Owner{Token: "ahead"}
		if claimed, err := c.ClaimOccurrence(t.Context(), "nightly", ahead, owner, neverExpired); err != nil || !claimed {
			t.Fatal(claimed, err)
		}
		must(t, c.EndOccurrence(t.Context(), reconcile.Occurrence{Job: "nightly", At: ahead, Owner: owner,
			State: reconcile.OccurrenceDone}))
		newOffice(t, c, nightly).open(t, 2*day)
		if got, want := c.states("nightly"),
			"31 02:30 skipped, 01 02:30 done, 02 02:30 done, 03 02:30 done, 01 02:30 done"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		// In a process that was there all the time, the next look was set by the wrong clock too.
		o := newOffice(t, c, nightly)
		o.applySettings()
		o.running = make(map[string]bool)
		o.scheduled[0].next = time.Now().Add(30 * day)
		ctx, stop := context.WithTimeout(t.Context(), day+5*time.Minute)
		defer stop()
		var work sync.WaitGroup
		parallel.Pause(ctx, day)
		must(t, o.pollJob(ctx, &work, o.scheduled[0]))
		work.Wait()
		if n := strings.Count(c.states("nightly"), "done"); n != 5 {
			t.Errorf("%s: the night after the clock was set back is missing", c.states("nightly"))
		}
	})
}

// TestOffices: three schedulers on one timetable carry each due time out once, and the last one alone carries on.
func TestOffices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCalendar()
		jobs := []config.Job{jobOf(t, "a", "*/5 * * * *", "UTC"), jobOf(t, "b", "*/7 * * * *", "UTC")}
		var all sync.WaitGroup
		offices := make([]*office, 3)
		for i := range offices {
			offices[i] = newOffice(t, c, jobs...)
			all.Go(func() { offices[i].open(t, time.Duration(i+1)*time.Hour+2*time.Minute) })
		}
		all.Wait()
		for _, j := range jobs {
			for _, due := range j.Between(time.Now().Add(-3*time.Hour-2*time.Minute), time.Now().Add(-2*time.Minute)) {
				n := 0
				for _, o := range offices {
					n += o.done[reconcile.OccurrenceName(j.Name, due)]
				}
				if n != 1 {
					t.Errorf("%d runs for %s", n, reconcile.OccurrenceName(j.Name, due))
				}
			}
		}
	})
}

// TestBrokenOff: what the end of a process broke off stays claimed, and the next one goes on with it; a living
// one's is left alone.
func TestBrokenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCalendar()
		nightly := jobOf(t, "nightly", "30 2 * * *", "UTC")
		first := newOffice(t, c, nightly)
		first.open(t, 2*time.Hour+30*time.Minute+10*time.Second)
		if got := c.states("nightly"); got != "31 02:30 skipped, 01 02:30 claimed" {
			t.Errorf("broken off, it stands as %s", got)
		}
		second := newOffice(t, c, nightly)
		second.open(t, time.Hour)
		if len(second.done) != 0 {
			t.Error("a living process's due time was taken over")
		}
		claimed := c.of("nightly")[1]
		claimed.Owner.Process = strings.TrimSuffix(claimed.Owner.Process, "/"+lastPart(claimed.Owner.Process)) + "/gone"
		c.put(claimed)
		second.open(t, time.Hour)
		if got := c.states("nightly"); got != "31 02:30 skipped, 01 02:30 done" || len(second.done) != 1 {
			t.Errorf("taken over, it stands as %s", got)
		}
	})
}

func lastPart(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// TestPanic: a job that panics or fails is noted as failed, and its schedule goes on.
func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, newCalendar(), jobOf(t, "sick", "0 */8 * * *", "UTC"), jobOf(t, "well", "0 */8 * * *", "UTC"))
		n := 0
		o.doing = func(j config.Job) error {
			if j.Name == "well" {
				return nil
			}
			if n++; n == 1 {
				panic("out of order")
			}
			return errors.New("no luck")
		}
		o.open(t, day-time.Hour)
		if got, want := o.calendar.states("sick"), "01 00:00 skipped, 01 08:00 failed, 01 16:00 failed"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		if got, want := o.calendar.states("well"), "01 00:00 skipped, 01 08:00 done, 01 16:00 done"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		if note := o.calendar.of("sick")[1].Note; note != "panic: out of order" {
			t.Errorf("noted as %q", note)
		}
	})
}

// TestDeafTimetable: where the database's answer to a claim is lost, or an end cannot be noted for a while, the due
// time is carried out all the same, and not left as claimed.
func TestDeafTimetable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failures := map[string]int{}
		c := newCalendar()
		c.fail = func(call string) error {
			if failures[call]++; failures[call]%3 != 0 {
				return errors.New("connection lost")
			}
			return nil
		}
		o := newOffice(t, c, jobOf(t, "nightly", "0 * * * *", "UTC"))
		o.open(t, 5*time.Hour+30*time.Minute)
		if got, want := c.states("nightly"), "01 00:00 skipped, 01 01:00 done, 01 02:00 done, 01 03:00 done, 01 04:00 "+
			"done, 01 05:00 done"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		for name, n := range o.done {
			if n != 1 {
				t.Errorf("%d runs for %s", n, name)
			}
		}
		if failures["claim"] < 2 || failures["end"] < 2 {
			t.Errorf("nothing failed: %v", failures)
		}
	})
}

// TestReload: other schedules hold from the reload on: nothing that was due before by the new ones is made up for,
// nothing that is due by the old ones is lost, and what stays as it is goes on.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stays, moves, goes := jobOf(t, "stays", "0 * * * *", "UTC"), jobOf(t, "moves", "0 6 * * *", "UTC"),
			jobOf(t, "goes", "30 * * * *", "UTC")
		o := newOffice(t, newCalendar(), stays, moves, goes)
		go func() {
			parallel.Pause(t.Context(), 3*time.Hour) // exactly when stays is due
			o.change(stays, jobOf(t, "moves", "0 2,4 * * *", "UTC"), jobOf(t, "comes", "0 1 * * *", "UTC"))
		}()
		o.open(t, 26*time.Hour+30*time.Minute)
		for name, want := range map[string]string{
			"moves": "31 06:00 skipped, 01 02:00 skipped, 01 04:00 done, 02 02:00 done",
			"goes":  "31 23:30 skipped, 01 00:30 done, 01 01:30 done, 01 02:30 done",
			"comes": "01 01:00 skipped, 02 01:00 done",
		} {
			if got := o.calendar.states(name); got != want {
				t.Errorf("%s: %s\nwant %s", name, got, want)
			}
		}
		if got := strings.Count(o.calendar.states("stays"), "done"); got != 26 {
			t.Errorf("stays: %s", o.calendar.states("stays"))
		}
	})
}

// TestReloadWhileDeaf: what fell due shortly before a reload is not lost with the old schedules, also where the
// database was away just then; and what stays as it is is not lost where it is away still.
func TestReloadWhileDeaf(t *testing.T) {
	for _, tt := range []struct {
		back        time.Duration // the database, after the due time; the reload comes 10 s after it
		stays, goes string
	}{
		{5 * time.Second, "done", "done"},
		{12 * time.Second, "done", "31 03:00 skipped"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newCalendar()
			began := time.Now()
			c.fail = func(string) error {
				if away := time.Since(began) - 3*time.Hour; away > -time.Minute && away < tt.back {
					return errors.New("connection lost")
				}
				return nil
			}
			stays := jobOf(t, "stays", "0 3 * * *", "UTC")
			o := newOffice(t, c, stays, jobOf(t, "goes", "0 3 * * *", "UTC"))
			go func() {
				parallel.Pause(t.Context(), 3*time.Hour+10*time.Second)
				o.change(stays)
			}()
			o.open(t, 4*time.Hour)
			for name, want := range map[string]string{"stays": tt.stays, "goes": tt.goes} {
				if got := c.states(name); !strings.HasSuffix(got, want) {
					t.Errorf("back after %s: %s: %s", tt.back, name, got)
				}
			}
		})
	}
}

// TestForgottenJob: a due time that broke off and whose job has left the settings is said to have failed, but not
// before other processes had a chance to know the job.
func TestForgottenJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCalendar()
		at := time.Now()
		o := newOffice(t, c)
		c.put(reconcile.Occurrence{Job: "gone", At: at, State: reconcile.OccurrenceClaimed, Owner: o.Owner})
		o.open(t, 59*time.Minute)
		if got := c.states("gone"); got != "01 00:00 claimed" {
			t.Error(got)
		}
		o.open(t, 2*time.Minute)
		if got := c.states("gone"); got != "01 00:00 failed" {
			t.Error(got)
		}
	})
}
