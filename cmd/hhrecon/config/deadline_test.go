package config

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	engine "hhrecon/reconcile/run"
)

// TestDeadlineWatch checks that a single warning is logged if a run will miss the time done_by of its job.
func TestDeadlineWatch(t *testing.T) {
	bishkek := time.FixedZone("+06", 6*60*60)
	scheduled := time.Date(2026, 11, 23, 20, 30, 0, 0, time.UTC) // 02:30 in Bishkek
	for _, tt := range []struct {
		name   string
		job    JobEntry
		judged int64 // number of judged payins in the first 100 seconds
		early  bool  // a warning is expected at the start
		late   bool  // a warning is expected after 100 seconds
	}{
		{"in time", JobEntry{Name: "nightly", DoneBy: "06:00"}, 5000, false, false},
		{"slower than the rate", JobEntry{Name: "nightly", DoneBy: "02:40"}, 500, false, true},
		{"done_by is too soon", JobEntry{Name: "nightly", DoneBy: "02:32"}, 5000, true, true},
		{"another job", JobEntry{Name: "another", DoneBy: "02:31"}, 500, false, false},
		{"no done_by", JobEntry{Name: "nightly"}, 500, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.job.Cron = "30 2 * * *"
			var lines bytes.Buffer
			var recent float64
			s := &Settings{Zone: bishkek, Jobs: []JobEntry{tt.job}}
			w := &DeadlineWatch{Log: slog.New(slog.NewTextHandler(&lines, nil)), Zone: bishkek}
			w.ETA = func(run *reconcile.Run, now time.Time) (reconcile.ETA, string, error) {
				eta := reconcile.EstimateETA(run, recent, 50, now)
				return eta, s.MissesDeadline(run, eta.Done), nil
			}
			run := reconcile.Run{ID: 7, Selected: 9400,
				Origin: reconcile.Origin{Occurrence: reconcile.OccurrenceName("nightly", scheduled)}}
			progress := func(stage string, judged int64, after time.Duration) int {
				w.Progress(engine.Progress{Run: run, Stage: stage, Done: judged, Total: run.Selected}, scheduled.Add(after))
				return strings.Count(lines.String(), "level=WARN")
			}
			if got := progress("settle", 0, 0); got > 0 {
				t.Errorf("warned while settling: %s", &lines)
			}
			if got := progress("ask", 0, 0); (got == 1) != tt.early {
				t.Errorf("at the start: %s", &lines)
			}
			recent = float64(tt.judged) / 100
			if got := progress("ask", 2, time.Second); (got == 1) != tt.early {
				t.Errorf("estimated again within a minute: %s", &lines)
			}
			for range 2 {
				if got := progress("ask", tt.judged, 100*time.Second); got > 1 || (got == 1) != tt.late {
					t.Errorf("%d warnings: %s", got, &lines)
				}
			}
			w.ETA = func(*reconcile.Run, time.Time) (reconcile.ETA, string, error) {
				return reconcile.ETA{}, "", errors.New("no database")
			}
			run.ID++
			before := lines.Len()
			if progress("ask", 0, 0); lines.Len() > before {
				t.Errorf("without an estimate, the log is %s", &lines)
			}
		})
	}
}
