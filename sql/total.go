package sql

import (
	"context"
	"math"

	"hhrecon/reconcile"
)

// totalRow is a control total as the statements read it.
type totalRow struct {
	Outcome        string `db:"outcome"`
	Currency       string `db:"currency"`
	Count          int64  `db:"count"`
	Amount         int64  `db:"amount"`
	Compared       int64  `db:"compared"`
	ComparedAmount int64  `db:"compared_amount"`
	InitialAmount  int64  `db:"initial_amount"`
	OldAmount      int64  `db:"old_amount"`
	PaidAmount     int64  `db:"paid_amount"`
	Applied        int64  `db:"applied"`
	Superseded     int64  `db:"superseded"`
	Held           int64  `db:"held"`
	DryRun         int64  `db:"dry_run"`
	Refused        int64  `db:"refused"`
}

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
	var rows []totalRow
	if err := s.list(ctx, s.db, &rows, st, scopeArgs(scope)); err != nil {
		return nil, s.explain(ctx, err)
	}
	totals := make([]reconcile.Total, len(rows))
	for i, r := range rows {
		totals[i] = reconcile.Total{
			Outcome: reconcile.Outcome(r.Outcome), Currency: r.Currency, Count: r.Count, Amount: r.Amount,
			Compared: r.Compared, ComparedAmount: r.ComparedAmount, InitialAmount: r.InitialAmount,
			OldAmount: r.OldAmount, PaidAmount: r.PaidAmount,
			Applied: r.Applied, Superseded: r.Superseded, Held: r.Held, DryRun: r.DryRun, Refused: r.Refused,
		}
	}
	return totals, nil
}

// Weigh adds up the verdicts that the run has so far, and what is left.
func (s *Store) Weigh(ctx context.Context, runID int64) (reconcile.Weight, error) {
	run, err := s.Run(ctx, runID)
	if err != nil {
		return reconcile.Weight{}, err
	}
	var row struct {
		Answered    int64 `db:"answered"`
		Open        int64 `db:"open"`
		Changes     int64 `db:"changes"`
		Harmful     int64 `db:"harmful"`
		HarmfulHigh int64 `db:"harmful_high"`
		HarmfulLow  int64 `db:"harmful_low"`
		Left        int64 `db:"payins_left"`
		LeftHigh    int64 `db:"left_high"`
		LeftLow     int64 `db:"left_low"`
	}
	err = s.get(ctx, s.db, &row, weighQuery.in(s.dialect), args{"run_id": runID, "final": words(projectOf(run).FinalStatuses())})
	return reconcile.Weight{
		Answered: row.Answered, Open: row.Open, Changes: row.Changes,
		Harmful: row.Harmful, HarmfulSum: sumOf(row.HarmfulHigh, row.HarmfulLow),
		Left: row.Left, LeftSum: sumOf(row.LeftHigh, row.LeftLow),
	}, s.explain(ctx, err)
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
	var rows []struct {
		Harmful int64 `db:"harmful"`
		Open    int64 `db:"open"`
	}
	err := s.list(ctx, s.db, &rows, usualSharesQuery.in(s.dialect), args{"project_id": projectID, "limit": n})
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	shares := make([]float64, len(rows))
	for i, r := range rows {
		shares[i] = reconcile.Weight{Open: r.Open, Harmful: r.Harmful}.Share()
	}
	return shares, nil
}
