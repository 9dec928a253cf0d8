package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"maps"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

// reportRow is a report as the statements read it.
type reportRow struct {
	ReportID   int64  `db:"report_id"`
	BaseID     int64  `db:"base_id"`
	Edition    int    `db:"edition"`
	RunID      int64  `db:"run_id"`
	ProjectID  string `db:"project_id"`
	WindowFrom moment `db:"window_from"`
	WindowTo   moment `db:"window_to"`
	Job        string `db:"job"`
	MadeAt     moment `db:"report_made_at"`
}

func (r *reportRow) report() reconcile.Report {
	if r.WindowTo.Equal(endOfTime) {
		r.WindowTo.Time = time.Time{}
	}
	report := reconcile.Report{
		ID: r.ReportID, BaseID: r.BaseID, Edition: r.Edition, Job: r.Job, MadeAt: r.MadeAt.Time,
		Scope: reconcile.Scope{
			RunID: r.RunID, ProjectID: r.ProjectID,
			Window: reconcile.Window{From: r.WindowFrom.Time, To: r.WindowTo.Time},
		},
	}
	if r.Edition > 0 {
		report.Scope.Correction = r.ReportID
	}
	return report
}

// Report returns one report, or reconcile.ErrNoReport.
func (s *Store) Report(ctx context.Context, id int64) (reconcile.Report, error) {
	report, err := s.report(ctx, s.db, id)
	return report, s.explain(ctx, err)
}

func (s *Store) report(ctx context.Context, db sqlx.QueryerContext, id int64) (reconcile.Report, error) {
	var row reportRow
	err := s.get(ctx, db, &row, reportQuery.in(s.dialect), args{"id": id})
	if errors.Is(err, stdsql.ErrNoRows) {
		err = reconcile.ErrNoReport
	}
	return row.report(), err
}

// checkCorrection makes sure that a scope's correction is one, and about that very scope; it may leave a run's project out.
func (s *Store) checkCorrection(ctx context.Context, db sqlx.QueryerContext, scope reconcile.Scope) error {
	report, err := s.report(ctx, db, scope.Correction)
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
		return faultf("report %d is no correction about what is asked for", report.ID)
	}
	return nil
}
