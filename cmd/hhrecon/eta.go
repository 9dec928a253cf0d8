package main

import (
	"context"
	"fmt"
	"time"

	"hhrecon/reconcile"
)

// etaOf estimates when all payins of a run at work will have been asked about, and says why that is too late if it is.
func (n *RunContext) etaOf(ctx context.Context, run *reconcile.Run, now time.Time) (eta reconcile.ETA, late string,
	err error) {
	recent, err := n.Store.RecentPace(ctx, run.ID, now)
	if err != nil {
		return reconcile.ETA{}, "", fmt.Errorf("pace of run %d: %w", run.ID, err)
	}
	p, _ := n.Settings.One(run.ProjectID) // without a rate if it is no longer in the settings
	eta = reconcile.ETAOf(run, recent, p.Rate, now)
	return eta, n.Settings.Late(run, eta.Done), nil
}

// etaNow is etaOf for a run's progress, which must not wait long for it.
func (n *RunContext) etaNow(run *reconcile.Run, now time.Time) (reconcile.ETA, string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return n.etaOf(ctx, run, now)
}
