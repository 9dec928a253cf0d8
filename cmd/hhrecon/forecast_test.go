package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
)

func TestForecaster(t *testing.T) {
	bishkek := time.FixedZone("+06", 6*60*60)
	due := time.Date(2026, 11, 23, 20, 30, 0, 0, time.UTC) // 02:30 in Bishkek
	nightly, err := newCadence("30 2 * * *", bishkek)
	if err != nil {
		t.Fatal(err)
	}
	hourly, err := newCadence("30 * * * *", bishkek)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		job      job
		last     float64 // the last run's pace
		payins   int64
		judged   int64 // in 100 seconds
		opening  string
		warns    bool // when it opens
		progress string
		late     bool // as it goes
	}{
		{"in time", job{jobEntry{Name: "nightly", DoneBy: "06:00"}, nightly}, 0, 9400, 5000, "9 400 payins at 50/s: done at 02:33", false, "4 398 payins at 50/s: done at 02:33", false},
		{"slower than it was set", job{jobEntry{Name: "nightly", DoneBy: "02:40"}, nightly}, 0, 9400, 500, "9 400 payins at 50/s: done at 02:33", false, "8 898 payins at 5/s: done at 03:01", true},
		{"done_by is too soon", job{jobEntry{Name: "nightly", DoneBy: "02:32"}, nightly}, 0, 9400, 5000, "9 400 payins at 50/s: done at 02:33", true, "4 398 payins at 50/s: done at 02:33", true},
		{"due again before it is done", job{jobEntry{Name: "hourly"}, hourly}, 0, 360_000, 5000, "360 000 payins at 50/s: done at 04:30", true, "354 998 payins at 50/s: done at 04:30", true},
		{"no job's", job{jobEntry{Name: "another", DoneBy: "02:31"}, nightly}, 0, 360_000, 5000, "360 000 payins at 50/s: done at 04:30", false, "354 998 payins at 50/s: done at 04:30", false},
		{"slow as the last one", job{jobEntry{Name: "nightly", DoneBy: "02:40"}, nightly}, 5, 9400, 500, "9 400 payins at 5/s: done at 03:01", false, "8 898 payins at 5/s: done at 03:01", true},
		{"the last one was slower", job{jobEntry{Name: "nightly", DoneBy: "02:40"}, nightly}, 5, 9400, 5000, "9 400 payins at 5/s: done at 03:01", false, "4 398 payins at 50/s: done at 02:33", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var lines bytes.Buffer
			now := due
			f := &forecaster{
				log: slog.New(slog.NewTextHandler(&lines, nil)), zone: bishkek, jobs: []job{tt.job},
				rate: 50, last: func(int64) float64 { return tt.last }, now: func() time.Time { return now },
			}
			run := reconcile.Run{ID: 7, Selected: tt.payins, Origin: reconcile.Origin{Due: reconcile.DueName(strings.Replace(tt.job.Name, "another", "nightly", 1), due)}}
			progress := func(stage string, judged int64, after time.Duration) (string, bool) {
				now = due.Add(after)
				return f.progress(reconcile.Progress{Run: run, Stage: stage, Done: judged, Total: tt.payins})
			}
			f.opened(run)
			if !strings.Contains(lines.String(), tt.opening) || strings.Contains(lines.String(), "level=WARN") != tt.warns {
				t.Errorf("opened: %s", &lines)
			}
			const first = 2 // payins, whose wait for workers is no pace
			_, early := progress("ask", 0, -time.Minute)
			if _, ok := progress("ask", first, 0); ok || early {
				t.Error("it has a pace before the second answers")
			}
			if text, ok := progress("ask", first+1, 9*time.Second); ok {
				t.Errorf("after 9 seconds it says %q", text)
			}
			for range 2 { // a warning is given once
				text, ok := progress("ask", first+tt.judged, 100*time.Second)
				if !ok || text != tt.progress {
					t.Errorf("progress says %q, %v", text, ok)
				}
			}
			if warnings := strings.Count(lines.String(), "level=WARN"); warnings > 1 || (warnings == 1) != tt.late {
				t.Errorf("%d warnings: %s", warnings, &lines)
			}
			if _, ok := progress("settle", 5, 101*time.Second); ok {
				t.Error("settling is forecast")
			}
		})
	}
}

// TestForecastFollows: a run that another process opened is forecast too, and one that alerts began is not worth a word.
func TestForecastFollows(t *testing.T) {
	var lines bytes.Buffer
	now := time.Now()
	f := &forecaster{
		log: slog.New(slog.NewTextHandler(&lines, nil)), zone: time.UTC, rate: 50,
		last: func(int64) float64 { return 0 }, now: func() time.Time { return now },
	}
	f.progress(reconcile.Progress{Run: reconcile.Run{ID: 8, Selected: 100, Judged: 40}, Stage: "ask", Done: 40, Total: 100})
	if !strings.Contains(lines.String(), "60 payins at 50/s") {
		t.Errorf("it says %s", &lines)
	}
	lines.Reset()
	f.opened(reconcile.Run{ID: 9, Selected: 1, Origin: reconcile.Origin{Trigger: reconcile.TriggerAlert}})
	if lines.Len() > 0 {
		t.Errorf("of alerts it says %s", &lines)
	}
}

func TestDoneBy(t *testing.T) {
	zone := time.FixedZone("+06", 6*60*60)
	for _, tt := range []struct{ due, clock, want string }{
		{"2026-11-23T20:30:00Z", "06:00", "2026-11-24T06:00:00+06:00"},
		{"2026-11-23T20:30:00Z", "02:30", "2026-11-25T02:30:00+06:00"},
		{"2026-11-23T16:00:00Z", "01:00", "2026-11-24T01:00:00+06:00"},
	} {
		due, err := time.Parse(time.RFC3339, tt.due)
		if err != nil {
			t.Fatal(err)
		}
		if got := doneBy(tt.clock, due, zone).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s by %s: %s, want %s", tt.due, tt.clock, got, tt.want)
		}
	}
	if got := doneBy("", time.Now(), zone); !got.IsZero() {
		t.Errorf("no done_by is %s", got)
	}
}
