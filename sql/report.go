package sql

import (
	"context"
	"maps"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/merchant"
)

// openWindow takes the end from the window of a report whose window has none.
func openWindow(r *reconcile.Report) {
	if r.Scope.Window.To.Equal(merchant.EndOfTime) {
		r.Scope.Window.To = time.Time{}
	}
}

// Report returns one report, or reconcile.ErrNoReport.
func (s *reportStore) Report(ctx context.Context, id int64) (reconcile.Report, error) {
	report, err := s.report(ctx, s.Conn, id)
	return report, s.WrapError(ctx, err)
}

func (s *reportStore) report(ctx context.Context, tx sqlx.QueryerContext, id int64) (reconcile.Report, error) {
	var report reconcile.Report
	err := s.GetOr(ctx, tx, &report, reportQuery, db.Args{"id": id}, reconcile.ErrNoReport)
	openWindow(&report)
	return report, err
}

// checkCorrection makes sure that a scope's correction is one, and about that very scope; it may leave a run's project
// out.
func (s *reportStore) checkCorrection(ctx context.Context, tx sqlx.QueryerContext, scope reconcile.ReportScope) error {
	report, err := s.report(ctx, tx, scope.Correction)
	if err != nil {
		return err
	}
	own := report.Scope
	if scope.RunID != 0 && scope.ProjectID == "" {
		scope.ProjectID = own.ProjectID
	}
	same := own.RunID == scope.RunID && own.ProjectID == scope.ProjectID && own.Correction == scope.Correction
	if own.RunID == 0 {
		same = same && maps.Equal(scopeArgs(own), scopeArgs(scope))
	}
	if !same {
		return db.Errorf("report %d is no correction about what is asked for", report.ID)
	}
	return nil
}
