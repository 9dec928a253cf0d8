package sql

import (
	"context"
	"fmt"
	"iter"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

// payinRow is a payin as the statements read it, nulls as zeroes.
type payinRow struct {
	Seq           int64  `db:"seq"`
	ProjectID     string `db:"project_id"`
	PaymentID     string `db:"payment_id"`
	Amount        int64  `db:"amount"`
	Currency      string `db:"currency"`
	Status        string `db:"status"`
	SubStatus     string `db:"sub_status"`
	SettledAmount int64  `db:"settled_amount"`
	Lifetime      int64  `db:"lifetime"`
	CreatedAt     moment `db:"created_at"`
	UpdatedAt     moment `db:"updated_at"`
}

func (r *payinRow) payin() reconcile.Payin {
	return reconcile.Payin{
		ProjectID: r.ProjectID, PaymentID: r.PaymentID, Amount: r.Amount, Currency: r.Currency,
		Status: r.Status, SubStatus: r.SubStatus, SettledAmount: r.SettledAmount, Lifetime: r.Lifetime,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

// payinBatch is how many payins go to the database at once.
const payinBatch = 1000

// SavePayins adds payins to the default table, all of them or none, and returns how many. A payin that
// is there already is an error, so nothing is ever overwritten. It is for the demo and for tests.
func (s *Store) SavePayins(ctx context.Context, payins iter.Seq[reconcile.Payin]) (int64, error) {
	var saved int64
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		saved = 0
		batch := make([]reconcile.Payin, 0, payinBatch)
		flush := func() error {
			n, err := s.savePayins(ctx, tx, batch)
			saved += n
			batch = batch[:0]
			return err
		}
		for p := range payins {
			if batch = append(batch, p); len(batch) == payinBatch {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		return flush()
	})
	if err != nil {
		return 0, err
	}
	return saved, nil
}

func (s *Store) savePayins(ctx context.Context, tx *sqlx.Tx, batch []reconcile.Payin) (int64, error) {
	if len(batch) == 0 {
		return 0, nil
	}
	n, err := s.saveEach(ctx, tx, savePayinsQuery, args{}, len(batch), func(i int) args { return payinArgs(&batch[i]) })
	return n, alreadyThere(err)
}

func payinArgs(p *reconcile.Payin) args {
	return args{
		"project_id": p.ProjectID, "payment_id": p.PaymentID, "amount": p.Amount, "currency": p.Currency,
		"status": p.Status, "sub_status": p.SubStatus, "settled_amount": p.SettledAmount, "lifetime": p.Lifetime,
		"created_at": stamp(p.CreatedAt), "updated_at": stamp(p.UpdatedAt),
	}
}

func alreadyThere(err error) error {
	if duplicate(err) {
		return &fault{text: fmt.Sprintf("a payin is in the table already, and is not overwritten: %v", err)}
	}
	return err
}
