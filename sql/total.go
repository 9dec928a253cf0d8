package sql

import (
	"context"
	"math"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// Totals adds up the scope's findings by outcome and currency, in the database.
func (s *Store) Totals(ctx context.Context, scope reconcile.Scope) ([]reconcile.Total, error) {
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
	err = s.Get(ctx, s.Conn, &row, weighQuery.In(s.Dialect), db.Args{"run_id": runID, "final": db.Words(projectOf(run).FinalStatuses())})
	row.HarmfulSum, row.LeftSum = sumOf(row.HarmfulHigh, row.HarmfulLow), sumOf(row.LeftHigh, row.LeftLow)
	return row.Weight, s.WrapError(ctx, err)
}

// sumOf puts a sum of amounts together from its thousand millions and the rest; one beyond int64 is its largest value.
func sumOf(high, low int64) int64 {
	if sum, fits := reconcile.SumOfParts(high, low).Int64(); fits {
		return sum
	}
	return math.MaxInt64
}

// UsualShares returns the harmful shares of the project's last complete runs, at most n, newest first:
// runs over its own window, no dry runs, and none without any answer.
func (s *Store) UsualShares(ctx context.Context, projectID string, n int) ([]float64, error) {
	var rows []reconcile.Weight
	err := s.List(ctx, s.Conn, &rows, usualSharesQuery.In(s.Dialect), db.Args{"project_id": projectID, "limit": n})
	if err != nil {
		return nil, s.WrapError(ctx, err)
	}
	shares := make([]float64, len(rows))
	for i, r := range rows {
		shares[i] = r.Share()
	}
	return shares, nil
}
