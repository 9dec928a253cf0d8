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

// Outage is what the runs of a process know together of a gateway that is down, whatever their projects. Each asks by
// itself, so one project whose payins get no answer keeps no other waiting; but none waits once more for as long as it
// may where another has waited. The zero Outage knows nothing.
type Outage struct {
	mu    sync.Mutex
	since time.Time // the first breaker opened; zero while HighHelp answers
	seen  time.Time // the last failure since then
}

// forgotten is after how long without a failure an outage tells nothing any more.
const forgotten = 5 * time.Minute

// began is when the outage began; zero while HighHelp answers, or nothing is known.
func (o *Outage) began() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if time.Since(o.seen) > forgotten {
		o.since = time.Time{}
	}
	return o.since
}

// note takes in what asking about a payin came to; down is true while the breaker of the payin's run is open.
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

// breaker is a circuit breaker for a gateway that may be down. While too many payins have no usable answer it is open:
// after each pause one payin is the probe, and the others wait. Payins that an outage hit are asked about again
// afterwards, since its silence says nothing about them.
type breaker struct {
	limits  reconcile.BreakerLimits
	log     *slog.Logger
	outage  *Outage
	circuit *gobreaker.TwoStepCircuitBreaker[struct{}]

	mu      sync.Mutex
	last    []bool // of the last payins, which had no usable answer; a ring
	next    int
	failed  int       // of last
	opened  time.Time // zero while the circuit is closed
	tripped bool      // permanently
}

func newBreaker(l reconcile.BreakerLimits, outage *Outage, log *slog.Logger) *breaker {
	b := &breaker{limits: l, log: log, outage: cmp.Or(outage, new(Outage)), last: make([]bool, 0, max(1, l.Sample))}
	b.circuit = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout: max(l.Pause, 1), ReadyToTrip: b.down, OnStateChange: b.changed, // 0 would be gobreaker's default
	})
	return b
}

// newBreaker is for a run, as far as this process asks about its payins.
func (r *Engine) newBreaker(run reconcile.Run) *breaker {
	return newBreaker(r.Project.Outage, r.Outage, r.Logger.With("run", run.ID, "project", run.ProjectID))
}

// permit lets one payin be asked about.
type permit struct {
	ok   bool
	done func(error)
}

// acquireEvery is how often a payin that waits for HighHelp tries to get a permit, at least.
const acquireEvery = time.Second

// acquire waits until a payin may be asked about. The permit is not ok once the run has waited for HighHelp as long as
// it may, or is stopped. After a permit that is ok comes report, exactly once.
func (b *breaker) acquire(ctx context.Context) permit {
	for ctx.Err() == nil && !b.isTripped() {
		if done, err := b.circuit.Allow(); err == nil {
			return permit{true, done}
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(max(b.limits.Pause, time.Millisecond), acquireEvery)):
		}
	}
	return permit{}
}

// isTripped trips the breaker permanently once the run has waited for HighHelp as long as it may. It does not while a
// probe is under way, which may find HighHelp back.
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
		b.log.Error("HighHelp did not come back: the run asks no more", "waited", time.Since(began).Round(time.Second))
	}
	return b.tripped
}

var errUnanswered = errors.New("no usable answer")

// report notes what asking about a payin came to. It returns true if the payin must be asked about again, because
// HighHelp is down.
func (b *breaker) report(p permit, answered bool) (again bool) {
	var err error
	if !answered {
		err = errUnanswered
	}
	if b.circuit.State() == gobreaker.StateClosed {
		b.note(!answered)
	}
	p.done(err)
	b.outage.note(answered, b.circuit.State() != gobreaker.StateClosed)
	return !answered && b.circuit.State() != gobreaker.StateClosed && !b.isTripped()
}

// down is true if too many of the last payins had no usable answer, or HighHelp is known to be down.
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
		b.log.Warn("HighHelp seems down: the run stops asking and waits",
			"unanswered", b.failed, "of", len(b.last), "pause", b.limits.Pause)
	case to == gobreaker.StateClosed:
		b.log.Info("HighHelp is back", "after", time.Since(b.opened).Round(time.Second))
		b.opened, b.last, b.next, b.failed = time.Time{}, b.last[:0], 0, 0
	}
}

// note updates the ring of the last results.
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
