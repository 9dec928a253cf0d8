package reports

import (
	"context"
	"fmt"
	"iter"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/reports/totals"
)

// maxRuns bounds the runs of a period that are looked at: a year of hourly ones.
const maxRuns = 10_000

// subject is what a report is about: one run, or the runs of a period.
type Report struct {
	Options
	i18n.Printer
	Scope  reconcile.ReportScope
	Run    *reconcile.Run  // nil for a period
	Runs   []reconcile.Run // of a period, newest first
	Totals []reconcile.Total

	known    map[int64]*reconcile.Run
	WrapText bool                                           // a workbook: sentences stand in cells that wrap them
	marks    map[reconcile.SupportKey]reconcile.SupportCase // nil where no desk is given
}

// about reads what the whole scope has in common.
func NewReport(ctx context.Context, a reconcile.Archive, s reconcile.ReportScope, o Options) (*Report, error) {
	in, err := i18n.For(o.Language)
	if err != nil {
		return nil, err
	}
	r := &Report{Options: o, Printer: in, Scope: s, known: make(map[int64]*reconcile.Run)}
	r.Figure = r.NoBreak
	if s.RunID != 0 {
		run, err := a.Run(ctx, s.RunID)
		if err != nil {
			return nil, fmt.Errorf("report on run %d: %w", s.RunID, err)
		}
		r.Run, r.known[run.ID] = &run, &run
	} else if err := r.readRuns(ctx, a); err != nil {
		return nil, err
	}
	if !r.HasAllFindings() && (r.Edition == 0 || r.Run != nil && r.Base == nil) {
		return nil, ErrNoVersion
	}
	sums, err := a.Totals(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("add up the findings: %w", err)
	}
	r.Totals = totals.InOrder(sums)
	return r, nil
}

// readRuns finds the closed runs that started within the period; a dry run is not part of a period.
func (r *Report) readRuns(ctx context.Context, a reconcile.Archive) error {
	runs, err := a.Runs(ctx, r.Scope.ProjectID, maxRuns)
	if err != nil {
		return fmt.Errorf("list the runs of the period: %w", err)
	}
	for _, run := range runs {
		inside := !run.StartedAt.Before(r.Scope.Window.From) && run.StartedAt.Before(r.Scope.Window.To)
		if run.DryRun || !IsClosed(&run) {
			continue
		}
		if inside {
			r.Runs = append(r.Runs, run)
		}
		if inside || !r.HasAllFindings() { // a correction has the word of later runs too
			r.known[run.ID] = &run
		}
	}
	return nil
}

// moment is the moment against which a finding was judged.
func (r *Report) moment(f *reconcile.Finding) time.Time {
	if run, ok := r.known[f.RunID]; ok {
		return run.StartedAt
	}
	return f.CheckedAt
}

// waits tells whether a person can decide about a finding. About a dry run's nothing can be decided, and
// a run that is not closed may still change what there is to decide.
func (r *Report) undecided(f *reconcile.Finding) bool {
	run, ok := r.known[f.RunID]
	return ok && !run.DryRun && IsClosed(run) && f.AwaitsDecision(&run.Rules)
}

// closed tells whether a run has come to its end, whatever a person did to it since.
func IsClosed(run *reconcile.Run) bool {
	switch run.State {
	case reconcile.Complete, reconcile.Held, reconcile.Released, reconcile.Discarded:
		return true
	}
	return false
}

// title names the report in one line.
func (r *Report) Title() string {
	about := r.T("title.period", r.Day(r.Scope.Window.From), r.lastDay())
	if r.Run != nil {
		about = r.T("title.run", Number(r.Run.ID))
	}
	if !r.HasAllFindings() {
		about = r.CorrectionTitle() + " " + r.T("title.correction_to", r.CorrectedTitle())
	}
	return about + " · " + r.projectTitle()
}

// projects names the project that the report is about.
func (r *Report) projectTitle() string {
	if id := r.projectID(); id != "" {
		return r.ProjectName(id)
	}
	return r.T("fact.all_projects")
}

// projectID is "" for all projects.
func (r *Report) projectID() string {
	if r.Run != nil {
		return r.Run.ProjectID
	}
	return r.Scope.ProjectID
}

func (r *Report) Day(t time.Time) string { return t.In(r.Location()).Format(time.DateOnly) }

// lastDay is the period's last day: its end is exclusive, so that a month ends before the next one's midnight.
func (r *Report) lastDay() string { return r.Day(r.Scope.Window.To.Add(-time.Nanosecond)) }

// tie compares what was added up here with what the database added up by itself, and a closed run's
// findings with the payins that it selected. The kind of report goes into the error.
func (r *Report) ReconcileTotals(kind string, sums totals.Totals) error {
	if err := totals.Compare(kind, sums.List(), r.Totals); err != nil {
		return err
	}
	if run, n := r.Run, sums.Count(); run != nil && IsClosed(run) && r.HasAllFindings() && n != run.Selected {
		return fmt.Errorf("the %s does not tie: run %d selected %d payins, its findings are %d", kind, run.ID, run.Selected,
			n)
	}
	return nil
}

func (r *Report) DryRunMark() string {
	if r.Run != nil && r.Run.DryRun {
		return " · " + r.T("headline.dry_run")
	}
	return ""
}

func EachFinding(ctx context.Context, a reconcile.Archive, s reconcile.ReportScope,
	do func(*reconcile.Finding) error) error {
	return Each("read the findings", a.Findings(ctx, s), func(f *reconcile.Finding) error {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read the findings: %w", err)
		}
		return do(f)
	})
}

// each calls do with all that is read; reading says what that is.
func Each[T any](reading string, all iter.Seq2[T, error], do func(*T) error) error {
	for one, err := range all {
		if err != nil {
			return fmt.Errorf("%s: %w", reading, err)
		}
		if err := do(&one); err != nil {
			return err
		}
	}
	return nil
}
