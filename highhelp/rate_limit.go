package highhelp

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How the pace follows a gateway that answers 429.
const (
	minRate         = 1. / 4                 // requests a second, below which no number of 429s goes
	rateGrowth      = 1. / 16                // of the pace after the last 429, by which it grows each second …
	minGrowthBase   = 1. / 100               // … or of this part of the rate, if that is more
	halvingInterval = 200 * time.Millisecond // between two halvings, at least
)

// rateLimit lets requests leave one after the other, at the rate at most. A 429 halves it; then it grows slowly
// (additive increase, multiplicative decrease). Only one request at a time has a moment to leave at, so a change holds
// at once.
type rateLimit struct {
	maxRate   float64       // requests a second
	limit     time.Duration // of a call
	shared    Limiter       // which requests wait for too; nil if there is none
	log       *slog.Logger
	queueHead chan struct{} // held by the next request to leave

	mu             sync.Mutex
	current        float64       // requests a second
	growth         float64       // of now, in a second
	limiter        *rate.Limiter // at now
	halvedAt       time.Time     // by the last 429 that counted
	raisedAt       time.Time
	throttledSince time.Time // when the first 429 came after the last other answer; zero after such an answer
}

func newRateLimit(cfg *Config) *rateLimit {
	return &rateLimit{
		maxRate: cfg.Rate, current: cfg.Rate, limit: cfg.CallTimeout, shared: cfg.Limiter, log: cfg.Logger,
		queueHead: make(chan struct{}, 1),
		limiter:   rate.NewLimiter(rate.Limit(cfg.Rate), 1), // no burst: "at most" holds in every second
	}
}

// wait returns nil when a request may leave at once, and an error if it cannot before the context ends. It is an *Error
// if the gateway has answered nothing but 429 for long: then a request leaves only if that is possible at once, since
// an outage must not look like a long queue.
func (p *rateLimit) wait(ctx context.Context) error {
	select {
	case p.queueHead <- struct{}{}:
		defer func() { <-p.queueHead }()
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	own, silent := p.shared == nil || p.current < p.maxRate, time.Duration(0)
	if !p.throttledSince.IsZero() {
		silent = time.Since(p.throttledSince)
	}
	p.mu.Unlock()
	switch outage := silent > 2*p.limit; {
	case outage && !p.limiter.Allow():
		return &Error{Kind: ErrUnreachable, cause: newDetail("call.throttled", nil,
			"it has answered nothing but 429 for %s", silent.Round(time.Second).String())}
	case own && !outage:
		if err := p.limiter.Wait(ctx); err != nil {
			return err
		}
	}
	if p.shared == nil {
		return nil
	}
	return p.shared.Wait(ctx)
}

// observeStatus notes the status of an answer to a request that left at a moment. Of the 429s to requests that were
// under way together, or came within paceEvery, one halves the pace.
func (p *rateLimit) observeStatus(left time.Time, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, throttled := time.Now(), status == http.StatusTooManyRequests
	switch {
	case !throttled:
		p.throttledSince = time.Time{}
	case p.throttledSince.IsZero():
		p.throttledSince = now
	}
	switch {
	case throttled && left.After(p.halvedAt) && now.Sub(p.halvedAt) >= halvingInterval:
		p.current, p.halvedAt = max(p.current/2, min(p.maxRate, minRate)), now
		p.growth = max(p.current, p.maxRate*minGrowthBase) * rateGrowth
		p.log.Warn("HighHelp answers 429: requests leave at half the pace", "requests_a_second", p.current)
	case !throttled && p.current < p.maxRate:
		p.current = min(p.maxRate, p.current+p.growth*now.Sub(p.raisedAt).Seconds())
	default:
		return
	}
	p.raisedAt = now
	p.limiter.SetLimit(rate.Limit(p.current))
}
