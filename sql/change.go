package sql

import (
	"context"
	"iter"

	"hhrecon/reconcile"
)

// changeRow is what a correction says of a payin, and what was told before, as the statement reads them.
type changeRow struct {
	ProjectID string `db:"project_id"`
	PaymentID string `db:"payment_id"`

	RunID          int64  `db:"run_id"`
	Currency       string `db:"currency"`
	MerchantAmount int64  `db:"merchant_amount"`
	Outcome        string `db:"outcome"`
	Amount         int64  `db:"amount"`
	Settled        int64  `db:"settled"`

	WasRunID          int64  `db:"was_run_id"`
	WasCurrency       string `db:"was_currency"`
	WasMerchantAmount int64  `db:"was_merchant_amount"`
	WasOutcome        string `db:"was_outcome"`
	WasAmount         int64  `db:"was_amount"`
	WasSettled        int64  `db:"was_settled"`
}

func (r *changeRow) change() (reconcile.Change, error) {
	return reconcile.Change{
		ProjectID: r.ProjectID, PaymentID: r.PaymentID,
		Was: reconcile.Told{
			RunID: r.WasRunID, Currency: r.WasCurrency, Amount: r.WasMerchantAmount,
			Outcome: reconcile.Outcome(r.WasOutcome), PaidAmount: r.WasAmount, SettledAmount: r.WasSettled,
		},
		Is: reconcile.Told{
			RunID: r.RunID, Currency: r.Currency, Amount: r.MerchantAmount,
			Outcome: reconcile.Outcome(r.Outcome), PaidAmount: r.Amount, SettledAmount: r.Settled,
		},
	}, nil
}

// Changes streams a correction's findings in their order, each beside what was told before; of another scope, none.
func (s *Store) Changes(ctx context.Context, scope reconcile.Scope) iter.Seq2[reconcile.Change, error] {
	if scope.Correction == 0 {
		return func(func(reconcile.Change, error) bool) {}
	}
	st := changesOfCorrectionQuery.in(s.dialect)
	return stream(ctx, s, scope, st, func(r runRow) int64 { return r.Selected }, (*changeRow).change)
}
