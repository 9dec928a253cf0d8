package main

import (
	"context"
	"errors"
	"time"

	"hhrecon/reconcile"
)

// A month's report has the last word of its own runs on each payin that they asked about. What a later run finds about such a payin
// belongs to that month too where it contradicts the report: the month gets a correction then, which has that payin only.

// correctMonths has the reports of past months corrected by what a run found, and the project's small runs between it and the
// whole run before.
func (n *night) correctMonths(ctx context.Context, run reconcile.Run) error {
	if run.DryRun || run.Origin.Trigger == reconcile.TriggerAlert { // alerts come often: the next whole run sees to them
		return nil
	}
	late := reconcile.Window{To: run.StartedAt.Add(time.Microsecond)} // its own start is the last in it
	before, err := n.store.WholeRunBefore(ctx, run.ID)
	if err != nil && !errors.Is(err, reconcile.ErrNoRun) {
		return err
	}
	late.From = before.StartedAt
	var failed []error
	for _, j := range n.settings.jobs {
		if j.Do == "report" && j.Period == lastMonth && (j.Project == "" || j.Project == run.ProjectID) {
			failed = append(failed, n.correctReported(ctx, j.Name, j.Project, j.recipients(), late))
		}
	}
	return errors.Join(failed...)
}

// yearOfMonths is how long a month can be corrected.
const yearOfMonths = 366 * 24 * time.Hour

// correctReported has what a job has reported of months before corrected by the word of later runs.
func (n *night) correctReported(ctx context.Context, job, projectID string, recipients []reconcile.Recipient, late reconcile.Window) error {
	bases, err := n.store.Reported(ctx, job, projectID, late.To.Add(-yearOfMonths))
	if err != nil {
		return err
	}
	var failed []error
	for _, base := range bases {
		if base.Scope.Window.To.Before(late.To) {
			failed = append(failed, n.correctPeriod(ctx, base.Scope, job, recipients, late))
		}
	}
	return errors.Join(failed...)
}

// correctPeriod has the report of a period that was reported before corrected by the word of later runs.
func (n *night) correctPeriod(ctx context.Context, scope reconcile.Scope, job string, recipients []reconcile.Recipient, late reconcile.Window) error {
	return n.note(ctx, reconcile.Announcement{Scope: scope, Job: job, Late: late, Recipients: recipients, Now: time.Now()})
}
