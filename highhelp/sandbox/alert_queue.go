package sandbox

import (
	"container/heap"
	"context"
	"log/slog"
	"sync"
	"time"
)

// A queuedAlert is an alert for a payin's next state, or a retry of an alert.
type queuedAlert struct {
	at      time.Time
	payin   *Payin
	state   time.Time // when the payin enters the state of the alert
	retries int       // the number of failed attempts
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
	wake   chan struct{} // capacity 1; signals that a new alert may be due earlier
}

// schedule queues the alert for the first state that the payin enters after the given time. schedule does nothing if
// there is no such state or no URL for the alert.
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

// pop removes and returns the earliest alert if this alert is due.
func (q *alertQueue) pop(now time.Time) (queuedAlert, bool) {
	q.Lock()
	defer q.Unlock()
	if len(q.queued) == 0 || q.queued[0].at.After(now) {
		return queuedAlert{}, false
	}
	return heap.Pop(&q.queued).(queuedAlert), true
}

// wait returns the time until the next alert is due.
func (q *alertQueue) wait(now time.Time) time.Duration {
	q.Lock()
	defer q.Unlock()
	if len(q.queued) == 0 {
		return time.Hour // a new alert interrupts the wait
	}
	return max(q.queued[0].at.Sub(now), 0)
}

// SendDueAlerts sends the alerts for all states that payins have entered by now, oldest first, each AlertTimes times.
// SendDueAlerts returns the number of alerts that arrived. A failed alert is logged and retried at most AlertRetries
// times. HighHelp's own policy for retries is not known. Run calls SendDueAlerts. Call SendDueAlerts yourself if
// Options.Now is not a real clock.
func (s *Sandbox) SendDueAlerts(ctx context.Context) int {
	arrived := 0
	for ctx.Err() == nil {
		due, found := s.alerts.pop(s.now())
		if !found {
			break
		}
		p := due.payin
		if s.store.payin(key{p.ProjectID, p.PaymentID}) != p {
			continue // the payin was replaced, and the new payin's alert is queued separately
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

// sendQueued sends one alert AlertTimes times, and returns the number of alerts that arrived.
func (s *Sandbox) sendQueued(ctx context.Context, due queuedAlert) int {
	arrived := 0
	for range s.options.AlertTimes {
		status, err := s.sendAlert(ctx, *due.payin, due.state)
		if err == nil && status/100 == 2 {
			arrived++
			continue
		}
		s.options.Logger.LogAttrs(ctx, slog.LevelWarn, "alert not delivered",
			slog.String("payment_id", due.payin.PaymentID), slog.Int("status", status), slog.Any("error", err))
	}
	if arrived == 0 && due.retries < s.options.AlertRetries {
		due.retries++
		due.at = s.now().Add(s.options.AlertPause)
		s.alerts.push(due)
	}
	return arrived
}

// Run sends alerts when payins enter new states, until ctx is done or the sandbox is closed.
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
