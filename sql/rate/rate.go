// Package rate limits the requests of all processes together to a shared rate. The database reserves the times at which
// requests may be sent (slots), and a Limiter waits for these times.
package rate

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// These are the parameters of the shared rate.
const (
	margin       = 1.02                   // factor for the time between slots, because of network jitter
	chunkTime    = 100 * time.Millisecond // duration of the slots of one reservation
	missed       = 20 * time.Millisecond  // a slot is skipped if its time passed longer ago than this
	pause        = 200 * time.Millisecond // time after an error before the next attempt
	timeout      = 10 * time.Second       // time limit for one reservation
	samples      = 200                    // stored samples of the difference between the clocks
	drift        = 10_000                 // the difference between two clocks grows by at most 1 s in 10 000 s
	firstSamples = 3                      // samples before the first reservation, because a new connection is slow
	farthestTime = time.Minute            // slots may always be reserved this far ahead
	farthestMany = 1000                   // this number of slots may always be reserved ahead, at any rate
)

// Limiter gives a project's requests slots that all processes share. Each process reserves slots with the database's
// clock, and waits for them with its own clock. All processes together stay within the rate. The processes reach the
// rate if they have enough requests. A Limiter is safe for concurrent use, and implements highhelp.Limiter.
type Limiter struct {
	Reserve func(ctx context.Context, slots int) (Reservation, error)
	Space   time.Duration // the time between two slots
	chunk   int
	log     *slog.Logger
	turn    chan struct{} // semaphore of the goroutine that gets the next slot

	mu    sync.Mutex
	slots []time.Time   // reserved slots by this process's clock, next slot first
	more  chan struct{} // closed when the current reservation ends; nil if there is none

	offsets []offset // used only by fill; only one goroutine runs fill at a time
}

// Reservation contains the first reserved slot and the time of the reservation, both by the database's clock.
type Reservation struct {
	FirstAt time.Time
	ReadAt  time.Time
}

// offset is one measurement of how far this process's clock was ahead of the database's clock. The error of the
// measurement is at most doubt.
type offset struct {
	at           time.Time
	ahead, doubt time.Duration
}

// New returns the limiter of a process. space is the result of the function Space.
func New(space time.Duration, log *slog.Logger, reserve func(context.Context, int) (Reservation, error)) *Limiter {
	return &Limiter{Reserve: reserve, Space: space, chunk: int(max(1, chunkTime/space)), log: log,
		turn: make(chan struct{}, 1)}
}

// Space returns the time between two slots for a rate of at most perSecond requests per second.
func Space(perSecond float64) time.Duration {
	return time.Duration(float64(time.Second) / perSecond * margin)
}

// Farthest returns the maximum time between now and a reserved slot.
func Farthest(space time.Duration) time.Duration { return max(farthestTime, farthestMany*space) }

// Wait waits for the next slot, and then returns nil. If the context ends, Wait returns the context's error. While the
// database cannot be reached, Wait keeps waiting.
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

// next returns the next slot that is not missed. If all reserved slots are used, next returns a channel that is closed
// after the current reservation. next starts another reservation before the slots run out.
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

// fill reserves a chunk of slots and then closes the channel done. After an error, fill first waits
// for the duration pause.
func (r *Limiter) fill(ctx context.Context, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	first, err := r.reserveChunk(ctx)
	if err != nil {
		r.log.Warn("cannot reserve slots for requests", "error", err)
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

// reserveChunk reserves a chunk of slots, and returns the first one by this process's clock.
func (r *Limiter) reserveChunk(ctx context.Context) (time.Time, error) {
	for range max(0, firstSamples-len(r.offsets)) {
		if _, err := r.reserve(ctx, 0); err != nil {
			return time.Time{}, err
		}
	}
	return r.reserve(ctx, r.chunk)
}

// reserve reserves slots, and returns the first one by this process's clock.
func (r *Limiter) reserve(ctx context.Context, slots int) (time.Time, error) {
	sent := time.Now()
	got, err := r.Reserve(ctx, slots)
	if err != nil {
		return time.Time{}, err
	}
	ahead := r.ahead(sent, time.Since(sent), got.ReadAt)
	return sent.Add(got.FirstAt.Add(ahead).Sub(sent)), nil // this keeps the monotonic clock
}

// ahead returns how far this process's clock is ahead of the database's clock. ahead assumes that the database read its
// clock in the middle of the round trip, so the error is at most half of the round trip. The measurement with the
// shortest round trip is therefore the most precise.
func (r *Limiter) ahead(sent time.Time, trip time.Duration, readAt time.Time) time.Duration {
	best := offset{sent, sent.Add(trip / 2).Sub(readAt), trip / 2}
	for i := len(r.offsets) - 1; i >= 0; i-- {
		o := r.offsets[i]
		o.doubt += sent.Sub(o.at) / drift
		if (best.ahead - o.ahead).Abs() > best.doubt+o.doubt { // a clock was set between the measurements
			r.offsets = r.offsets[i+1:]
			break
		}
		if o.doubt < best.doubt {
			best = o
		}
	}
	r.offsets = append(r.offsets, offset{sent, sent.Add(trip / 2).Sub(readAt), trip / 2})
	r.offsets = r.offsets[max(0, len(r.offsets)-samples):]
	return best.ahead
}
