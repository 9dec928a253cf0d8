package sql

import (
	"cmp"
	"context"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/hold"
)

// Totals adds up the scope's findings by outcome and currency, in the database.
func (s *findingStore) Totals(ctx context.Context, scope reconcile.ReportScope) ([]reconcile.Total, error) {
	if err := s.whole(ctx, s.Conn, scope); err != nil {
		return nil, s.WrapError(ctx, err)
	}
	st := totalsOfRunQuery.In(s.Dialect)
	switch {
	case scope.Correction != 0:
		st = totalsOfCorrectionQuery.In(s.Dialect)
		if err := s.checkCorrection(ctx, s.Conn, scope); err != nil {
			return nil, s.WrapError(ctx, err)
		}
	case scope.RunID == 0:
		st = totalsOfPeriodQuery.In(s.Dialect)
	}
	var totals []reconcile.Total
	err := s.List(ctx, s.Conn, &totals, totalsQuery.In(s.Dialect), db.Args{"findings": st.With(scopeArgs(scope))})
	return totals, s.WrapError(ctx, err)
}

// Verified counts the successes of a run's project whose updated_at is in a period.
func (s *findingStore) Verified(ctx context.Context, run reconcile.Run, w reconcile.Window) (v reconcile.Verified,
	err error) {
	success := cmp.Or(run.Rules.StatusMap["success"], "success")
	final := s.FinalQuery(run.ProjectID, w.From, []string{success})
	a := db.Args{"final_payins": final, "project_id": run.ProjectID, "to": db.FormatTime(w.To)}
	err = s.Get(ctx, s.Conn, &v, verifiedQuery.In(s.Dialect), a)
	return v, s.WrapError(ctx, err)
}

// Summarize adds up the verdicts that the run has so far, and what is left; package hold adds the classes.
func (s *runStore) Summarize(ctx context.Context, runID int64, since time.Time,
	corrected bool) (w reconcile.ImpactSummary,
	err error) {
	run, err := s.Run(ctx, runID)
	if err != nil {
		return w, err
	}
	a := db.Args{"run_id": runID, "final": db.Strings(projectOf(run).FinalStatuses())}
	if err = s.Get(ctx, s.Conn, &w, impactSummaryQuery.In(s.Dialect), a); err == nil {
		err = hold.Weigh(ctx, s.DB, &run, &w, since, corrected)
	}
	return w, s.WrapError(ctx, err)
}

// Usual returns what each class came to on the last dates before a day, at most n, on which a whole run closed.
func (s *runStore) Usual(ctx context.Context, projectID, day string, n int) (reconcile.ProjectUsual, error) {
	usual, err := hold.Usual(ctx, s.DB, projectID, day, n)
	return usual, s.WrapError(ctx, err)
}
