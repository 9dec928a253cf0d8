package sql

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// planned is a row of the selection whose correction is to be written.
type planned struct {
	Seq         int64
	PaymentID   string
	Changes     bool
	StatusAfter string
}

// correcting writes a batch of the selection into the merchant's rows, in one transaction.
type correcting struct {
	store     *Store
	projectID string
	runID     int64 // in the selection
	now       string
	rows      []planned // in the order of seq

	reread  bool             // what the statement returns may not be what the row is in the end
	written map[int64]string // updated_at as the row has it then, by seq
	refused map[int64]string // in the table's words, by seq
}

// write corrects all rows that are to change, with one statement or row by row.
func (c *correcting) write(ctx context.Context, tx *sqlx.Tx, rowByRow bool) error {
	c.written, c.refused = make(map[int64]string), make(map[int64]string)
	if !slices.ContainsFunc(c.rows, func(p planned) bool { return p.Changes }) {
		return nil
	}
	if c.store.Dialect == db.SQLite {
		if err := c.store.Get(ctx, tx, &c.reread, rowTriggersQuery.SQLite, nil); err != nil {
			return err
		}
	}
	if !rowByRow {
		return c.some(ctx, tx, c.rows)
	}
	if c.store.Dialect == db.Postgres {
		// So that a constraint that waits for the end of the transaction speaks up with its row.
		if _, err := tx.ExecContext(ctx, "set constraints all immediate"); err != nil {
			return err
		}
	}
	for i, p := range c.rows {
		if !p.Changes {
			continue
		}
		if err := c.one(ctx, tx, c.rows[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// one writes a row behind a savepoint, and notes it where the merchant's table refuses it.
func (c *correcting) one(ctx context.Context, tx *sqlx.Tx, row []planned) error {
	if _, err := tx.ExecContext(ctx, "savepoint hhrecon_row"); err != nil {
		return err
	}
	err := c.some(ctx, tx, row)
	if message, refused := db.Refusal(err); refused {
		c.refused[row[0].Seq] = db.CleanText(message)
		_, err := tx.ExecContext(ctx, "rollback to savepoint hhrecon_row")
		return err
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "release savepoint hhrecon_row")
	return err
}

// some writes rows with one statement. A row that was planned and not written had changed since it was read.
func (c *correcting) some(ctx context.Context, tx *sqlx.Tx, rows []planned) error {
	plan := make(map[string]int64, len(rows))
	for _, p := range rows {
		if p.Changes {
			plan[p.PaymentID] = p.Seq
		}
	}
	written, err := c.store.correct(ctx, tx, c.runID, rows[0].Seq, rows[len(rows)-1].Seq, c.now)
	if err != nil {
		return err
	}
	for _, row := range written {
		seq, ok := plan[row.PaymentID]
		if !ok {
			return db.Errorf("%s: it returned payin %q, which it was not to correct, or returned it twice", c.store.merchant.correct.Name, row.PaymentID)
		}
		delete(plan, row.PaymentID)
		c.written[seq] = row.UpdatedAt
	}
	if c.reread && len(written) > 0 {
		return c.readAgain(ctx, tx, rows)
	}
	return nil
}

// readAgain learns the updated_at of the rows that were written from the rows themselves. What the merchant's
// queries do not show stays as the statement returned it.
func (c *correcting) readAgain(ctx context.Context, tx *sqlx.Tx, rows []planned) error {
	var ids, statuses []string
	for _, p := range rows {
		if _, ok := c.written[p.Seq]; ok {
			ids, statuses = append(ids, p.PaymentID), append(statuses, p.StatusAfter)
		}
	}
	now, err := c.store.rowsNow(ctx, tx, c.projectID, ids, statuses)
	if err != nil {
		return err
	}
	for _, p := range rows {
		if row, ok := now[p.PaymentID]; ok && row.UpdatedAt.Text() != "" {
			c.written[p.Seq] = row.UpdatedAt.Text()
		}
	}
	return nil
}

// result says what became of a row.
func (c *correcting) result(p planned) reconcile.Correction {
	switch {
	case !p.Changes:
		return reconcile.CorrectionNone
	case c.refused[p.Seq] != "":
		return reconcile.CorrectionRefused
	case c.written[p.Seq] != "":
		return reconcile.CorrectionApplied
	}
	return reconcile.CorrectionSuperseded
}

// writeRows runs f in a transaction that writes rows of the merchant's: with one statement, or row by row if the
// merchant's table refuses that.
func (s *Store) writeRows(ctx context.Context, policy db.RetryPolicy, runID int64,
	f func(tx *sqlx.Tx, rowByRow bool) error,
) error {
	if s.merchant.err != nil {
		return s.merchant.err
	}
	err := s.WithTx(ctx, policy, func(tx *sqlx.Tx) error { return f(tx, false) })
	if message, refused := db.Refusal(err); refused {
		s.Log.WarnContext(ctx, "the merchant's table refused a batch; it is written row by row",
			"run", runID, "reason", message)
		err = s.WithTx(ctx, policy, func(tx *sqlx.Tx) error { return f(tx, true) })
	}
	return s.WrapError(ctx, err)
}

// writtenRow is what the merchant's statement returns about a row that it wrote.
type writtenRow struct {
	PaymentID string
	UpdatedAt string
}

// correct runs the merchant's statement that writes corrections, and returns whose rows it wrote.
func (s *Store) correct(ctx context.Context, tx *sqlx.Tx, runID, first, last int64, now string) ([]writtenRow, error) {
	st := s.merchant.correct
	text, values, err := st.Bind(s.Dialect, correctArgs(runID, first, last, now))
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, text, values...)
	if err != nil {
		return nil, s.correctFault(ctx, err, text)
	}
	defer func() { _ = rows.Close() }()
	tells, err := checkReturning(rows, s.merchant.correct.Name, s.Dialect)
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
				return nil, db.Errorf("%s: payin %q: updated_at is %s", st.Name, row.PaymentID, updated.Quote())
			}
		}
		written = append(written, row)
	}
	if err := rows.Err(); err != nil {
		return nil, s.correctFault(ctx, err, text)
	}
	return written, nil
}

