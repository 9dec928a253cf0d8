package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

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
