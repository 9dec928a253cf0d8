package merchant

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// writtenRow is a row that correct_payins.sql has written.
type writtenRow struct {
	PaymentID string
	UpdatedAt string
}

// writeCorrections runs correct_payins.sql and returns the rows that it wrote.
func (s *Queries) writeCorrections(ctx context.Context, tx *sqlx.Tx, runID, first, last int64,
	now string) ([]writtenRow, error) {
	st := s.correct
	text, values, err := st.Bind(s.Dialect, db.Args{"run_id": runID, "first": first, "last": last, "now": now})
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, text, values...)
	if err != nil {
		return nil, s.correctFault(ctx, err, text)
	}
	defer func() { _ = rows.Close() }()
	tells, err := checkReturning(rows, s.correct.Name, s.Dialect)
	if err != nil {
		return nil, err
	}
	var written []writtenRow
	for rows.Next() {
		row := writtenRow{UpdatedAt: now}
		dest := []any{&row.PaymentID}
		var updated db.RawValue
		if tells {
			dest = append(dest, &updated)
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, db.Errorf("%s: %v", st.Name, err)
		}
		if tells {
			row.UpdatedAt = updated.Text()
			if row.UpdatedAt == "" {
				return nil, db.Errorf("%s: payin %q: updated_at is %s, not a time: return the row's new updated_at, or "+
					"only payment_id", st.Name, row.PaymentID, updated.Quote())
			}
		}
		written = append(written, row)
	}
	if err := rows.Err(); err != nil {
		return nil, s.correctFault(ctx, err, text)
	}
	return written, nil
}

// checkReturning reports whether the merchant's statement returns both payment_id and updated_at.
func checkReturning(rows *stdsql.Rows, file string, d db.Dialect) (bool, error) {
	columns, err := rows.ColumnTypes()
	if err != nil {
		return false, err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = strings.ToLower(c.Name())
	}
	if !slices.Equal(names, []string{"payment_id"}) && !slices.Equal(names, []string{"payment_id", "updated_at"}) {
		return false, db.Errorf("%s: the query must return payment_id and updated_at, or payment_id only, of the rows "+
			"that it "+
			"wrote; it returns %q", file, names)
	}
	if len(names) == 1 {
		return false, nil
	}
	if has := columns[1].DatabaseTypeName(); !kindTime.fits(has, d) {
		return false, db.Errorf("%s: column updated_at is %s, must be %s: %s", file, typeName(has), kindTime.name,
			fmt.Sprintf(kindTime.cure, "updated_at"))
	}
	return true, nil
}

// correctFault returns transient errors, and errors of a table that rejects a row, unchanged.
// correctFault explains other errors.
func (s *Queries) correctFault(ctx context.Context, err error, sent string) error {
	if _, refused := db.Refusal(err); refused || db.IsTransient(err) {
		return err
	}
	return s.describe(ctx, s.correct, err, sent, 0)
}

// CurrentRow contains the current values of a merchant's row.
type CurrentRow struct {
	PaymentID     string      `db:"payment_id"`
	Amount        db.RawValue `db:"amount"`
	Currency      db.RawValue `db:"currency"`
	Status        db.RawValue `db:"status"`
	SubStatus     db.RawValue `db:"sub_status"`
	SettledAmount db.RawValue `db:"settled_amount"`
	UpdatedAt     db.RawValue `db:"updated_at"`
	Twice         bool        `db:"-"` // another row has the same payment_id
}

// CurrentRows reads rows with the merchant's own queries, first as final payins and then as open payins. A query may
// return a row only if the parameters contain the row's status, so all given statuses are tried.
func (s *Queries) CurrentRows(ctx context.Context, tx *sqlx.Tx, projectID string,
	paymentIDs, statuses []string) (map[string]CurrentRow, error) {
	now := make(map[string]CurrentRow, len(paymentIDs))
	for _, payins := range slices.Backward(s.AllPayins(projectID, statuses)) {
		if len(paymentIDs) == 0 {
			break
		}
		var rows []CurrentRow
		a := db.Args{"payins": payins, "payment_ids": pq.Array(paymentIDs)}
		if err := eachRow(ctx, s, tx, &rows, a, paymentIDs); err != nil {
			return nil, err
		}
		for _, row := range rows {
			_, row.Twice = now[row.PaymentID]
			now[row.PaymentID] = row
		}
		paymentIDs = slices.DeleteFunc(slices.Clone(paymentIDs), func(id string) bool {
			_, seen := now[id]
			return seen
		})
	}
	return now, nil
}

