package highhelp

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// newTransport returns a transport that keeps one idle connection for each slot, because a TLS handshake costs more
// than a request. With HTTP/2, requests share one connection up to the server's SETTINGS_MAX_CONCURRENT_STREAMS.
// Further requests open another connection.
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
		// A ping detects a dead connection. Without a ping, every request on the connection would time out.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
	}
}

// traceConnection returns a flag that becomes true when the request gets a connection. Only net/http's transport
// reports connections. For any other transport the flag is always true.
func (c *Client) traceConnection(ctx context.Context) (context.Context, *atomic.Bool) {
	begun := new(atomic.Bool)
	if _, reports := c.http.Transport.(*http.Transport); !reports {
		begun.Store(true)
		return ctx, begun
	}
	return httptrace.WithClientTrace(ctx,
		&httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { begun.Store(true) }}), begun
}
