package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/summary"
	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/reports/totals"
)

// runResult is one run as commands print it.
type runResult = summary.Run

var newTable = console.NewTable

func (n *night) forecast(ctx context.Context, run *reconcile.Run, now time.Time) (*summary.Forecast, error) {
	eta, late, err := n.etaOf(ctx, run, now)
	if err != nil {
		return nil, err
	}
	zone := n.settings.Zone
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
func (n *night) result(ctx context.Context, run reconcile.Run) (*runResult, error) {
	all, err := n.store.Totals(ctx, reconcile.Scope{RunID: run.ID})
	if err != nil {
		return nil, fmt.Errorf("control totals of run %d: %w", run.ID, err)
	}
	r := &runResult{
		Run: run.ID, Project: run.ProjectID, ProjectName: n.settings.ProjectNames()[run.ProjectID],
		State: string(run.State), Headline: string(run.Headline()), DryRun: run.DryRun,
		From: run.Window.From.In(n.settings.Zone), To: run.Window.To.In(n.settings.Zone),
		StartedAt: run.StartedAt.In(n.settings.Zone),
		Selected:  run.Selected, Judged: run.Judged, Settled: run.Settled, Answered: run.Weight.Answered, Unresolved: run.Unresolved,
		Outcomes: []summary.Outcome{}, Note: i18n.English().Clauses(run.Note), Shortfall: i18n.English().Clauses(run.Shortfall()),
	}
	if !run.ClosedAt.IsZero() {
		closed := run.ClosedAt.In(n.settings.Zone)
		r.ClosedAt = &closed
	}
	for _, fault := range run.Queries.Faults {
		r.QueryFaults = append(r.QueryFaults, i18n.English().Sentence(fault.Reason))
	}
	held, err := n.store.HeldRuns(ctx, run.ProjectID)
	if err != nil {
		return nil, fmt.Errorf("held runs of project %s: %w", run.ProjectID, err)
	}
	for _, h := range held {
		r.HeldRuns = append(r.HeldRuns, h.ID)
	}
	if run.Whole && !run.ClosedAt.IsZero() {
		r.Verified = n.verified(ctx, run.LastDay(), run)
	}
	sum := totals.Counts(all)
	r.Corrections = summary.Corrections{
		Applied: sum.Applied, Superseded: sum.Superseded, Refused: sum.Refused, Locked: sum.Locked, Held: sum.Held, DryRun: sum.DryRun,
	}
	for _, t := range all {
		r.Outcomes = append(r.Outcomes, summary.Outcome{
			Outcome: string(t.Outcome), Currency: t.Currency, Count: t.Count, MerchantAmount: t.Amount,
			Compared: t.Compared, ComparedAmount: t.ComparedAmount, Amount: t.PaidAmount,
		})
	}
	slices.SortFunc(r.Outcomes, func(a, b summary.Outcome) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(rank(a.Outcome), rank(b.Outcome)))
	})
	return r, nil
}

func rank(outcome string) int { return slices.Index(reconcile.Outcomes, reconcile.Outcome(outcome)) }

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
