package sandbox

import (
	"container/heap"
	"context"
	"log/slog"
	"sync"
	"time"
)

// A queuedAlert is the next state of a payin that is to be announced, or one that has to be announced again.
type queuedAlert struct {
	at      time.Time
	payin   *Payin
	state   time.Time // the moment of the state
	retries int       // how often it did not arrive
}

type alertHeap []queuedAlert

func (h alertHeap) Len() int           { return len(h) }
func (h alertHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h alertHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *alertHeap) Push(x any)        { *h = append(*h, x.(queuedAlert)) }
func (h *alertHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

type alertQueue struct {
	sync.Mutex
	queued alertHeap
	wake   chan struct{} // holds one: something new may be due sooner
}

// schedule queues the first state that the payin takes after a moment, if it has one and somebody listens.
func (s *Sandbox) schedule(p *Payin, after time.Time) {
	if s.options.AlertURL == "" && p.Callbacks.URL == "" && p.Callbacks.Success == "" && p.Callbacks.Decline == "" {
		return
	}
	at := p.CreatedAt
	for i := 0; !at.After(after); i++ {
		if i == len(p.Steps) {
			return
		}
		at = p.CreatedAt.Add(p.Steps[i].After)
	}
	s.alerts.push(queuedAlert{at: at, payin: p, state: at})
}

func (q *alertQueue) push(due queuedAlert) {
	q.Lock()
	heap.Push(&q.queued, due)
	q.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// pop takes the earliest alert that is due by now, if one is.
func (q *alertQueue) pop(now time.Time) (queuedAlert, bool) {
	q.Lock()
	defer q.Unlock()
	if len(q.queued) == 0 || q.queued[0].at.After(now) {
		return queuedAlert{}, false
	}
	return heap.Pop(&q.queued).(queuedAlert), true
}

// wait tells how long it is until the next alert is due.
func (q *alertQueue) wait(now time.Time) time.Duration {
	q.Lock()
	defer q.Unlock()
	if len(q.queued) == 0 {
		return time.Hour // new ones wake the scheduler
	}
	return max(q.queued[0].at.Sub(now), 0)
}

// SendDueAlerts sends the alerts of all states that payins have taken by now, oldest first, each AlertTimes over, and
// returns how many arrived. One that does not arrive is logged, and sent again AlertRetries times at most: HighHelp's
// own policy is not known. Run calls it; call it yourself where Options.Now is not a real clock.
func (s *Sandbox) SendDueAlerts(ctx context.Context) int {
	arrived := 0
	for ctx.Err() == nil {
		due, found := s.alerts.pop(s.now())
		if !found {
			break
		}
		p := due.payin
		if s.store.payin(key{p.ProjectID, p.PaymentID}) != p {
			continue // replaced since; the new one has its own place in the queue
		}
		if state, _ := p.at(due.state); s.alertURL(state) != "" {
			arrived += s.sendQueued(ctx, due)
		}
		if due.retries == 0 {
			s.schedule(p, due.state)
		}
	}
	return arrived
}

// sendQueued sends one alert, over and over, and returns how many arrived.
func (s *Sandbox) sendQueued(ctx context.Context, due queuedAlert) int {
	arrived := 0
	for range s.options.AlertTimes {
		status, err := s.sendAlert(ctx, *due.payin, due.state)
		if err == nil && status/100 == 2 {
			arrived++
			continue
		}
		s.options.Logger.LogAttrs(ctx, slog.LevelWarn, "alert did not arrive",
			slog.String("payment_id", due.payin.PaymentID), slog.Int("status", status), slog.Any("error", err))
	}
	if arrived == 0 && due.retries < s.options.AlertRetries {
		due.retries++
		due.at = s.now().Add(s.options.AlertPause)
		s.alerts.push(due)
	}
	return arrived
}

// Run sends alerts as payins move through their states, until ctx is done or the sandbox is closed.
func (s *Sandbox) Run(ctx context.Context) {
	for {
		s.SendDueAlerts(ctx)
		select {
		case <-time.After(s.alerts.wait(s.now())):
		case <-s.alerts.wake:
		case <-ctx.Done():
			return
		case <-s.closed:
			return
		}
	}
}
