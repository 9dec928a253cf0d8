package highhelp

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// newTransport keeps a connection for every slot: a new TLS handshake a request
// would cost more than the request. Over HTTP/2 requests share one connection, up to as many at once as the server's
// SETTINGS_MAX_CONCURRENT_STREAMS allows; those above open another connection, so no slot is idle for it.
func newTransport(concurrency, version int) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(version == HTTP2)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		Protocols:              protocols,
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

// traceConnection tells whether a request had a connection to be written to. Only net/http's own
// transport reports that; of any other the worst is believed.
func (c *Client) traceConnection(ctx context.Context) (context.Context, *atomic.Bool) {
	begun := new(atomic.Bool)
	if _, reports := c.http.Transport.(*http.Transport); !reports {
		begun.Store(true)
		return ctx, begun
	}
	return httptrace.WithClientTrace(ctx,
		&httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { begun.Store(true) }}), begun
}
