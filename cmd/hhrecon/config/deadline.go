package config

import (
	"log/slog"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reconcile/run"
)

// DeadlineWatch logs one warning for each run that will miss its deadline. The setting done_by of the run's
// job is the deadline.
type DeadlineWatch struct {
	Log    *slog.Logger
	Zone   *time.Location
	ETA    func(*reconcile.Run, time.Time) (eta reconcile.ETA, late string, err error)
	run    int64
	next   time.Time // time of the next check
	warned bool
}

// Progress checks at most once a minute whether a run will miss its deadline.
func (w *DeadlineWatch) Progress(p run.Progress, now time.Time) {
	if p.Run.ID != w.run {
		w.run, w.next, w.warned = p.Run.ID, now, false
	}
	if p.Stage != "ask" || w.warned || now.Before(w.next) {
		return
	}
	w.next = now.Add(time.Minute)
	run := p.Run
	run.Judged = p.Done
	eta, late, _ := w.ETA(&run, now) // after an error, the next check may succeed
	if w.warned = late != ""; w.warned {
		w.Log.Warn("run will miss its deadline", "run", run.ID, "project", run.ProjectID, "eta", eta.In(w.Zone, now), "why",
			late)
	}
}
