package reconcile

import (
	"fmt"
	"math"
	"time"
)

// MinThroughputTime is the least time that payins must have been judged for before their number says how fast that is.
const MinThroughputTime = 10 * time.Second

// ETA is the estimate of when all payins of a run will have been asked about.
type ETA struct {
	Payins     int64     // still to be asked about
	Throughput float64   // payins a second
	Done       time.Time // to the second; zero if it is unknown
}

// maxETA is as far ahead as an estimate goes.
const maxETA = 365 * 24 * time.Hour

// EstimateETA estimates by how many payins a second were judged of late, or by the project's rate if that is 0.
func EstimateETA(run *Run, recent, rate float64, now time.Time) ETA {
	e := ETA{Payins: max(0, run.Selected-run.Judged), Throughput: recent}
	if recent == 0 && !math.IsInf(rate, 1) {
		e.Throughput = rate
	}
	if e.Payins == 0 {
		e.Done = now
	} else if seconds := math.Ceil(float64(e.Payins) / e.Throughput); seconds <= maxETA.Seconds() {
		e.Done = now.Add(time.Duration(seconds) * time.Second)
	}
	return e
}

// In reads like: 9 400 payins at 50/s: done at 02:33. The day is named if it is not that of now.
func (e ETA) In(zone *time.Location, now time.Time) string {
	text := grouped(e.Payins) + " payins"
	if e.Done.IsZero() {
		return text
	}
	done, layout := e.Done.In(zone), "15:04"
	if done.Format(time.DateOnly) != now.In(zone).Format(time.DateOnly) {
		layout = "2006-01-02 15:04"
	}
	pace := fmt.Sprintf("%.2g", e.Throughput)
	if e.Throughput >= 10 {
		pace = grouped(int64(e.Throughput + 0.5))
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
