package sql

import (
	"context"
	"maps"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"hhrecon/reconcile"
)

// OpenPayins returns the next payins that have no verdict, in the order of the selection, beyond the
// given place; none means that all are judged. Only Seq and Payin are set.
func (s *Store) OpenPayins(ctx context.Context, runID, beyond int64, limit int) ([]reconcile.Finding, error) {
	var rows []payinRow
	err := s.tries(ctx, lost, func() error { // it only reads
		rows = nil
		return s.list(ctx, s.db, &rows, unjudgedPayinsQuery.in(s.dialect), args{"run_id": runID, "beyond": beyond, "limit": limit})
	})
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	findings := make([]reconcile.Finding, len(rows))
	for i := range rows {
		findings[i] = reconcile.Finding{RunID: runID, Seq: rows[i].Seq, Payin: rows[i].payin()}
	}
	return findings, nil
}

// SaveVerdicts keeps what was judged with the selection. A payin that is not in it is an error.
func (s *Store) SaveVerdicts(ctx context.Context, l reconcile.Lease, findings []reconcile.Finding) error {
	// Verdicts whose commit went unheard are written once more, the same over the same: whoever settles them waits
	// for this call.
	return s.inTxAgain(ctx, func(tx *sqlx.Tx) error {
		if err := s.fence(ctx, tx, l); err != nil || len(findings) == 0 {
			return err
		}
		saved, err := s.saveEach(ctx, tx, saveVerdictsQuery, args{"run_id": l.RunID}, len(findings),
			func(i int) args { return verdictArgs(&findings[i]) })
		if err != nil {
			return err
		}
		if saved != int64(len(findings)) {
			return faultf("%d of %d payins are not in the selection", int64(len(findings))-saved, len(findings))
		}
		return nil
	})
}

func verdictArgs(f *reconcile.Finding) args {
	return args{
		"seq": f.Seq, "payment_id": f.PaymentID, "outcome": string(f.Outcome), "causes": f.Causes.String(),
		"initial_amount": f.InitialAmount, "old_amount": f.OldAmount, "paid_amount": f.PaidAmount,
		"provider_status": clean(f.ProviderStatus), "provider_sub_status": clean(f.ProviderSubStatus),
		"request_id": clean(f.RequestID), "expires_at": stampOrEmpty(f.ExpiresAt),
		"status_after": clean(f.After.Status), "sub_status_after": clean(f.After.SubStatus),
		"settled_amount_after": f.After.SettledAmount, "changes": f.Changes, "harmful": f.Harmful,
		"result": string(f.Result), "answer": clean(f.Answer), "reason": clean(f.Reason),
		"checked_at": stampOrEmpty(f.CheckedAt),
	}
}

// saveEach writes n rows: to PostgreSQL in one statement with an array a column, to SQLite with a prepared
// statement a row. Beside what the rows have in common, every call of values must name the same
// parameters; it is called once a row, in order. It returns how many rows were written.
func (s *Store) saveEach(ctx context.Context, tx *sqlx.Tx, q query, common args, n int, values func(i int) args) (int64, error) {
	if s.dialect == sqlite {
		return s.each(ctx, tx, q.sqlite, n, func(i int) args {
			a := values(i)
			maps.Copy(a, common)
			return a
		})
	}
	columns := make(map[string][]any)
	for i := range n {
		for name, value := range values(i) {
			columns[name] = append(columns[name], value)
		}
	}
	a := maps.Clone(common)
	for name, values := range columns {
		a[name] = array(values)
	}
	return s.exec(ctx, tx, q.postgres, a)
}

// each prepares a statement once and runs it n times; it returns how many rows were written. Every call
// of values must name the same parameters, and no list.
func (s *Store) each(ctx context.Context, tx *sqlx.Tx, st *statement, n int, values func(i int) args) (int64, error) {
	var written int64
	var stmt *sqlx.Stmt
	for i := range n {
		text, bound, err := st.bind(s.dialect, values(i))
		if err != nil {
			return 0, err
		}
		if stmt == nil {
			if stmt, err = tx.PreparexContext(ctx, text); err != nil {
				return 0, err
			}
			defer func() { _ = stmt.Close() }()
		}
		result, err := stmt.ExecContext(ctx, bound...)
		if err != nil {
			return 0, err
		}
		rows, err := result.RowsAffected()
		if err != nil {
			return 0, err
		}
		written += rows
	}
	return written, nil
}

// array makes PostgreSQL's array of values that are all strings, int64s or bools.
func array(values []any) any {
	switch values[0].(type) {
	case string:
		return pq.Array(all[string](values))
	case bool:
		return pq.Array(all[bool](values))
	}
	return pq.Array(all[int64](values))
}

func all[T any](values []any) []T {
	some := make([]T, len(values))
	for i, v := range values {
		some[i] = v.(T)
	}
	return some
}
