package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"hhrecon/reconcile"
)

const (
	clockTime   = "15:04"     // how done_by is written
	toldAgain   = time.Minute // between two forecasts in the log
	forecasting = "ask"       // the stage that takes the time
)

// forecaster tells when a run will be through, and warns, once a run, where that is too late.
type forecaster struct {
	log  *slog.Logger
	zone *time.Location
	rate float64
	last func(runID int64) float64 // payins a second of the whole run before; 0 is not known
	jobs []job
	now  func() time.Time

	run    int64     // the run that the rest is about
	began  time.Time // when the first payins were judged; zero before that
	first  int64     // payins that were judged by then
	told   time.Time
	paced  bool // its own pace was told
	warned bool
}

// opened tells of a run that begins or goes on, by the rate and by the last run's pace. It warns only where even the rate is
// too slow: the last run may have been under other settings.
func (f *forecaster) opened(run reconcile.Run) {
	f.run, f.began, f.first, f.paced, f.warned = run.ID, time.Time{}, run.Judged, false, false
	if run.Origin.Trigger == reconcile.TriggerAlert { // a few payins, and often
		return
	}
	left, now := run.Selected-run.Judged, f.now()
	pace := reconcile.Pace{Rate: f.rate, Last: f.last(run.ID)}
	sure := reconcile.ForecastOf(left, reconcile.Pace{Rate: f.rate}.PerSecond(), now)
	f.tell(run, reconcile.ForecastOf(left, pace.PerSecond(), now), sure, now)
}

// progress gives the forecast by the pace that the run really has, whoever works on it, and tells it now and then. ok is
// false where nothing can be said yet.
func (f *forecaster) progress(p reconcile.Progress) (text string, ok bool) {
	if p.Run.ID != f.run { // another process opened it
		f.opened(p.Run)
	}
	now := f.now()
	if p.Stage != forecasting || p.Run.Origin.Trigger == reconcile.TriggerAlert || p.Done <= f.first {
		return "", false
	}
	if f.began.IsZero() { // what comes before the first answers is no pace
		f.began, f.first = now, p.Done
	}
	if now.Sub(f.began) < reconcile.PaceShows {
		return "", false
	}
	perSecond := float64(p.Done-f.first) / now.Sub(f.began).Seconds()
	forecast := reconcile.ForecastOf(p.Total-p.Done, perSecond, now)
	if !f.paced || now.Sub(f.told) >= toldAgain {
		f.paced = true
		f.tell(p.Run, forecast, forecast, now)
	}
	return forecast.In(f.zone, now), true
}

// tell logs a forecast, as a warning where the one that is sure is too late.
func (f *forecaster) tell(run reconcile.Run, forecast, sure reconcile.Forecast, now time.Time) {
	f.told = now
	attrs := []any{"run", run.ID, "project", run.ProjectID, "forecast", forecast.In(f.zone, now), "payins", forecast.Payins}
	if !forecast.Done.IsZero() {
		attrs = append(attrs, "done_at", forecast.Done.In(f.zone))
	}
	by, why := deadline(f.jobs, run, now)
	if sure.Late(by) > 0 && !f.warned {
		f.warned = true
		f.log.Warn("run will take too long", append(attrs, "late", forecast.Late(by), "by", by.In(f.zone), "why", why)...)
		return
	}
	f.log.Info("run forecast", attrs...)
}

// forecast is that of a run which others work on, by its pace of late; else by its project's rate and the last run's pace.
func (n *night) forecast(ctx context.Context, run reconcile.Run, now time.Time) (*forecastResult, error) {
	perSecond, err := n.store.RecentPace(ctx, run.ID, now)
	if err != nil {
		return nil, fmt.Errorf("pace of run %d: %w", run.ID, err)
	}
	if perSecond == 0 {
		var pace reconcile.Pace
		if last, err := n.store.WholeRunBefore(ctx, run.ID); err == nil {
			pace.Last = last.Pace()
		}
		if p, err := n.settings.one(run.ProjectID); err == nil { // else it is in the settings no more
			pace.Rate = p.rate
		}
		perSecond = pace.PerSecond()
	}
	f := reconcile.ForecastOf(run.Selected-run.Judged, perSecond, now)
	r := &forecastResult{Payins: f.Payins, PerSecond: f.PerSecond, text: f.In(n.settings.zone, now)}
	if done := f.Done.In(n.settings.zone); !f.Done.IsZero() {
		r.DoneAt = &done
	}
	return r, nil
}

// lastPace is how many payins a second the project's last whole run before a run came to; 0 where that is not known.
func (n *night) lastPace(runID int64) float64 {
	ctx, cancel := context.WithTimeout(context.Background(), forecastTime)
	defer cancel()
	last, err := n.store.WholeRunBefore(ctx, runID)
	if err != nil {
		n.log.Debug("no last run to forecast by", "run", runID, "error", err)
		return 0
	}
	return last.Pace()
}

// forecastTime is how long looking for the last run may keep a run from its beginning.
const forecastTime = 5 * time.Second

// deadline is when the run should be through: the job's done_by, or its next due time where that comes first. It is
// zero for a run that no job began.
func deadline(jobs []job, run reconcile.Run, now time.Time) (by time.Time, why string) {
	for _, j := range jobs {
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
