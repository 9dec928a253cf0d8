package main

import (
	"context"
	"fmt"
	"time"

	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/summary"
	"hhrecon/reconcile"
)

// runResult is one run as commands print it.
type runResult = summary.Run

var newTable = console.NewTable

func (n *RunContext) forecast(ctx context.Context, run *reconcile.Run, now time.Time) (*summary.Forecast, error) {
	eta, late, err := n.etaOf(ctx, run, now)
	if err != nil {
		return nil, err
	}
	zone := n.Settings.Zone
	r := &summary.Forecast{Payins: eta.Payins, PerSecond: eta.PerSecond, Text: eta.In(zone, now)}
	if done := eta.Done.In(zone); !eta.Done.IsZero() {
		r.DoneAt = &done
	}
	if late != "" {
		r.Text += ", too late: " + late
	}
	return r, nil
}

// result reads a closed run's control totals from the store.
func (n *RunContext) result(ctx context.Context, run reconcile.Run) (*runResult, error) {
	all, err := n.Store.Totals(ctx, reconcile.Scope{RunID: run.ID})
	if err != nil {
		return nil, fmt.Errorf("control totals of run %d: %w", run.ID, err)
	}
	held, err := n.Store.HeldRuns(ctx, run.ProjectID)
	if err != nil {
		return nil, fmt.Errorf("held runs of project %s: %w", run.ProjectID, err)
	}
	r := summary.New(run, all, held, n.Settings.ProjectNames()[run.ProjectID], n.Settings.Zone)
	if run.Whole && !run.ClosedAt.IsZero() {
		r.Verified = n.verified(ctx, run.LastDay(), run)
	}
	return r, nil
}

// exitOf is the status with which a command ends after a run.
func exitOf(r *runResult) error {
	switch {
	case r.Headline == string(reconcile.HeadlineHeld):
		return &exitError{code: exitHeld}
	case r.Headline == string(reconcile.HeadlineComplete):
		return nil
	case r.Corrections.Refused+r.Corrections.Locked > 0:
		return &exitError{exitUntrusted, fmt.Errorf("run %d: the merchant's table refused %d corrections, %d rows were "+
			"locked: their reasons stand in the workbook's sheet Corrections",
			r.Run, r.Corrections.Refused, r.Corrections.Locked)}
	}
	return &exitError{code: exitUntrusted}
}
