package run

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// playOutage simulates workers that query n payins through a breaker, one second each, while the gateway is down for
// some time. The results are the numbers of answered payins, of payins without an answer at the end, and of requests.
func playOutage(
	t *testing.T, limits reconcile.BreakerLimits, n int, down func(time.Duration) bool,
) (answered, givenUp, asked int64) {
	t.Helper()
	var a, g, q atomic.Int64
	b := newBreaker(limits, nil, slog.New(slog.DiscardHandler))
	began := time.Now()
	payins := make(chan int, n)
	for i := range n {
		payins <- i
	}
	close(payins)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for range payins {
				for {
					permit := b.acquire(context.Background())
					if permit == nil {
						g.Add(1)
						break
					}
					q.Add(1)
					time.Sleep(time.Second)
					ok := !down(time.Since(began))
					if !b.report(permit, ok) {
						if ok {
							a.Add(1)
						}
						break
					}
				}
			}
		})
	}
	workers.Wait()
	return a.Load(), g.Load(), q.Load()
}

var testOutage = reconcile.BreakerLimits{Share: 0.5, Sample: 20, Pause: 30 * time.Second, MaxWait: 30 * time.Minute}

// TestOutageThatEnds checks that a run waits during an outage of ten minutes, and then queries the unanswered payins
// again.
func TestOutageThatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answered, givenUp, asked := playOutage(t, testOutage, 1000, func(at time.Duration) bool {
			return at > time.Minute && at < 11*time.Minute
		})
		// Before the breaker opens, at most half of the results in the ring buffer are unreachable payins.
		if answered < 1000-20-8 || givenUp != 0 {
			t.Errorf("%d answered, %d given up", answered, givenUp)
		}
		if asked > 1000+20+8+25 {
			t.Errorf("asked %d times: the breaker did not open", asked)
		}
	})
}

// TestOutageThatDoesNotEnd checks that the run stops querying after MaxWait, and sends few requests before that.
func TestOutageThatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		answered, givenUp, asked := playOutage(t, testOutage, 10000, func(at time.Duration) bool { return true })
		if answered != 0 || givenUp < 10000-40 || asked > 40+8+60 {
			t.Errorf("%d answered, %d given up, asked %d times", answered, givenUp, asked)
		}
		if took := time.Since(began); took > 35*time.Minute || took < 29*time.Minute {
			t.Errorf("gave up after %s", took)
		}
	})
}

// TestNoOutage checks that a few payins without an answer do not open the breaker.
func TestNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		answered, givenUp, asked := playOutage(t, testOutage, 1000, func(time.Duration) bool { return n.Add(1)%3 == 0 })
		if asked != 1000 || givenUp != 0 || answered != 667 {
			t.Errorf("%d answered, %d given up, asked %d times", answered, givenUp, asked)
		}
	})
}

// TestOutageStops checks that a run that waits for HighHelp ends after a stop signal.
func TestOutageStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := reconcile.BreakerLimits{Share: 0.5, Sample: 1, Pause: time.Hour, MaxWait: 24 * time.Hour}
		b := newBreaker(limits, nil, slog.New(slog.DiscardHandler))
		if !b.report(b.acquire(t.Context()), false) {
			t.Fatal("the breaker did not open")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if b.acquire(ctx) != nil {
			t.Error("a payin passed")
		}
		if ctx.Err() == nil {
			t.Error("gave up before the stop")
		}
	})
}

// TestProbeUnderWay checks that the run waits for the result of a probe that takes longer than MaxWait.
func TestProbeUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := reconcile.BreakerLimits{Share: 0.5, Sample: 2, Pause: 10 * time.Second, MaxWait: 25 * time.Second}
		b := newBreaker(limits, nil, slog.New(slog.DiscardHandler))
		for range 2 {
			b.report(b.acquire(t.Context()), false)
		}
		probe := b.acquire(t.Context())
		var others sync.WaitGroup
		for range 5 {
			others.Go(func() {
				if p := b.acquire(t.Context()); p == nil || b.report(p, true) {
					t.Error("a payin is not asked about though HighHelp answers again")
				}
			})
		}
		time.Sleep(40 * time.Second)
		b.report(probe, true)
		others.Wait()
	})
}

// gone is a gateway that is unavailable for some time after it starts. Each request takes five seconds.
type gone struct {
	began time.Time
	until time.Duration
	asked atomic.Int64
}

func (g *gone) PayinInfo(ctx context.Context, paymentID string) (*highhelp.PayinInfo, error) {
	g.asked.Add(1)
	if time.Since(g.began) >= g.until {
		return always("success").PayinInfo(ctx, paymentID)
	}
	time.Sleep(5 * time.Second)
	return nil, &highhelp.Error{Kind: highhelp.ErrUnreachable}
}

// sideBySide runs several projects concurrently, in several waves, and returns the duration of each run.
func sideBySide(t *testing.T, o *Outage, waves ...[]Gateway) (took []time.Duration, answered []int) {
	t.Helper()
	for _, wave := range waves {
		first := len(took)
		took, answered = append(took, make([]time.Duration, len(wave))...), append(answered, make([]int, len(wave))...)
		var all sync.WaitGroup
		for i, g := range wave {
			all.Go(func() {
				m, began := newMemory(t, 500), time.Now()
				r := runner(m, g)
				r.Project.Outage, r.Outage = testOutage, o
				if _, err := r.Run(t.Context(), reconcile.Request{}); err != nil {
					t.Error(err)
				}
				took[first+i] = time.Since(began)
				for _, f := range m.verdicts {
					if f.Outcome == reconcile.Confirmed {
						answered[first+i]++
					}
				}
			})
		}
		all.Wait()
	}
	return took, answered
}

// TestOutageIsShared checks that the waiting times of several projects do not add up.
func TestOutageIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gone{began: time.Now(), until: 24 * time.Hour}
		o := new(Outage)
		took, answered := sideBySide(t, o, []Gateway{g, g, g}, []Gateway{g, g}, []Gateway{g})
		for i, d := range took {
			if waits := i < 3; d > 32*time.Minute || !waits && d > time.Minute || answered[i] > 0 {
				t.Errorf("project %d took %s, %d answered", i, d, answered[i])
			}
		}
		if asked := g.asked.Load(); asked > 6*(20+48)+3*70 {
			t.Errorf("asked %d times", asked)
		}
		// After an hour without a query, the outage counts as ended. The next run waits for HighHelp again.
		time.Sleep(time.Hour)
		g.began, g.until = time.Now(), 10*time.Minute
		if took, answered = sideBySide(t, o, []Gateway{g}); answered[0] < 450 || took[0] < 10*time.Minute {
			t.Errorf("took %s, %d answered", took[0], answered[0])
		}
	})
}

// TestOutageOfOneProject checks that a project without answers does not delay other projects.
func TestOutageOfOneProject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sick, well := &gone{began: time.Now(), until: 24 * time.Hour}, &gone{}
		took, answered := sideBySide(t, new(Outage), []Gateway{sick, well, well})
		if took[0] < 30*time.Minute || answered[0] > 0 {
			t.Errorf("the sick one took %s, %d answered", took[0], answered[0])
		}
		for i, d := range took[1:] {
			if d > time.Minute || answered[i+1] != 500 {
				t.Errorf("project %d took %s, %d answered", i+1, d, answered[i+1])
			}
		}
	})
}
