package sql

import (
	"context"
	"math"

	"hhrecon/reconcile"
)

// Totals adds up the scope's findings by outcome and currency, in the database.
func (s *Store) Totals(ctx context.Context, scope reconcile.Scope) ([]reconcile.Total, error) {
	if err := s.whole(ctx, s.db, scope); err != nil {
		return nil, s.explain(ctx, err)
	}
	st := totalsOfRunQuery.in(s.dialect)
	switch {
	case scope.Correction != 0:
		st = totalsOfCorrectionQuery.in(s.dialect)
		if err := s.checkCorrection(ctx, s.db, scope); err != nil {
			return nil, s.explain(ctx, err)
		}
	case scope.RunID == 0:
		st = totalsOfPeriodQuery.in(s.dialect)
	}
	var totals []reconcile.Total
	err := s.list(ctx, s.db, &totals, st, scopeArgs(scope))
	return totals, s.explain(ctx, err)
}

// Weigh adds up the verdicts that the run has so far, and what is left.
func (s *Store) Weigh(ctx context.Context, runID int64) (reconcile.Weight, error) {
	run, err := s.Run(ctx, runID)
	if err != nil {
		return reconcile.Weight{}, err
	}
	var row struct {
		reconcile.Weight
		HarmfulHigh, HarmfulLow, LeftHigh, LeftLow int64
	}
	err = s.get(ctx, s.db, &row, weighQuery.in(s.dialect), args{"run_id": runID, "final": words(projectOf(run).FinalStatuses())})
	row.HarmfulSum, row.LeftSum = sumOf(row.HarmfulHigh, row.HarmfulLow), sumOf(row.LeftHigh, row.LeftLow)
	return row.Weight, s.explain(ctx, err)
}

// sumOf puts a sum of amounts together from its thousand millions and the rest; one beyond int64 is its largest value.
func sumOf(high, low int64) int64 {
	const unit = 1_000_000_000
	high, low = high+low/unit, low%unit
	if high > math.MaxInt64/unit-1 {
		return math.MaxInt64
	}
	return high*unit + low
}

// UsualShares returns the harmful shares of the project's last complete runs, at most n, newest first:
// runs over its own window, no dry runs, and none without any answer.
func (s *Store) UsualShares(ctx context.Context, projectID string, n int) ([]float64, error) {
	var rows []reconcile.Weight
	err := s.list(ctx, s.db, &rows, usualSharesQuery.in(s.dialect), args{"project_id": projectID, "limit": n})
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	shares := make([]float64, len(rows))
	for i, r := range rows {
		shares[i] = r.Share()
	}
	return shares, nil
}
