package merchant

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// SavePayins adds payins to the default table, all or none, and returns their number. SavePayins does not
// keep all payins in memory. An existing payin is an error, so nothing is overwritten. The demo, the
// benchmark and tests use SavePayins.
func (s *Queries) SavePayins(ctx context.Context, payins iter.Seq[reconcile.Payin]) (int64, error) {
	var saved int64
	err := s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		st := query("save_payins").In(s.Dialect)
		names := db.Args{}
		for _, name := range st.Params {
			names[name] = nil
		}
		text, _, err := st.Bind(s.Dialect, names)
		if err != nil {
			return err
		}
		stmt, err := tx.PreparexContext(ctx, text)
		if err != nil {
			return err
		}
		defer func() { _ = stmt.Close() }()
		saved, err = savePayins(ctx, stmt, payins, s.Dialect)
		return alreadyThere(err)
	})
	if err != nil {
		return 0, err
	}
	return saved, nil
}

// CopyPayins copies the payins that a run would select into the default table of another store. CopyPayins does not
// write to the source store. A payin that the queries return twice is saved once.
func (s *Queries) CopyPayins(ctx context.Context, to *Queries, p *reconcile.Project, sel reconcile.Selection) error {
	var payins []reconcile.Payin
	err := s.List(ctx, s.Conn, &payins, query("copy_payins").In(s.Dialect), db.Args{
		"open_payins":  s.OpenQuery(p.ID, sel.Window, p.OpenStatuses()),
		"final_payins": s.FinalQuery(p.ID, sel.RecheckFrom, p.FinalStatuses()),
		"recheck":      !sel.RecheckFrom.IsZero(), "all": len(sel.PaymentIDs) == 0, "payment_ids": db.Strings(sel.PaymentIDs),
	})
	if err != nil {
		return s.WrapError(ctx, err)
	}
	slices.SortFunc(payins, func(a, b reconcile.Payin) int { return strings.Compare(a.PaymentID, b.PaymentID) })
	payins = slices.CompactFunc(payins, func(a, b reconcile.Payin) bool { return a.PaymentID == b.PaymentID })
	_, err = to.SavePayins(ctx, slices.Values(payins))
	return err
}

// savePayins runs the statement for each payin. PostgreSQL's COPY needs a last call without values.
func savePayins(ctx context.Context, stmt *sqlx.Stmt, payins iter.Seq[reconcile.Payin],
	d db.Dialect) (saved int64, err error) {
	for p := range payins {
		if _, err := stmt.ExecContext(ctx, payinValues(&p)...); err != nil {
			return 0, err
		}
		saved++
	}
	if d == db.Postgres {
		_, err = stmt.ExecContext(ctx)
	}
	return saved, err
}

// payinValues returns a payin's values in the order of save_payins.postgres.sql and save_payins.sqlite.sql.
func payinValues(p *reconcile.Payin) []any {
	return []any{p.ProjectID, p.PaymentID, p.Amount, p.Currency, p.Status, orNull(p.SubStatus), orNull(p.SettledAmount),
		orNull(p.Lifetime), db.FormatTime(p.CreatedAt), db.FormatTime(p.UpdatedAt)}
}

// orNull returns null for a zero value.
func orNull[T comparable](value T) any {
	var zero T
	if value == zero {
		return nil
	}
	return value
}

func alreadyThere(err error) error {
	if db.IsDuplicate(err) {
		return db.Errorf("a payin already exists in the table and is not overwritten: %v", err)
	}
	return err
}
