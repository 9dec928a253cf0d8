package reports

import (
	"context"
	"errors"
	"fmt"

	"hhrecon/reconcile"
)

// ReportFinder finds stored reports.
type ReportFinder interface {
	Report(ctx context.Context, id int64) (reconcile.Report, error)
}

// For returns the options for a stored report. The method For sets ReportVersion. If the report is a corrected report
// of a run, it also sets Base.
func (o Options) For(ctx context.Context, e ReportFinder, a reconcile.Archive, r *reconcile.Report) (Options, error) {
	if o.ReportVersion, o.Base = r.Version, nil; r.Version == 0 {
		return o, nil
	}
	base, err := e.Report(ctx, r.BaseID)
	if err != nil {
		return o, fmt.Errorf("read the corrected report: %w", err)
	}
	if base.Scope.RunID != 0 {
		run, err := a.Run(ctx, base.Scope.RunID)
		if err != nil {
			return o, fmt.Errorf("read the run of the corrected report: %w", err)
		}
		o.Base = &run
	}
	return o, nil
}

// ErrNoVersion means that the options of a corrected report lack ReportVersion or Base. Options.For sets both.
var ErrNoVersion = errors.New("a correction needs its report version and the report that it corrects: see Options.For")

// HasAllFindings reports whether the scope has all findings of its runs. A corrected report has only the findings that
// differ from earlier reports.
func (r *Report) HasAllFindings() bool { return r.Scope.Correction == 0 }

// CorrectionTitle returns a title such as "Correction 1", or "" if the report is not a corrected report.
func (r *Report) CorrectionTitle() string {
	if r.HasAllFindings() {
		return ""
	}
	return r.T("title.correction", Number(int64(r.ReportVersion)))
}

// CorrectedTitle returns the name of the report that a corrected report replaces, such as "the report on
// run 7 of 2026-11-01".
func (r *Report) CorrectedTitle() string {
	if r.Run != nil {
		return r.T("title.report_on_run", Number(r.Base.ID), r.Day(r.Base.StartedAt))
	}
	return r.T("title.report_on_period", r.Day(r.Scope.Window.From), r.lastDay())
}
