package reconcile

import (
	"math"
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	for _, tt := range []struct {
		name string
		pace Pace
		want float64
	}{
		{"rate alone, while there was no run", Pace{Rate: 50}, 50},
		{"the last run was slower than the rate", Pace{Rate: 5000, Last: 64}, 64},
		{"the rate was lowered since", Pace{Rate: 50, Last: 64}, 50},
		{"no rate", Pace{Rate: math.Inf(1), Last: 64}, 64},
		{"nothing known", Pace{Rate: math.Inf(1)}, 0},
	} {
		if got := tt.pace.PerSecond(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestRunPace(t *testing.T) {
	began := time.Date(2026, 11, 23, 20, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		closed time.Time
		want   float64
	}{
		{"closed", began.Add(100 * time.Second), 64},
		{"over too soon to say", began.Add(9 * time.Second), 0},
		{"still open", time.Time{}, 0},
	} {
		run := Run{Selected: 6400, StartedAt: began, ClosedAt: tt.closed}
		if got := run.Pace(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestForecast(t *testing.T) {
	bishkek := time.FixedZone("+06", 6*60*60)
	began := time.Date(2026, 11, 23, 20, 30, 0, 0, time.UTC) // 02:30 in Bishkek
	for _, tt := range []struct {
		payins    int64
		perSecond float64
		want      string
		took      time.Duration
	}{
		{9400, 50, "9 400 payins at 50/s: done at 02:33", 188 * time.Second},
		{1, 50, "1 payins at 50/s: done at 02:30", time.Second},
		{0, 0, "0 payins at 0/s: done at 02:30", 0},
		{1_000_000, 1280, "1 000 000 payins at 1 280/s: done at 02:43", 782 * time.Second},
		{4_320_000, 50, "4 320 000 payins at 50/s: done at 2026-11-25 02:30", 24 * time.Hour},
		{10, 0.25, "10 payins at 0.25/s: done at 02:30", 40 * time.Second},
		{10, 0, "10 payins", -1},
		{1 << 62, 0.001, "4 611 686 018 427 387 904 payins", -1},
	} {
		f := ForecastOf(tt.payins, tt.perSecond, began)
		if got := f.In(bishkek, began); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
		if tt.took >= 0 && !f.Done.Equal(began.Add(tt.took)) || tt.took < 0 && !f.Done.IsZero() {
			t.Errorf("%d at %v: done %s", tt.payins, tt.perSecond, f.Done)
		}
	}
}

func TestForecastLate(t *testing.T) {
	began := time.Date(2026, 11, 23, 20, 30, 0, 0, time.UTC)
	f := ForecastOf(9400, 50, began)
	for _, tt := range []struct {
		by   time.Time
		want time.Duration
	}{
		{began.Add(time.Hour), 0}, {f.Done, 0}, {began.Add(3 * time.Minute), 8 * time.Second}, {time.Time{}, 0},
	} {
		if got := f.Late(tt.by); got != tt.want {
			t.Errorf("by %s: late %s, want %s", tt.by, got, tt.want)
		}
	}
	if late := (Forecast{Payins: 5}).Late(began); late != 0 {
		t.Errorf("what cannot be told is %s late", late)
	}
}
