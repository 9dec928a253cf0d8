package highhelp

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// newTransport keeps a connection for every slot: a new TLS handshake a request
// would cost more than the request.
func newTransport(concurrency int) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           concurrency,
		MaxIdleConnsPerHost:    concurrency,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		// A connection that went dead without a word is found by a ping, not by every
		// request on it running into its limit.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
	}
}

// watch tells whether a request had a connection to be written to. Only net/http's own
// transport reports that; of any other the worst is believed.
func (c *Client) watch(req *http.Request) (*http.Request, *atomic.Bool) {
	begun := new(atomic.Bool)
	if _, reports := c.http.Transport.(*http.Transport); !reports {
		begun.Store(true)
		return req, begun
	}
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { begun.Store(true) }}
	return req.WithContext(httptrace.WithClientTrace(req.Context(), trace)), begun
}

// admit waits for a slot, then for the rate. In this order a request leaves as soon
// as the rate lets it, so the rate holds on the wire too.
func (c *Client) admit(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case c.slots <- struct{}{}:
	}
	release = func() { <-c.slots }
	if err := c.limiter.Wait(ctx); err != nil {
		release()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		// The limiter says at once that the caller's deadline comes before our turn.
		return nil, fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	}
	return release, nil
}
