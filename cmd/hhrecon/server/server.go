// Package server is an HTTP server with limits. New limits the size and duration of a request, Limit the connections;
// Serve serves until the context ends.
package server

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"hhrecon/cmd/hhrecon/config"
)

// maxHeader is in bytes. net/http reads 4 KB more, and tiny fields take 15 times as much memory; maxConns connections
// together need less than 64 MB.
const maxHeader = 8 << 10

// New returns a server with timeouts for reading a request and for idle connections. Writing an answer has no timeout.
func New(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, MaxHeaderBytes: maxHeader, ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, ConnState: trackState}
}

// Serve serves until the context ends, then lets the requests in progress finish.
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

// MetricsAdvice warns if an address of --metrics-listen is not loopback; otherwise it returns "".
func MetricsAdvice(metrics string) string {
	host, _, err := net.SplitHostPort(metrics)
	if err != nil || config.Loopback(host) {
		return ""
	}
	return "anyone who can connect to " + metrics + " can read /metrics, /healthz and /readyz: allow only your monitoring"
}

// Exposed warns if /metrics is served at the page's address and that address is not loopback; otherwise it returns "".
func Exposed(listen, metrics string) string {
	host, _, err := net.SplitHostPort(listen)
	if metrics != "" || err != nil || config.Loopback(host) {
		return ""
	}
	const why = " can read /metrics, /healthz and /readyz: give them an address by --metrics-listen"
	return "anyone who can connect to " + listen + why
}

// Ready answers 200 if the database is available and has the tables of this version, and 503 otherwise.
func Ready(check func(context.Context) error, log *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := check(ctx); err != nil {
			log.Warn("not ready", "error", err)
			http.Error(w, "the database is not ready; the log says why", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	}
}

// Instrument calls answered after each request, with the pattern that the mux chose.
func Instrument(mux http.Handler, answered func(route string, code int, took time.Duration)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, seen := time.Now(), &codeWriter{ResponseWriter: w, code: http.StatusOK}
		defer func() { // the mux sets Pattern on this request
			answered(cmp.Or(r.Pattern, "none"), seen.code, time.Since(began))
		}()
		mux.ServeHTTP(seen, r)
	})
}

// codeWriter records the status of the answer.
type codeWriter struct {
	http.ResponseWriter
	code    int
	written bool
}

func (w *codeWriter) WriteHeader(code int) {
	if !w.written && code >= 200 {
		w.code, w.written = code, true
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *codeWriter) Write(b []byte) (int, error) {
	w.written = true
	return w.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController access to deadlines and flushes.
func (w *codeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
