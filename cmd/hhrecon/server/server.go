// Package server provides an HTTP server with limits. New limits the size and duration of a request. Limit limits the
// number of connections. Serve serves until the context ends.
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

// maxHeader is the maximum size of a request's headers in bytes. net/http reads up to 4 KB more. Very short headers
// take 15 times their size in memory. With this maximum, maxConns connections need less than 64 MB.
const maxHeader = 8 << 10

// New returns a server with time limits for reading a request and for idle connections. There is no time limit for an
// answer.
func New(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, MaxHeaderBytes: maxHeader, ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, ConnState: trackState}
}

// Serve serves until the context ends. Then it waits for the requests in progress.
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

// MetricsAdvice returns a warning if an address of --metrics-listen is not loopback, and "" otherwise.
func MetricsAdvice(metrics string) string {
	host, _, err := net.SplitHostPort(metrics)
	if err != nil || config.Loopback(host) {
		return ""
	}
	return "anyone who can connect to " + metrics + " can read /metrics, /healthz and /readyz: allow only your monitoring"
}

// Exposed returns a warning if the page's address also serves /metrics and is not loopback, and "" otherwise.
func Exposed(listen, metrics string) string {
	host, _, err := net.SplitHostPort(listen)
	if metrics != "" || err != nil || config.Loopback(host) {
		return ""
	}
	const why = " can read /metrics, /healthz and /readyz: give them an address by --metrics-listen"
	return "anyone who can connect to " + listen + why
}

// Ready responds with 200 if the database is available and has the tables of this version, and with 503 otherwise.
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

// Instrument calls answered after each request, with the pattern that matched the request and the status of the
// answer.
func Instrument(mux http.Handler, answered func(route string, code int, took time.Duration)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, seen := time.Now(), &codeWriter{ResponseWriter: w, code: http.StatusOK}
		defer func() { // the mux has set the field Pattern of this request
			answered(cmp.Or(r.Pattern, "none"), seen.code, time.Since(began))
		}()
		mux.ServeHTTP(seen, r)
	})
}

// codeWriter is a ResponseWriter that stores the HTTP status of the answer.
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

// Unwrap lets http.ResponseController set deadlines and flush the answer.
func (w *codeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
