package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"hhrecon/reconcile"
)

// etaOf estimates when all payins of a run at work will have been asked about, and says why that is too late if it is.
func (n *night) etaOf(ctx context.Context, run *reconcile.Run, now time.Time) (eta reconcile.ETA, late string, err error) {
	recent, err := n.store.RecentPace(ctx, run.ID, now)
	if err != nil {
		return reconcile.ETA{}, "", fmt.Errorf("pace of run %d: %w", run.ID, err)
	}
	p, _ := n.settings.one(run.ProjectID) // without a rate if it is no longer in the settings
	eta = reconcile.ETAOf(run, recent, p.rate, now)
	return eta, n.settings.late(run, eta.Done), nil
}

// etaNow is etaOf for a run's progress, which must not wait long for it.
func (n *night) etaNow(run *reconcile.Run, now time.Time) (reconcile.ETA, string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return n.etaOf(ctx, run, now)
}

// doneByWatch warns, once a run, that the run will not be done by its job's done_by.
type doneByWatch struct {
	log    *slog.Logger
	zone   *time.Location
	eta    func(*reconcile.Run, time.Time) (eta reconcile.ETA, late string, err error)
	run    int64
	next   time.Time // of the next check
	warned bool
}

func (w *doneByWatch) progress(p reconcile.Progress, now time.Time) {
	if p.Run.ID != w.run {
		w.run, w.next, w.warned = p.Run.ID, now, false
	}
	if p.Stage != "ask" || w.warned || now.Before(w.next) {
		return
	}
	w.next = now.Add(time.Minute)
	run := p.Run
	run.Judged = p.Done
	eta, late, _ := w.eta(&run, now) // the next check may succeed
	if w.warned = late != ""; w.warned {
		w.log.Warn("run will take too long", "run", run.ID, "project", run.ProjectID, "eta", eta.In(w.zone, now), "why", late)
	}
}

// late says why a run that is done then is too late: its job has a done_by. It is empty if the run is not late.
func (s *settings) late(run *reconcile.Run, done time.Time) string {
	for _, j := range s.schedules() {
		text, ours := strings.CutPrefix(run.Origin.Due, j.Name+" ")
		due, err := time.Parse(time.RFC3339, text)
		if !ours || err != nil {
			continue
		}
		if by := doneBy(j.DoneBy, due, j.zone); !by.IsZero() && done.After(by) {
			return "job " + j.Name + " is to be done by " + j.DoneBy
		}
	}
	return ""
}

// clockTime is how done_by is written.
const clockTime = "15:04"

// doneBy is the first time after a due time at which a zone's clocks show the time of day; zero if there is none.
func doneBy(clock string, due time.Time, zone *time.Location) time.Time {
	at, err := time.Parse(clockTime, clock)
	if err != nil {
		return time.Time{}
	}
	day := due.In(zone)
	for next := 0; ; next++ {
		wall := time.Date(day.Year(), day.Month(), day.Day()+next, at.Hour(), at.Minute(), 0, 0, time.UTC)
		if end := onWall(wall, zone); end.After(due) {
			return end
		}
	}
}
