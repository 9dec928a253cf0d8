package run

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"hhrecon/reconcile"

	"github.com/sony/gobreaker/v2"
)

// Outage is the state of a HighHelp outage that all runs of a process share. Each run has its own breaker, so a project
// without answers does not delay other projects. All runs share one waiting time, so the waiting times of several runs
// do not add up. The zero Outage is ready to use.
type Outage struct {
	mu    sync.Mutex
	since time.Time // when the first breaker opened; zero while HighHelp answers
	seen  time.Time // the latest failure of this outage
}

// forgotten is the time without a failure after which an outage counts as ended.
const forgotten = 5 * time.Minute

// began returns when the outage began, or the zero time without an outage.
func (o *Outage) began() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if time.Since(o.seen) > forgotten {
		o.since = time.Time{}
	}
	return o.since
}

// note stores the result of a query. The parameter down is true while the breaker of the query's run is open.
func (o *Outage) note(answered, down bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch now := time.Now(); {
	case answered:
		o.since = time.Time{}
	case down && (o.since.IsZero() || now.Sub(o.seen) > forgotten):
		o.since, o.seen = now, now
	case down:
		o.seen = now
	}
}

// breaker is a circuit breaker for queries to HighHelp. The breaker opens if too many payins have no usable answer.
// While the breaker is open, the workers wait, and one payin probes HighHelp after each pause. Payins without an answer
// are queried again after the outage.
type breaker struct {
	limits  reconcile.BreakerLimits
	log     *slog.Logger
	outage  *Outage
	circuit *gobreaker.TwoStepCircuitBreaker[struct{}]

	mu      sync.Mutex
	last    []bool // ring buffer of the last results; true means no usable answer
	next    int
	failed  int       // number of true values in the ring buffer
	opened  time.Time // zero while the breaker is closed
	tripped bool      // the run has stopped querying
}

func newBreaker(l reconcile.BreakerLimits, outage *Outage, log *slog.Logger) *breaker {
	b := &breaker{limits: l, log: log, outage: cmp.Or(outage, new(Outage)), last: make([]bool, 0, max(1, l.Sample))}
	b.circuit = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout: max(l.Pause, 1), ReadyToTrip: b.down, OnStateChange: b.changed, // gobreaker replaces 0 by its default
	})
	return b
}

// newBreaker returns a breaker for one run.
func (e *Engine) newBreaker(run reconcile.Run) *breaker {
	return newBreaker(e.Project.Outage, e.Outage, e.Logger.With("run", run.ID, "project", run.ProjectID))
}

// permit is the permission for one query, and is a function. The caller must call the permit with the query's result. A
// nil permit means that the query is not allowed.
type permit func(error)

// acquireEvery is the maximum pause between two attempts to acquire a permit.
const acquireEvery = time.Second

// acquire waits for a permit to query a payin. The permit is nil if the run is stopped or has waited for
// BreakerLimits.MaxWait. The caller must pass any other permit to report exactly once.
func (b *breaker) acquire(ctx context.Context) permit {
	for ctx.Err() == nil && !b.isTripped() {
		if done, err := b.circuit.Allow(); err == nil {
			return done
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(max(b.limits.Pause, time.Millisecond), acquireEvery)):
		}
	}
	return nil
}

// isTripped trips the breaker permanently after BreakerLimits.MaxWait, but not during a probe, since HighHelp may
// answer the probe.
func (b *breaker) isTripped() bool {
	probing := b.circuit.State() == gobreaker.StateHalfOpen
	began := b.outage.began()
	b.mu.Lock()
	defer b.mu.Unlock()
	if began.IsZero() || began.After(b.opened) {
		began = b.opened
	}
	if !b.tripped && !probing && !b.opened.IsZero() && time.Since(began) >= b.limits.MaxWait {
		b.tripped = true
		b.log.Error("HighHelp is still down: the run sends no more requests", "waited", time.Since(began).Round(time.Second))
	}
	return b.tripped
}

var errUnanswered = errors.New("no usable answer")

// report stores the result of a query, and returns true if the payin must be queried again after the outage.
func (b *breaker) report(p permit, answered bool) (again bool) {
	var err error
	if !answered {
		err = errUnanswered
	}
	if b.circuit.State() == gobreaker.StateClosed {
		b.note(!answered)
	}
	p(err)
	b.outage.note(answered, b.circuit.State() != gobreaker.StateClosed)
	return !answered && b.circuit.State() != gobreaker.StateClosed && !b.isTripped()
}

// down reports whether too many of the last payins had no usable answer, or another run has found that HighHelp is
// down.
func (b *breaker) down(gobreaker.Counts) bool {
	known := !b.outage.began().IsZero()
	b.mu.Lock()
	defer b.mu.Unlock()
	return known || len(b.last) == cap(b.last) && float64(b.failed) >= b.limits.Share*float64(len(b.last))
}

func (b *breaker) changed(_ string, from, to gobreaker.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case from == gobreaker.StateClosed:
		b.opened = time.Now()
		b.log.Warn("HighHelp seems down: the run waits", "unanswered", b.failed, "of", len(b.last), "pause", b.limits.Pause)
	case to == gobreaker.StateClosed:
		b.log.Info("HighHelp answers again", "after", time.Since(b.opened).Round(time.Second))
		b.opened, b.last, b.next, b.failed = time.Time{}, b.last[:0], 0, 0
	}
}

// note adds a result to the ring buffer.
func (b *breaker) note(failed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.last) < cap(b.last) {
		b.last = append(b.last, failed)
	} else {
		if b.last[b.next] {
			b.failed--
		}
		b.last[b.next] = failed
		b.next = (b.next + 1) % len(b.last)
	}
	if failed {
		b.failed++
	}
}
