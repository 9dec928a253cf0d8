package web

import (
	"testing"
	"time"

	"hhrecon/reconcile"
)

// TestPace has a run's own pace counted once it shows, and anew where payins are asked about again.
func TestPace(t *testing.T) {
	var p paces
	began := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)
	for _, look := range []struct {
		after  time.Duration
		judged int64
		want   float64
	}{
		{0, 100, 0},
		{5 * time.Second, 400, 0}, // too soon
		{20 * time.Second, 1100, 50},
		{40 * time.Second, 1100, 25},
		{60 * time.Second, 20, 0}, // old answers were taken back
		{80 * time.Second, 420, 20},
	} {
		run := reconcile.Run{ID: 1, Judged: look.judged}
		if got := p.perSecond(run, began.Add(look.after)); got != look.want {
			t.Errorf("after %s: %v a second, want %v", look.after, got, look.want)
		}
	}
	for id := range int64(3 * watched) {
		p.perSecond(reconcile.Run{ID: id}, began)
	}
	if len(p.first) > watched {
		t.Errorf("%d runs are remembered", len(p.first))
	}
}
