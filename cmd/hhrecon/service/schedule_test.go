package service

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// TestRetryJob checks that a job waits for a busy project or an unavailable database, up to a limit. If the error is
// permanent, the job must fail immediately.
func TestRetryJob(t *testing.T) {
	n := &RunContext{Process: &Process{Log: slog.New(slog.DiscardHandler)}}
	busy := exit.With(exit.Busy, &reconcile.HeldError{Run: reconcile.Run{ID: 7}})
	for _, tt := range []struct {
		name  string
		err   error
		until time.Duration // time until the job succeeds
		takes time.Duration // maximum duration of the job
		fails bool
	}{
		{"busy for an hour", busy, time.Hour, time.Hour + busyDelay, false},
		{"always busy", busy, 100 * time.Hour, jobRetryLimit + 2*busyDelay, true},
		{"database unavailable", fmt.Errorf("open run: %w", sql.ErrUnavailable), time.Minute, time.Minute + databaseDelay,
			false},
		{"taken over", reconcile.ErrRunLost, time.Minute, time.Minute + busyDelay, false},
		{"wrong keys", highhelp.ErrUnauthorized, time.Hour, 0, true},
		{"stopped by a person", &reconcile.StopError{By: "aida"}, time.Hour, 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				err := n.retryJob(t.Context(), "run", func() error {
					if time.Since(began) >= tt.until {
						return nil
					}
					return tt.err
				})
				if took := time.Since(began); (err != nil) != tt.fails || took > tt.takes {
					t.Errorf("after %s: %v", took, err)
				}
				if tt.fails && !errors.Is(err, tt.err) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}
