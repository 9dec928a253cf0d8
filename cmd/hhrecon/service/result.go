package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/summary"
	"hhrecon/reconcile"
)

// Forecast estimates when a run will end.
func (n *RunContext) Forecast(ctx context.Context, run *reconcile.Run, now time.Time) (*summary.Forecast, error) {
	eta, late, err := n.etaOf(ctx, run, now)
	if err != nil {
		return nil, err
	}
	zone := n.Settings.Zone
	r := &summary.Forecast{Payins: eta.Payins, PerSecond: eta.Throughput, Text: eta.In(zone, now)}
	if done := eta.Done.In(zone); !eta.Done.IsZero() {
		r.DoneAt = &done
	}
	if late != "" {
		r.Text += ", too late: " + late
	}
	return r, nil
}

// Result reads the control totals of a closed run.
func (n *RunContext) Result(ctx context.Context, run reconcile.Run) (*summary.Run, error) {
	all, err := n.Store.Totals(ctx, reconcile.ReportScope{RunID: run.ID})
	if err != nil {
		return nil, fmt.Errorf("control totals of run %d: %w", run.ID, err)
	}
	held, err := n.Store.HeldRuns(ctx, run.ProjectID)
	if err != nil {
		return nil, fmt.Errorf("held runs of project %s: %w", run.ProjectID, err)
	}
	r := summary.New(run, all, held, n.Settings.ProjectNames()[run.ProjectID], n.Settings.Zone)
	if _, err := n.Store.LastWhole(ctx, run.ProjectID); run.DryRun && run.Whole && errors.Is(err, reconcile.ErrNoRun) {
		r.SetChecklist(&run, all)
	}
	if run.Whole && !run.ClosedAt.IsZero() {
		r.Verified = n.verified(ctx, run.LastDay(), run)
	}
	return r, nil
}

// exitOf returns an error with the exit status of a command that executed a run.
func exitOf(r *summary.Run) error {
	switch {
	case r.Headline == string(reconcile.ResultHeld):
		return exit.With(exit.Held, nil)
	case r.Headline == string(reconcile.ResultComplete):
		return nil
	case r.Corrections.Refused+r.Corrections.Locked > 0:
		return exit.With(exit.Untrusted, fmt.Errorf("run %d: the merchant's table refused %s, and %s locked: the sheet "+
			"Corrections of the workbook has the reasons",
			r.Run, console.Counted(r.Corrections.Refused, "correction"), console.Counted(r.Corrections.Locked, "row")))
	}
	return exit.With(exit.Untrusted, nil)
}

// etaOf estimates when a run will have queried all its payins. If the run will miss the deadline of its job,
// late describes the deadline.
func (n *RunContext) etaOf(ctx context.Context, run *reconcile.Run,
	now time.Time) (eta reconcile.ETA, late string, err error) {
	recent, err := n.Store.RecentThroughput(ctx, run.ID, now)
	if err != nil {
		return reconcile.ETA{}, "", fmt.Errorf("pace of run %d: %w", run.ID, err)
	}
	p, _ := n.Settings.One(run.ProjectID) // a project that is no longer in the settings has no rate
	eta = reconcile.EstimateETA(run, recent, p.Rate, now)
	return eta, n.Settings.MissesDeadline(run, eta.Done), nil
}

// etaNow calls etaOf with a time limit, for progress lines.
func (n *RunContext) etaNow(run *reconcile.Run, now time.Time) (reconcile.ETA, string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return n.etaOf(ctx, run, now)
}
