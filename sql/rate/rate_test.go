package rate

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeDatabase reserves slots like the database, with its own clock, over a network with delays.
type fakeDatabase struct {
	mu    sync.Mutex
	next  time.Time
	ahead time.Duration // how far the database's clock is ahead of this process's clock
	down  bool
}

func (o *fakeDatabase) reserve(space, trip time.Duration) func(context.Context, int) (Reservation, error) {
	return func(_ context.Context, slots int) (Reservation, error) {
		there := rand.N(trip)
		time.Sleep(there)
		defer time.Sleep(trip - there)
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.down {
			return Reservation{}, errors.New("the database is down")
		}
		now := time.Now().Round(0).Add(o.ahead)
		if o.next.Before(now) {
			o.next = now
		}
		first := o.next
		o.next = o.next.Add(time.Duration(slots) * space)
		return Reservation{FirstAt: first, ReadAt: now}, nil
	}
}

// most returns the largest number of requests within one second.
func most(at []time.Time) (n int) {
	slices.SortFunc(at, time.Time.Compare)
	first := 0
	for i := range at {
		for at[i].Sub(at[first]) >= time.Second {
			first++
		}
		n = max(n, i+1-first)
	}
	return n
}

// TestLimiter checks that four processes with enough requests reach each rate together and do not exceed it.
func TestLimiter(t *testing.T) {
	for _, rate := range []float64{1, 3, 10, 50, 400, 2000} {
		synctest.Test(t, func(t *testing.T) {
			o := &fakeDatabase{ahead: 37 * time.Minute}
			const span = 30 * time.Second
			ctx, cancel := context.WithTimeout(t.Context(), span)
			defer cancel()
			var mu sync.Mutex
			var left []time.Time
			var all sync.WaitGroup
			for range 4 {
				space := Space(rate)
				r := New(space, slog.New(slog.DiscardHandler), o.reserve(space, 8*time.Millisecond))
				for range 32 {
					all.Go(func() {
						for r.Wait(ctx) == nil {
							mu.Lock()
							left = append(left, time.Now())
							mu.Unlock()
						}
					})
				}
			}
			all.Wait()
			time.Sleep(time.Second) // let running reservations end
			if got, least := float64(len(left)), 0.95*rate*span.Seconds(); got < least {
				t.Errorf("rate %v: %v requests in %v, at least %v were due", rate, got, span, least)
			}
			if got := float64(most(left)); got > rate*1.05 {
				t.Errorf("rate %v: %v requests in a second", rate, got)
			}
		})
	}
}

// TestMissed checks that missed slots are not used later. After a pause, no second has more requests than the rate
// allows.
func TestMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &fakeDatabase{}
		space := Space(100)
		r := New(space, slog.New(slog.DiscardHandler), o.reserve(space, time.Millisecond))
		var left []time.Time
		for range 300 {
			if err := r.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			left = append(left, time.Now())
			if rand.N(20) == 0 {
				time.Sleep(rand.N(3 * time.Second)) // the process has no requests
			}
		}
		time.Sleep(time.Second) // let running reservations end
		if got := most(left); got > 105 {
			t.Errorf("%d requests in a second", got)
		}
	})
}

// TestDatabaseAway checks that no request is sent while the database is down, and that requests continue afterwards.
func TestDatabaseAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &fakeDatabase{down: true}
		r := New(20*time.Millisecond, slog.New(slog.DiscardHandler), o.reserve(20*time.Millisecond, time.Millisecond))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := r.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a request was sent, or the error is %v", err)
		}
		o.mu.Lock()
		o.down = false
		o.mu.Unlock()
		if err := r.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		time.Sleep(timeout) // let the running reservation end
	})
}

// TestClockSet checks that the limiter immediately follows a clock that was set. If no clock was set, the limiter uses
// the measurement of the shortest round trip.
func TestClockSet(t *testing.T) {
	r := New(time.Millisecond, slog.New(slog.DiscardHandler), nil)
	sent := time.Date(2026, 11, 24, 2, 30, 0, 0, time.UTC)
	for _, try := range []struct{ trip, said, want time.Duration }{
		{10 * time.Millisecond, 5 * time.Millisecond, 0},
		{200 * time.Millisecond, 190 * time.Millisecond, 0},                // the request, not the answer, was delayed
		{10 * time.Millisecond, time.Hour, 5*time.Millisecond - time.Hour}, // someone has set the database's clock
		{200 * time.Millisecond, time.Hour + 10*time.Millisecond, 5*time.Millisecond - time.Hour},
	} {
		if got := r.ahead(sent, try.trip, sent.Add(try.said)); got != try.want {
			t.Errorf("after a trip of %s the clock is %s ahead, not %s", try.trip, got, try.want)
		}
		sent = sent.Add(time.Microsecond)
	}
}
