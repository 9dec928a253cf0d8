// Package rate lets the requests of all processes together stay within a rate, and reach it. The database gives the
// moments at which requests may leave; a Limiter uses them.
package rate

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// How the moments are shared out at which requests may leave.
const (
	margin       = 1.02                   // moments are farther apart by it: what the network shifts stays inside
	chunkTime    = 100 * time.Millisecond // reserved at a time
	missed       = 20 * time.Millisecond  // by which a moment may be past and still be used; it is never made up for
	pause        = 200 * time.Millisecond // before the database is asked again
	timeout      = 10 * time.Second       // of one reservation
	samples      = 200                    // of the difference between the clocks …
	drift        = 10_000                 // … by a 10 000th part of which clocks drift apart, at most
	firstSamples = 3                      // samples before the first moments are reserved: a new connection takes its time
	farthestTime = time.Minute            // nobody reserves farther ahead …
	farthestMany = 1000                   // … nor more than so many
)

// Limiter lets a project's requests leave at moments that all processes share: each reserves some by the database's
// clock, and uses them by its own. So all of them together stay within the rate, and reach it where they have enough to
// do. It is safe for use by many goroutines, and is a highhelp.Limiter.
type Limiter struct {
	Reserve func(ctx context.Context, slots int) (Reservation, error)
	Space   time.Duration // between two moments
	chunk   int
	log     *slog.Logger
	turn    chan struct{} // who holds it is the next to leave

	mu    sync.Mutex
	slots []time.Time   // ours, by this process's clock, the next one first
	more  chan struct{} // closed when the reservation under way has ended; nil where none is

	offsets []offset // the fill's, of which there is one at a time
}

// Reservation is where the reserved moments begin, and when that was said, both by the database's clock.
type Reservation struct {
	First time.Time `db:"first_at"`
	Said  time.Time `db:"read_at"`
}

// offset is by how much this process's clock was ahead of the database's at a moment, give or take doubt.
type offset struct {
	at           time.Time
	ahead, doubt time.Duration
}

// New makes the limiter of a process. Space is between two moments, see Space.
func New(space time.Duration, log *slog.Logger, reserve func(context.Context, int) (Reservation, error)) *Limiter {
	return &Limiter{
		Reserve: reserve, Space: space, chunk: int(max(1, chunkTime/space)), log: log, turn: make(chan struct{}, 1),
	}
}

// Space is between two moments at so many requests a second, at most.
func Space(perSecond float64) time.Duration {
	return time.Duration(float64(time.Second) / perSecond * margin)
}

// Farthest is how far ahead moments are reserved.
func Farthest(space time.Duration) time.Duration { return max(farthestTime, farthestMany*space) }

// Wait returns when a request may leave, or the context's error. While the database is away nobody leaves.
func (r *Limiter) Wait(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		slot, more := r.next(ctx)
		if more != nil {
			select {
			case <-more:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		timer := time.NewTimer(time.Until(slot))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		if time.Since(slot) <= missed {
			return nil
		}
	}
}

// next takes the next moment that is not missed, or tells when there may be one. It reserves more before the last is
// used.
func (r *Limiter) next(ctx context.Context) (slot time.Time, more <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.slots) > 0 && slot.IsZero() {
		if time.Since(r.slots[0]) <= missed {
			slot = r.slots[0]
		}
		r.slots = r.slots[1:]
	}
	if len(r.slots) <= r.chunk/2 && r.more == nil {
		r.more = make(chan struct{})
		go r.fill(context.WithoutCancel(ctx), r.more)
	}
	if slot.IsZero() {
		return slot, r.more
	}
	return slot, nil
}

// fill reserves a chunk of moments.
func (r *Limiter) fill(ctx context.Context, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	first, err := r.ask(ctx)
	if err != nil {
		r.log.Warn("no moments for requests are reserved", "error", err)
		time.Sleep(pause)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.more = nil
	defer close(done)
	if err != nil {
		return
	}
	for i := range r.chunk {
		r.slots = append(r.slots, first.Add(time.Duration(i)*r.Space))
	}
}

// ask reserves a chunk of moments, and tells where it begins by this process's clock.
func (r *Limiter) ask(ctx context.Context) (time.Time, error) {
	for range max(0, firstSamples-len(r.offsets)) {
		if _, err := r.trip(ctx, 0); err != nil {
			return time.Time{}, err
		}
	}
	return r.trip(ctx, r.chunk)
}

func (r *Limiter) trip(ctx context.Context, slots int) (time.Time, error) {
	sent := time.Now()
	got, err := r.Reserve(ctx, slots)
	if err != nil {
		return time.Time{}, err
	}
	ahead := r.ahead(sent, time.Since(sent), got.Said)
	return sent.Add(got.First.Add(ahead).Sub(sent)), nil // with the monotonic clock
}

// ahead is by how much this process's clock is ahead of the database's. What was said was said at half of the trip,
// give or take half of it: the shortest trip tells best, and what is long ago tells less.
func (r *Limiter) ahead(sent time.Time, trip time.Duration, said time.Time) time.Duration {
	best := offset{sent, sent.Add(trip / 2).Sub(said), trip / 2}
	for i := len(r.offsets) - 1; i >= 0; i-- {
		o := r.offsets[i]
		o.doubt += sent.Sub(o.at) / drift
		if (best.ahead - o.ahead).Abs() > best.doubt+o.doubt { // a clock was set meanwhile
			r.offsets = r.offsets[i+1:]
			break
		}
		if o.doubt < best.doubt {
			best = o
		}
	}
	r.offsets = append(r.offsets, offset{sent, sent.Add(trip / 2).Sub(said), trip / 2})
	r.offsets = r.offsets[max(0, len(r.offsets)-samples):]
	return best.ahead
}
