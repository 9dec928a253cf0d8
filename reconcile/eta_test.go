package reconcile

import (
	"math"
	"testing"
	"time"
)

func TestETA(t *testing.T) {
	bishkek := time.FixedZone("+06", 6*60*60)
	began := time.Date(2026, 11, 23, 20, 30, 0, 0, time.UTC) // 02:30 in Bishkek
	for _, tt := range []struct {
		payins       int64
		recent, rate float64
		want         string
		took         time.Duration
	}{
		{9400, 50, 1, "9 400 payins at 50/s, expected to end at 02:33", 188 * time.Second},
		{9400, 0, 50, "9 400 payins at 50/s, expected to end at 02:33", 188 * time.Second},
		{1, 50, 0, "1 payins at 50/s, expected to end at 02:30", time.Second},
		{0, 0, 0, "0 payins at 0/s, expected to end at 02:30", 0},
		{1_000_000, 1280, 50, "1 000 000 payins at 1 280/s, expected to end at 02:43", 782 * time.Second},
		{4_320_000, 50, 50, "4 320 000 payins at 50/s, expected to end at 2026-11-25 02:30", 24 * time.Hour},
		{10, 0.25, 50, "10 payins at 0.25/s, expected to end at 02:30", 40 * time.Second},
		{10, 0, 0, "10 payins", -1},
		{10, 0, math.Inf(1), "10 payins", -1},
		{1 << 62, 0.001, 50, "4 611 686 018 427 387 904 payins", -1},
	} {
		e := EstimateETA(&Run{Selected: tt.payins + 7, Judged: 7}, tt.recent, tt.rate, began)
		if got := e.In(bishkek, began); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
		if tt.took >= 0 && !e.Done.Equal(began.Add(tt.took)) || tt.took < 0 && !e.Done.IsZero() {
			t.Errorf("%d at %v: done %s", tt.payins, tt.recent, e.Done)
		}
	}
}
