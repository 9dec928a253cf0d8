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

// maxRuns is the maximum number of runs of a period. A year of hourly runs has fewer runs.
const maxRuns = 10_000

// Report is the data that all formats of a report share. A report is about one run or about the runs of a period.
type Report struct {
	Options
	i18n.Printer
	Scope  reconcile.ReportScope
	Run    *reconcile.Run  // nil for a period
	Runs   []reconcile.Run // the runs of a period, newest first
	Totals []reconcile.Total

	known    map[int64]*reconcile.Run
	WrapText bool                                           // the report is a workbook; its cells wrap sentences
	marks    map[reconcile.SupportKey]reconcile.SupportCase // nil if Options.Support is not set
}

// NewReport reads the run or the runs of a scope and their totals.
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
	if !r.HasAllFindings() && (r.ReportVersion == 0 || r.Run != nil && r.Base == nil) {
		return nil, ErrNoVersion
	}
	sums, err := a.Totals(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("add up the findings: %w", err)
	}
	r.Totals = totals.InOrder(sums)
	return r, nil
}

// readRuns finds the closed runs that started within the period, except dry runs.
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
		if inside || !r.HasAllFindings() { // a corrected report also has findings of later runs
			r.known[run.ID] = &run
		}
	}
	return nil
}

// judgedAt returns the time at which a finding was judged.
func (r *Report) judgedAt(f *reconcile.Finding) time.Time {
	if run, ok := r.known[f.RunID]; ok {
		return run.StartedAt
	}
	return f.CheckedAt
}

// undecided reports whether a person must decide about a finding. Findings of dry runs and of open runs need no
// decision.
func (r *Report) undecided(f *reconcile.Finding) bool {
	run, ok := r.known[f.RunID]
	return ok && !run.DryRun && IsClosed(run) && f.AwaitsDecision(&run.Rules)
}

// IsClosed reports whether a run is complete, held, released or discarded.
func IsClosed(run *reconcile.Run) bool {
	switch run.State {
	case reconcile.Complete, reconcile.Held, reconcile.Released, reconcile.Discarded:
		return true
	}
	return false
}

// Title returns the report's title in one line.
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

// projectTitle returns the name of the report's project for the title.
func (r *Report) projectTitle() string {
	if id := r.projectID(); id != "" {
		return r.ProjectName(id)
	}
	return r.T("fact.all_projects")
}

// projectID returns the ID of the report's project, or "" for all projects.
func (r *Report) projectID() string {
	if r.Run != nil {
		return r.Run.ProjectID
	}
	return r.Scope.ProjectID
}

// Day returns the date of a time in the time zone of the report.
func (r *Report) Day(t time.Time) string { return t.In(r.Location()).Format(time.DateOnly) }

// lastDay returns the period's last day. The end of the period is the midnight after the last day.
func (r *Report) lastDay() string { return r.Day(r.Scope.Window.To.Add(-time.Nanosecond)) }

// ReconcileTotals compares the totals of the findings with the database's totals, and the findings of a closed run with
// its selected payins. The error contains the kind of the report.
func (r *Report) ReconcileTotals(kind string, sums totals.Totals) error {
	if err := totals.Compare(kind, sums.List(), r.Totals); err != nil {
		return err
	}
	if run, n := r.Run, sums.Count(); run != nil && IsClosed(run) && r.HasAllFindings() && n != run.Selected {
		return fmt.Errorf("the totals of the %s do not agree: run %d selected %d payins, but has %d findings", kind,
			run.ID, run.Selected, n)
	}
	return nil
}

// DryRunMark returns the text at the end of the title of a dry run's report, or "" for other runs.
func (r *Report) DryRunMark() string {
	if r.Run != nil && r.Run.DryRun {
		return " · " + r.T("headline.dry_run")
	}
	return ""
}

// ShadowNights returns a sentence with the number of clean nights in a row, and says whether shadow
// can be switched off.
func ShadowNights(p i18n.Printer, nights int64) string {
	if nights >= reconcile.ShadowNights {
		return p.T("shadow.ready", i18n.Count(nights))
	}
	return p.T("shadow.nights", i18n.Count(nights))
}

// DryRunText returns a sentence that a dry run wrote nothing. For a shadow run, it adds the sentence of ShadowNights.
func DryRunText(p i18n.Printer, run *reconcile.Run) string {
	if run.Unreported() {
		return p.T("headline.dry_run_meaning")
	}
	return p.T("shadow.meaning") + " " + ShadowNights(p, run.CleanNights())
}

// EachFinding passes each finding of the scope to the function do.
func EachFinding(ctx context.Context, a reconcile.Archive, s reconcile.ReportScope,
	do func(*reconcile.Finding) error) error {
	return Each("read the findings", a.Findings(ctx, s), func(f *reconcile.Finding) error {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read the findings: %w", err)
		}
		return do(f)
	})
}

// Each passes each item of a sequence to the function do. The parameter reading describes the sequence in errors.
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
