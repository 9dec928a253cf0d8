package sql

import (
	"context"
	"iter"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

// SavePayins adds payins to the default table, all of them or none, and returns how many; they are never all
// in memory. A payin that is there already is an error, so nothing is ever overwritten. It is for the demo, the
// benchmark and tests.
func (s *Store) SavePayins(ctx context.Context, payins iter.Seq[reconcile.Payin]) (int64, error) {
	var saved int64
	err := s.write(ctx, retryConflict, func(tx *sqlx.Tx) error {
		st := savePayinsQuery.in(s.dialect)
		names := args{}
		for _, name := range st.params {
			names[name] = nil
		}
		text, _, err := st.bind(s.dialect, names)
		if err != nil {
			return err
		}
		stmt, err := tx.PreparexContext(ctx, text)
		if err != nil {
			return err
		}
		defer func() { _ = stmt.Close() }()
		saved, err = savePayins(ctx, stmt, payins, s.dialect)
		return alreadyThere(err)
	})
	if err != nil {
		return 0, err
	}
	return saved, nil
}

// savePayins gives payins to the statement, one by one; PostgreSQL's COPY is told of its end.
func savePayins(
	ctx context.Context, stmt *sqlx.Stmt, payins iter.Seq[reconcile.Payin], d dialect,
) (saved int64, err error) {
	for p := range payins {
		if _, err := stmt.ExecContext(ctx, payinValues(&p)...); err != nil {
			return 0, err
		}
		saved++
	}
	if d == postgres {
		_, err = stmt.ExecContext(ctx)
	}
	return saved, err
}

// payinValues are a payin's values in the order of save_payins.postgres.sql and save_payins.sqlite.sql.
func payinValues(p *reconcile.Payin) []any {
	return []any{
		p.ProjectID, p.PaymentID, p.Amount, p.Currency, p.Status, orNull(p.SubStatus), orNull(p.SettledAmount), orNull(p.Lifetime),
		stamp(p.CreatedAt), stamp(p.UpdatedAt),
	}
}

// orNull is a value of the database: null for what is zero here.
func orNull[T comparable](value T) any {
	var zero T
	if value == zero {
		return nil
	}
	return value
}

func alreadyThere(err error) error {
	if duplicate(err) {
		return faultf("a payin is in the table already, and is not overwritten: %v", err)
	}
	return err
}
