package reports

import (
	"context"
	"errors"
	"fmt"

	"hhrecon/reconcile"
)

// Editions finds reports, as a ledger does.
type Editions interface {
	Report(ctx context.Context, id int64) (reconcile.Report, error)
}

// For completes options for a report: which edition it is, and which run's report it corrects.
func (o Options) For(ctx context.Context, e Editions, a reconcile.Archive, r *reconcile.Report) (Options, error) {
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

var errNoEdition = errors.New("a correction needs its edition and what it corrects: see Options.For")

// whole tells whether the scope has every finding of its runs; a correction has the differences only.
func (r *subject) whole() bool { return r.scope.Correction == 0 }

// edition says of a correction which one it is: "Correction 1"; "" of a report of its own.
func (r *subject) edition() string {
	if r.whole() {
		return ""
	}
	return r.T("title.correction", number(int64(r.Edition)))
}

// corrected names the report that a correction is to: "the report on run 7 of 2026-11-01".
func (r *subject) corrected() string {
	if r.run != nil {
		return r.T("title.report_on_run", number(r.Base.ID), r.day(r.Base.StartedAt))
	}
	return r.T("title.report_on_period", r.day(r.scope.Window.From), r.lastDay())
}

// edition says what a correction is, and to what.
func (g *grid) edition() {
	r := g.book.about
	if r.whole() {
		return
	}
	g.put(1, r.edition(), plainStyle)
	g.put(2, g.T("title.correction_to", r.corrected()), strongStyle)
	g.next(1)
	g.fact("", g.T("title.correction_meaning"), plainStyle)
}
