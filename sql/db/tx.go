package db

import (
	"context"
	stdsql "database/sql"
	"time"

	"github.com/jmoiron/sqlx"
)

// The kinds of transactions are:
//
//   - Read: read only. All statements see one snapshot. Read is never retried.
//   - Write: read committed. Write is retried after the errors of its retry policy, and returns an error for people.
//     WithTx runs a transaction as Write does, and returns the driver's error, for callers that act on it.
//     WriteOne runs one statement as Write does.
//
// A function that may run again must reset all its results at the beginning.

// RetryPolicy reports whether a transaction is retried after an error.
type RetryPolicy func(error) bool

// RetryConflict is safe for any transaction. The server has rolled the transaction back because of a deadlock or a
// serialization failure, for example with the merchant's own writers.
func RetryConflict(err error) bool { return IsTransient(err) }

// RetryLost also retries after a lost connection. The commit may have succeeded, so the function must be idempotent.
// The function must first lock or update the run's row, which waits until the server has ended the previous
// transaction. If the run then belongs to another process, the function finds no row. A function without a run first
// locks the row that it changes, or inserts that row's unique key.
func RetryLost(err error) bool { return IsTransient(err) || isRetryableLoss(err) }

// MaxTries is the maximum number of attempts, including the first.
const MaxTries = 5

// Retry calls f until f succeeds, or until f fails with an error that the policy does not retry.
func (d *DB) Retry(ctx context.Context, policy RetryPolicy, f func() error) error {
	for try := 1; ; try++ {
		err := f()
		if err == nil || try == MaxTries || ctx.Err() != nil || !policy(err) {
			return err
		}
		d.Log.WarnContext(ctx, "retrying the database transaction", "try", try, "reason", d.Describe(err))
		select {
		case <-time.After(time.Duration(try*try) * 50 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

// Write runs f in a transaction that writes. Write rolls the transaction back if f fails. The errors of Write
// have messages for people.
func (d *DB) Write(ctx context.Context, policy RetryPolicy, f func(tx *sqlx.Tx) error) error {
	return d.WrapError(ctx, d.WithTx(ctx, policy, f))
}

// WriteOne runs one statement that writes. If the statement writes no row, WriteOne returns the error missing,
// which may be nil.
func (d *DB) WriteOne(ctx context.Context, policy RetryPolicy, q Query, a Args, missing error) error {
	return d.Write(ctx, policy, func(tx *sqlx.Tx) error {
		n, err := d.Exec(ctx, tx, q.In(d.Dialect), a)
		if err == nil && n == 0 {
			err = missing
		}
		return err
	})
}

// WithTx runs f in the same kind of transaction as Write, but returns the driver's error unwrapped.
func (d *DB) WithTx(ctx context.Context, policy RetryPolicy, f func(tx *sqlx.Tx) error) error {
	// Use "read committed" for any default of the server. A statement that locks a row must see the row's current
	// values.
	options := &stdsql.TxOptions{Isolation: stdsql.LevelReadCommitted}
	if d.Dialect == SQLite {
		options = nil // SQLite has only one isolation level
		select {
		case d.writer <- struct{}{}: // writers get this lock in the order in which they ask for it, unlike SQLite's lock
			defer func() { <-d.writer }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return d.Retry(ctx, policy, func() error {
		if err := d.checkWritable(ctx); err != nil {
			return err
		}
		return runTx(ctx, d.Conn, options, f)
	})
}

// writableFor is how long a check of checkWritable is valid. After that time, connections may lead to another database.
const writableFor = time.Minute

type unguarded struct{}

// Unguarded returns a context in which transactions write without calling DB.Guard.
func Unguarded(ctx context.Context) context.Context { return context.WithValue(ctx, unguarded{}, true) }

// checkWritable checks whether transactions may write.
func (d *DB) checkWritable(ctx context.Context) error {
	guarded := d.Guard != nil && ctx.Value(unguarded{}) == nil
	if last := d.writable.Load(); guarded && last != nil && d.Now().Sub(*last) < writableFor {
		return nil
	}
	err := d.checkServer(ctx)
	if err == nil && guarded {
		if err = d.Guard(ctx); err == nil {
			now := d.Now()
			d.writable.Store(&now)
		}
	}
	return err
}

// checkServer checks whether the server allows writing. This check is necessary because lib/pq begins each transaction
// as READ WRITE, which overrides default_transaction_read_only.
func (d *DB) checkServer(ctx context.Context) error {
	if d.Dialect == SQLite {
		return nil
	}
	var readOnly, standby bool
	const question = "select current_setting('default_transaction_read_only') = 'on', pg_is_in_recovery()"
	err := d.Conn.QueryRowxContext(ctx, question).Scan(&readOnly, &standby)
	switch {
	case err != nil:
		return err
	case standby:
		return &UserError{"the database is a standby or is recovering: hhrecon cannot write", ErrUnavailable}
	case readOnly:
		return &UserError{"default_transaction_read_only is on, for the role, the database or by " + d.setting() + ", " +
			"and hhrecon must write: use a role that can write, or turn the setting off", ErrReadOnly}
	}
	return nil
}

// Read runs f in a read-only transaction, and returns the driver's error unwrapped.
func (d *DB) Read(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	options := &stdsql.TxOptions{ReadOnly: true, Isolation: stdsql.LevelRepeatableRead}
	if d.Dialect == SQLite {
		options.Isolation = stdsql.LevelDefault // in WAL mode each read transaction sees one snapshot
	}
	return runTx(ctx, d.Conn, options, f)
}

func runTx(ctx context.Context, db *sqlx.DB, options *stdsql.TxOptions, f func(tx *sqlx.Tx) error) error {
	tx, err := db.BeginTxx(ctx, options)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Exec runs a statement and returns the number of rows that it wrote.
func (d *DB) Exec(ctx context.Context, db sqlx.ExecerContext, st *Statement, a Args) (int64, error) {
	text, values, err := st.Bind(d.Dialect, a)
	if err != nil {
		return 0, err
	}
	result, err := db.ExecContext(ctx, text, values...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
