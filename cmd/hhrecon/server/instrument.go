package server

import (
	"cmp"
	"net/http"
	"time"
)

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