// checkReturning tells whether the merchant's statement returns updated_at beside payment_id.
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
		return false, db.Errorf("%s: it must end in returning payment_id, updated_at, or in returning payment_id, which say whose rows it wrote and when; it returns %q", file, names)
	}
	if len(names) == 1 {
		return false, nil
	}
	if has := columns[1].DatabaseTypeName(); !kindTime.fits(has, d) {
		return false, db.Errorf("%s: column updated_at is %s, must be %s: %s", file, typeName(has), kindTime.name, fmt.Sprintf(kindTime.cure, "updated_at"))
	}
	return true, nil
}

// correctFault leaves alone what is tried again or noted, and explains the rest.
func (s *Store) correctFault(ctx context.Context, err error, sent string) error {
	if _, refused := db.Refusal(err); refused || db.IsTransient(err) {
		return err
	}
	return s.describeMerchant(ctx, s.merchant.correct, err, sent, 0)
}

// rowNow is a merchant's row as it is.
type rowNow struct {
	PaymentID     string      `db:"payment_id"`
	Amount        db.RawValue `db:"amount"`
	Currency      db.RawValue `db:"currency"`
	Status        db.RawValue `db:"status"`
	SubStatus     db.RawValue `db:"sub_status"`
	SettledAmount db.RawValue `db:"settled_amount"`
	UpdatedAt     db.RawValue `db:"updated_at"`
}

// rowsNow reads rows by the merchant's own queries, which may show a row only under one of the given statuses.
func (s *Store) rowsNow(ctx context.Context, tx *sqlx.Tx, projectID string, paymentIDs, statuses []string) (map[string]rowNow, error) {
	if len(paymentIDs) == 0 {
		return nil, nil
	}
	slices.Sort(statuses)
	statuses = slices.Compact(statuses)
	a := db.Args{
		"open_payins": s.merchant.open.With(openArgs(projectID, db.FormatTime(beginOfTime), db.FormatTime(endOfTime),
			statuses)),
		"final_payins": s.merchant.final.With(finalArgs(projectID, db.FormatTime(beginOfTime), statuses)),
	}
	read := s.readRows
	if s.Dialect == db.SQLite {
		read = s.readRowsSQLite
	}
	rows, err := read(ctx, tx, a, paymentIDs)
	if err != nil {
		return nil, s.noRefusal(openPayinsFile+" or "+finalPayinsFile, err)
	}
	now := make(map[string]rowNow, len(rows))
	for _, row := range rows {
		now[row.PaymentID] = row
	}
	return now, nil
}

func (s *Store) readRows(ctx context.Context, tx *sqlx.Tx, a db.Args, paymentIDs []string) (rows []rowNow, err error) {
	a["payment_ids"] = pq.Array(paymentIDs)
	err = s.List(ctx, tx, &rows, rowsNowQuery.Postgres, a)
	return rows, err
}

func (s *Store) readRowsSQLite(ctx context.Context, tx *sqlx.Tx, a db.Args, paymentIDs []string) (rows []rowNow, err error) {
	a["payment_id"] = "" // stands last in the statement, and so among its values
	text, values, err := rowsNowQuery.SQLite.Bind(db.SQLite, a)
	if err != nil {
		return nil, err
	}
	stmt, err := tx.PreparexContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stmt.Close() }()
	for _, id := range paymentIDs {
		values[len(values)-1] = id
		var some []rowNow
		if err := stmt.SelectContext(ctx, &some, values...); err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}
