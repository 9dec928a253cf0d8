package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"hhrecon/reconcile"
)

// etaOf estimates when all payins of a run at work will have been asked about, and says why that is too late if it is.
func (n *night) etaOf(ctx context.Context, run *reconcile.Run, now time.Time) (eta reconcile.ETA, late string, err error) {
	recent, err := n.store.RecentPace(ctx, run.ID, now)
	if err != nil {
		return reconcile.ETA{}, "", fmt.Errorf("pace of run %d: %w", run.ID, err)
	}
	p, _ := n.settings.One(run.ProjectID) // without a rate if it is no longer in the settings
	eta = reconcile.ETAOf(run, recent, p.Rate, now)
	return eta, n.settings.Late(run, eta.Done), nil
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
