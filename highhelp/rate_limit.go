package highhelp

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// These constants determine how the rate changes after a 429.
const (
	minRate         = 1. / 4                 // the lowest rate, in requests a second
	rateGrowth      = 1. / 16                // growth in each second, as a share of the rate after the last 429
	minGrowthBase   = 1. / 100               // lowest base for the growth, as a share of the maximum rate
	halvingInterval = 200 * time.Millisecond // shortest time between two halvings
)

// rateLimit admits requests one at a time, at most at the configured rate. A 429 halves the rate. The rate then grows
// by a fixed amount in each second (additive increase, multiplicative decrease). Only the first request in the queue
// waits for the limiter, so a new rate applies immediately.
type rateLimit struct {
	maxRate   float64       // in requests a second
	limit     time.Duration // Config.CallTimeout
	shared    Limiter       // a rate limit that other processes share; nil if there is none
	log       *slog.Logger
	queueHead chan struct{} // mutex that the first request in the queue holds

	mu             sync.Mutex
	current        float64       // in requests a second
	growth         float64       // growth of current each second
	limiter        *rate.Limiter // limits the requests to the rate current
	halvedAt       time.Time
	raisedAt       time.Time
	throttledSince time.Time // time of the first of the latest consecutive 429s; zero if the last answer was not a 429
}

func newRateLimit(cfg *Config) *rateLimit {
	return &rateLimit{
		maxRate: cfg.Rate, current: cfg.Rate, limit: cfg.CallTimeout, shared: cfg.Limiter, log: cfg.Logger,
		queueHead: make(chan struct{}, 1),
		limiter:   rate.NewLimiter(rate.Limit(cfg.Rate), 1), // a burst of 1, so no second has more requests than the maximum
	}
}

// wait returns nil when a request may be sent, or an error if the context ends first. If the gateway has answered only
// 429 for twice CallTimeout, wait returns an *Error, unless the request may be sent immediately. Without this error, an
// outage would look like a long queue.
func (r *rateLimit) wait(ctx context.Context) error {
	select {
	case r.queueHead <- struct{}{}:
		defer func() { <-r.queueHead }()
	case <-ctx.Done():
		return ctx.Err()
	}
	r.mu.Lock()
	own, silent := r.shared == nil || r.current < r.maxRate, time.Duration(0)
	if !r.throttledSince.IsZero() {
		silent = time.Since(r.throttledSince)
	}
	r.mu.Unlock()
	switch outage := silent > 2*r.limit; {
	case outage && !r.limiter.Allow():
		return &Error{Kind: ErrUnreachable, cause: newDetail("call.throttled", nil,
			"HighHelp has answered only 429 (too many requests) for %s", silent.Round(time.Second).String())}
	case own && !outage:
		if err := r.limiter.Wait(ctx); err != nil {
			return err
		}
	}
	if r.shared == nil {
		return nil
	}
	return r.shared.Wait(ctx)
}

// observeStatus adjusts the rate to the status of an answer. Concurrent requests often get a 429 together. The rate is
// therefore halved only once in halvingInterval.
func (r *rateLimit) observeStatus(sentAt time.Time, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, throttled := time.Now(), status == http.StatusTooManyRequests
	switch {
	case !throttled:
		r.throttledSince = time.Time{}
	case r.throttledSince.IsZero():
		r.throttledSince = now
	}
	switch {
	case throttled && sentAt.After(r.halvedAt) && now.Sub(r.halvedAt) >= halvingInterval:
		r.current, r.halvedAt = max(r.current/2, min(r.maxRate, minRate)), now
		r.growth = max(r.current, r.maxRate*minGrowthBase) * rateGrowth
		r.log.Warn("HighHelp answers 429: the request rate is halved", "requests_a_second", r.current)
	case !throttled && r.current < r.maxRate:
		r.current = min(r.maxRate, r.current+r.growth*now.Sub(r.raisedAt).Seconds())
	default:
		return
	}
	r.raisedAt = now
	r.limiter.SetLimit(rate.Limit(r.current))
}