// eachRow reads rows. In PostgreSQL it uses one statement. In SQLite it runs a prepared statement for each row.
func eachRow(ctx context.Context, s *Queries, tx *sqlx.Tx, rows *[]CurrentRow, a db.Args, paymentIDs []string) error {
	if s.Dialect == db.Postgres {
		return s.List(ctx, tx, rows, query("current_rows").Postgres, a)
	}
	a["payment_id"] = "" // the last parameter of the statement
	text, values, err := query("current_rows").SQLite.Bind(db.SQLite, a)
	if err != nil {
		return err
	}
	stmt, err := tx.PreparexContext(ctx, text)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	for _, id := range paymentIDs {
		values[len(values)-1] = id
		var some []CurrentRow
		if err := stmt.SelectContext(ctx, &some, values...); err != nil {
			return err
		}
		*rows = append(*rows, some...)
	}
	return nil
}

// AllPayins returns the merchant's queries for all times, open payins first. A query may return a row only if the given
// statuses contain the row's status.
func (s *Queries) AllPayins(projectID string, statuses []string) []db.Subquery {
	slices.Sort(statuses)
	statuses = slices.Compact(statuses)
	return []db.Subquery{
		s.OpenQuery(projectID, reconcile.Window{From: BeginOfTime, To: EndOfTime}, statuses),
		s.FinalQuery(projectID, BeginOfTime, statuses),
	}
}

// SupersededBy describes how a row differs from the values that hhrecon read before. The zero Reason means that the
// row does not differ.
func SupersededBy(before *CurrentRow, now map[string]CurrentRow) reconcile.Reason {
	row, seen := now[before.PaymentID]
	switch {
	case !seen:
		return reconcile.Because("row.gone", OpenPayinsFile, FinalPayinsFile)
	case row.Amount != before.Amount || row.Currency != before.Currency:
		return reconcile.Because("row.amount_changed", row.Amount.Quote(), row.Currency.Quote())
	case row != *before:
		return reconcile.Because("row.changed",
			row.Status.Quote(), row.SubStatus.Quote(), row.SettledAmount.Quote(), row.UpdatedAt.Quote())
	}
	return reconcile.Reason{}
}

// difference describes the first column that differs from the correction. Null equals an empty text and a settled
// amount of zero.
func (c *CorrectionBatch) difference(ctx context.Context, tx *sqlx.Tx, p *PlannedCorrection,
	row *CurrentRow) (reconcile.Reason, error) {
	for _, column := range [...]struct {
		name      string
		want, got db.RawValue
	}{
		{"status", p.After.Status, row.Status},
		{"sub_status", p.After.SubStatus, row.SubStatus},
		{"settled_amount", p.After.SettledAmount, row.SettledAmount},
		{"amount", p.Before.Amount, row.Amount},
		{"currency", p.Before.Currency, row.Currency},
	} {
		isNone := func(v db.RawValue) bool { return v.IsEmpty() || v.Value == int64(0) }
		if column.want == column.got || isNone(column.want) && isNone(column.got) {
			continue
		}
		if m := c.Store; column.got.Value != nil || !m.cannotStore(m.open, column.name) {
			return reconcile.Because("row.not_kept", column.name, column.want.Quote(), column.got.Quote()), nil
		}
	}
	if c.Store.timeless {
		return reconcile.Reason{}, nil
	}
	want := p.After.UpdatedAt
	if want.IsEmpty() {
		want = db.Raw(c.Now)
	}
	if row.UpdatedAt.Near(want, time.Second) || row.UpdatedAt.Near(db.Raw(c.Now), time.Second) {
		return reconcile.Reason{}, nil
	}
	var clock db.RawValue // a trigger may have set updated_at to the time of the database's clock
	a := db.Args{"clock": c.Store.Clock()}
	err := c.Store.Get(ctx, tx, &clock, query("database_clock").In(c.Store.Dialect), a)
	if err != nil || row.UpdatedAt.Near(clock, time.Minute) {
		return reconcile.Reason{}, err
	}
	return reconcile.Because("row.not_kept", "updated_at", want.Quote(), row.UpdatedAt.Quote()), nil
}
