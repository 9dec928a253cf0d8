package reports

import (
	"context"
	"errors"
	"fmt"

	"hhrecon/reconcile"
)

// Editions finds reports, as a ledger does.
type ReportFinder interface {
	Report(ctx context.Context, id int64) (reconcile.Report, error)
}

// For completes options for a report: which edition it is, and which run's report it corrects.
func (o Options) For(ctx context.Context, e ReportFinder, a reconcile.Archive, r *reconcile.Report) (Options, error) {
	if o.Edition, o.Base = r.Version, nil; r.Version == 0 {
		return o, nil
	}
	base, err := e.Report(ctx, r.BaseID)
	if err != nil {
		return o, fmt.Errorf("the report that is corrected: %w", err)
	}
	if base.Scope.RunID != 0 {
		run, err := a.Run(ctx, base.Scope.RunID)
		if err != nil {
			return o, fmt.Errorf("the run whose report is corrected: %w", err)
		}
		o.Base = &run
	}
	return o, nil
}

var ErrNoVersion = errors.New("a correction needs its edition and what it corrects: see Options.For")

// whole tells whether the scope has every finding of its runs; a correction has the differences only.
func (r *Report) HasAllFindings() bool { return r.Scope.Correction == 0 }

// edition says of a correction which one it is: "Correction 1"; "" if the report is not a correction.
func (r *Report) CorrectionTitle() string {
	if r.HasAllFindings() {
		return ""
	}
	return r.T("title.correction", Number(int64(r.Edition)))
}

// corrected names the report that a correction is to: "the report on run 7 of 2026-11-01".
func (r *Report) CorrectedTitle() string {
	if r.Run != nil {
		return r.T("title.report_on_run", Number(r.Base.ID), r.Day(r.Base.StartedAt))
	}
	return r.T("title.report_on_period", r.Day(r.Scope.Window.From), r.lastDay())
}
