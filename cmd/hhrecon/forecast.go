package main

import (
	"log/slog"
	"strings"
	"time"

	"hhrecon/reconcile"
)

const (
	clockTime   = "15:04"          // how done_by is written
	paceShows   = 10 * time.Second // a run's own pace counts after so long
	toldAgain   = time.Minute      // between two forecasts in the log
	forecasting = "ask"            // the stage that takes the time
)

// forecaster tells when a run will be through, and warns, once a run, where that is too late.
type forecaster struct {
	log  *slog.Logger
	zone *time.Location
	pace reconcile.Pace
	jobs []job
	now  func() time.Time

	run    int64 // the run that the rest is about
	began  time.Time
	first  int64 // payins that were judged by then
	told   time.Time
	warned bool
}

// opened tells of a run that begins or goes on, by what the settings let through: no latency is known yet.
func (f *forecaster) opened(run reconcile.Run) {
	f.run, f.began, f.first, f.warned = run.ID, f.now(), run.Judged, false
	f.tell(run, reconcile.ForecastOf(run.Selected-run.Judged, f.pace.PerSecond(), f.began), f.began)
}

// progress gives the forecast by the pace that the run really has, and tells it now and then. ok is false where
// nothing can be said yet.
func (f *forecaster) progress(p reconcile.Progress) (text string, ok bool) {
	now := f.now()
	if p.Stage != forecasting || p.Run.ID != f.run || now.Sub(f.began) < paceShows || p.Done <= f.first {
		return "", false
	}
	perSecond := float64(p.Done-f.first) / now.Sub(f.began).Seconds()
	forecast := reconcile.ForecastOf(p.Total-p.Done, perSecond, now)
	if now.Sub(f.told) >= toldAgain {
		f.tell(p.Run, forecast, now)
	}
	return forecast.In(f.zone, now), true
}

func (f *forecaster) tell(run reconcile.Run, forecast reconcile.Forecast, now time.Time) {
	f.told = now
	attrs := []any{"run", run.ID, "project", run.ProjectID, "forecast", forecast.In(f.zone, now)}
	by, why := f.deadline(run, now)
	if late := forecast.Late(by); late > 0 && !f.warned {
		f.warned = true
		f.log.Warn("run will take too long", append(attrs, "late", late, "by", by.In(f.zone), "why", why)...)
		return
	}
	f.log.Info("run forecast", attrs...)
}

// deadline is when the run should be through: the job's done_by, or its next due time where that comes first. It is
// zero for a run that no job began.
func (f *forecaster) deadline(run reconcile.Run, now time.Time) (by time.Time, why string) {
	for _, j := range f.jobs {
		text, ours := strings.CutPrefix(run.Origin.Due, j.Name+" ")
		due, err := time.Parse(time.RFC3339, text)
		if !ours || err != nil {
			continue
		}
		by, why = j.Next(now), "job "+j.Name+" is due again"
		if end := doneBy(j.DoneBy, due, j.zone); !end.IsZero() && end.Before(by) {
			return end, "job " + j.Name + " is to be done by " + j.DoneBy
		}
		return by, why
	}
	return time.Time{}, ""
}

// doneBy is the first time after a due time at which a zone's clocks show the time of day; zero where there is none.
func doneBy(clock string, due time.Time, zone *time.Location) time.Time {
	at, err := time.Parse(clockTime, clock)
	if err != nil {
		return time.Time{}
	}
	day := due.In(zone)
	for next := 0; ; next++ {
		end := onWall(time.Date(day.Year(), day.Month(), day.Day()+next, at.Hour(), at.Minute(), 0, 0, time.UTC), zone)
		if end.After(due) {
			return end
		}
	}
}
