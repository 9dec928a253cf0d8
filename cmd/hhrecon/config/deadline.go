package config

import (
	"log/slog"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reconcile/run"
)

// DeadlineWatch warns once for each run that will miss its deadline, done_by of its job.
type DeadlineWatch struct {
	Log    *slog.Logger
	Zone   *time.Location
	ETA    func(*reconcile.Run, time.Time) (eta reconcile.ETA, late string, err error)
	run    int64
	next   time.Time // of the next check
	warned bool
}

// Progress checks a run's progress, at most once a minute.
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
	eta, late, _ := w.ETA(&run, now) // the next check may succeed
	if w.warned = late != ""; w.warned {
		w.Log.Warn("run will miss its deadline", "run", run.ID, "project", run.ProjectID, "eta", eta.In(w.Zone, now), "why",
			late)
	}
}
