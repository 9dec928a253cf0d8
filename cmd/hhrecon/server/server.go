// Package server serves HTTP within bounds: New bounds a request, Limit bounds connections, Until serves until the
// program ends.
package server

import (
	"context"
	"net"
	"net/http"
	"time"

	"hhrecon/cmd/hhrecon/config"
)

// maxHeader is in bytes. net/http reads 4 KB more, and fields of a few bytes take 15 times as much memory: for maxConns
// together less than 64 MB.
const maxHeader = 8 << 10

// New waits neither for ever for a request to arrive nor for the next one; an answer takes as long as it takes.
func New(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		ConnState: trackState,
	}
}

// Serve serves until the context ends, and then lets the requests under way finish.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := New(handler)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		server.Close()
	}
	return nil
}

// MetricsAdvice says who can read the metrics at an address of --metrics-listen that is not loopback; it is empty for
// others.
func MetricsAdvice(metrics string) string {
	host, _, err := net.SplitHostPort(metrics)
	if err != nil || config.Loopback(host) {
		return ""
	}
	return "who reaches " + metrics + " can read /metrics, /healthz and /readyz: let only your monitoring reach it"
}

// Exposed says that strangers can read the metrics, which are beside the page without --metrics-listen; it is empty
// if they cannot.
func Exposed(listen, metrics string) string {
	host, _, err := net.SplitHostPort(listen)
	if metrics != "" || err != nil || config.Loopback(host) {
		return ""
	}
	const why = " can read /metrics, /healthz and /readyz: give them an address by --metrics-listen"
	return "who reaches " + listen + why
}
