package reports

import (
	"context"
	"fmt"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/reports/totals"
)

// maxRuns bounds the runs of a period that are looked at: a year of hourly ones.
const maxRuns = 10_000

// subject is what a report is about: one run, or the runs of a period.
type subject struct {
	Options
	i18n.Printer
	scope  reconcile.ReportScope
	run    *reconcile.Run  // nil for a period
	runs   []reconcile.Run // of a period, newest first
	totals []reconcile.Total
	nights []reconcile.DailyTotals // up to the report's run or end, the oldest first

	known map[int64]*reconcile.Run
	wraps bool                                           // a workbook: sentences stand in cells that wrap them
	marks map[reconcile.SupportKey]reconcile.SupportCase // nil where no desk is given
}

// about reads what the whole scope has in common.
func about(ctx context.Context, a reconcile.Archive, s reconcile.ReportScope, o Options) (*subject, error) {
	in, err := i18n.For(o.Language)
	if err != nil {
		return nil, err
	}
	r := &subject{Options: o, Printer: in, scope: s, known: make(map[int64]*reconcile.Run)}
	r.Figure = r.firm
	if s.RunID != 0 {
		run, err := a.Run(ctx, s.RunID)
		if err != nil {
			return nil, fmt.Errorf("report on run %d: %w", s.RunID, err)
		}
		r.run, r.known[run.ID] = &run, &run
	} else if err := r.readRuns(ctx, a); err != nil {
		return nil, err
	}
	if !r.whole() && (r.Edition == 0 || r.run != nil && r.Base == nil) {
		return nil, errNoEdition
	}
	sums, err := a.Totals(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("add up the findings: %w", err)
	}
	r.totals = totals.InOrder(sums)
	return r, nil
}

// readRuns finds the closed runs that started within the period; a dry run has no last word.
func (r *subject) readRuns(ctx context.Context, a reconcile.Archive) error {
	runs, err := a.Runs(ctx, r.scope.ProjectID, maxRuns)
	if err != nil {
		return fmt.Errorf("list the runs of the period: %w", err)
	}
	for _, run := range runs {
		inside := !run.StartedAt.Before(r.scope.Window.From) && run.StartedAt.Before(r.scope.Window.To)
		if run.DryRun || !closed(&run) {
			continue
		}
		if inside {
			r.runs = append(r.runs, run)
		}
		if inside || !r.whole() { // a correction has the word of later runs too
			r.known[run.ID] = &run
		}
	}
	return nil
}

// moment is the moment against which a finding was judged.
func (r *subject) moment(f *reconcile.Finding) time.Time {
	if run, ok := r.known[f.RunID]; ok {
		return run.StartedAt
	}
	return f.CheckedAt
}

// waits tells whether a person can decide about a finding. About a dry run's nothing can be decided, and
// a run that is not closed may still change what there is to decide.
func (r *subject) waits(f *reconcile.Finding) bool {
	run, ok := r.known[f.RunID]
	return ok && !run.DryRun && closed(run) && f.AwaitsDecision(&run.Rules)
}

// closed tells whether a run has come to its end, whatever a person did to it since.
func closed(run *reconcile.Run) bool {
	switch run.State {
	case reconcile.Complete, reconcile.Held, reconcile.Released, reconcile.Discarded:
		return true
	}
	return false
}

// title names the report in one line.
func (r *subject) title() string {
	about := r.T("title.period", r.day(r.scope.Window.From), r.lastDay())
	if r.run != nil {
		about = r.T("title.run", number(r.run.ID))
	}
	if !r.whole() {
		about = r.edition() + " " + r.T("title.correction_to", r.corrected())
	}
	return about + " · " + r.projects()
}

// projects names the project that the report is about.
func (r *subject) projects() string {
	if id := r.projectID(); id != "" {
		return r.project(id)
	}
	return r.T("fact.all_projects")
}

// projectID is "" for all projects.
func (r *subject) projectID() string {
	if r.run != nil {
		return r.run.ProjectID
	}
	return r.scope.ProjectID
}

func (r *subject) day(t time.Time) string { return t.In(r.zone()).Format(time.DateOnly) }

// lastDay is the period's last day: its end is exclusive, so that a month ends before the next one's midnight.
func (r *subject) lastDay() string { return r.day(r.scope.Window.To.Add(-time.Nanosecond)) }

// tie compares what was added up here with what the database added up by itself, and a closed run's
// findings with the payins that it selected. The kind of report goes into the error.
func (r *subject) tie(kind string, sums totals.Tally) error {
	if err := totals.Compare(kind, sums.Totals(), r.totals); err != nil {
		return err
	}
	if run, n := r.run, sums.Count(); run != nil && closed(run) && r.whole() && n != run.Selected {
		return fmt.Errorf("the %s does not tie: run %d selected %d payins, its findings are %d", kind, run.ID, run.Selected,
			n)
	}
	return nil
}
