package reconcile

import (
	"fmt"
	"math"
	"time"
)

// Pace is what is known of how fast a project's payins are asked about, before a run has a pace of its own.
type Pace struct {
	Rate float64 // requests a second at most; 0 or infinite is no limit
	Last float64 // payins a second of the last whole run, see Run.Pace; 0 is not known
}

// PerSecond is how many payins a second that comes to, or 0 where nothing is known.
func (p Pace) PerSecond() float64 {
	switch {
	case math.IsInf(p.Rate, 1), p.Rate <= 0:
		return p.Last
	case p.Last <= 0:
		return p.Rate
	}
	return min(p.Rate, p.Last)
}

// PaceShows is how long payins must have been asked about before the pace of that says something.
const PaceShows = 10 * time.Second

// Pace is how many payins a second a closed run came to, all in all; 0 where it was over too soon to say.
func (r *Run) Pace() float64 {
	took := r.ClosedAt.Sub(r.StartedAt)
	if r.ClosedAt.IsZero() || took < PaceShows {
		return 0
	}
	return float64(r.Selected) / took.Seconds()
}

// Forecast says when a run will be through.
type Forecast struct {
	Payins    int64     // still to be asked about
	PerSecond float64   // payins a second
	Done      time.Time // to the second; zero where that cannot be told
}

// maxForecast is as far ahead as a forecast looks: beyond a year it says nothing.
const maxForecast = 365 * 24 * time.Hour

// ForecastOf says when so many payins will have been asked about at so many a second.
func ForecastOf(payins int64, perSecond float64, now time.Time) Forecast {
	f := Forecast{Payins: max(0, payins), PerSecond: perSecond}
	if f.Payins == 0 {
		f.Done = now
		return f
	}
	if perSecond <= 0 {
		return f
	}
	if seconds := math.Ceil(float64(f.Payins) / perSecond); seconds <= maxForecast.Seconds() {
		f.Done = now.Add(time.Duration(seconds) * time.Second)
	}
	return f
}

// Late says by how much the forecast is after a moment; 0 where it is not, or where either is not known.
func (f Forecast) Late(by time.Time) time.Duration {
	if f.Done.IsZero() || by.IsZero() {
		return 0
	}
	return max(0, f.Done.Sub(by))
}

// In reads like: 9 400 payins at 50/s: done at 02:33. The day stands there where it is not that of now.
func (f Forecast) In(zone *time.Location, now time.Time) string {
	text := grouped(f.Payins) + " payins"
	if f.Done.IsZero() {
		return text
	}
	done, layout := f.Done.In(zone), "15:04"
	if done.Format(time.DateOnly) != now.In(zone).Format(time.DateOnly) {
		layout = "2006-01-02 15:04"
	}
	pace := fmt.Sprintf("%.2g", f.PerSecond)
	if f.PerSecond >= 10 {
		pace = grouped(int64(f.PerSecond + 0.5))
	}
	return fmt.Sprintf("%s at %s/s: done at %s", text, pace, done.Format(layout))
}

// grouped writes a count with a space between its thousands.
func grouped(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s %03d", grouped(n/1000), n%1000)
}
