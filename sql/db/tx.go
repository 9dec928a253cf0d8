package db

import (
	"context"
	stdsql "database/sql"
	"time"

	"github.com/jmoiron/sqlx"
)

// How transactions are run:
//
//   - read: read only, all statements see the same moment, never run again.
//   - write: read committed, run again after the errors that its retry policy names, its error in words for people.
//     withTx is write with the driver's error unwrapped, for callers that act on it.
//     writeOne is write for one statement.
//
// A function that may run again sets all that it returns from the beginning.

// RetryPolicy names the errors after which a transaction runs again.
type RetryPolicy func(error) bool

// RetryConflict is for any transaction: the server has rolled it back because of a deadlock or a serialization failure,
// with the merchant's own writers for example.
func RetryConflict(err error) bool { return IsTransient(err) }

// RetryLost also runs a transaction again after a lost connection. Its commit may have succeeded with only the answer
// lost, so the function must do no harm if its work is done already. It begins with the run's row, by the fence or by
// an update: that waits until the server has ended the transaction before, and finds nothing if the run is another
// process's by then. Without a run it begins with the row that its work is about, or with that row's unique key.
func RetryLost(err error) bool { return IsTransient(err) || lost(err) }

// MaxTries bounds how often something runs.
const MaxTries = 5

// Retry calls f until it succeeds, or fails with an error that the policy does not name.
func (d *DB) Retry(ctx context.Context, policy RetryPolicy, f func() error) error {
	for try := 1; ; try++ {
		err := f()
		if err == nil || try == MaxTries || ctx.Err() != nil || !policy(err) {
			return err
		}
		d.Log.WarnContext(ctx, "the database is asked again", "try", try, "reason", d.Describe(err))
		select {
		case <-time.After(time.Duration(try*try) * 50 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

// Write runs f in a transaction that writes. What f did is rolled back when it fails.
func (d *DB) Write(ctx context.Context, policy RetryPolicy, f func(tx *sqlx.Tx) error) error {
	return d.WrapError(ctx, d.WithTx(ctx, policy, f))
}

// WriteOne runs one statement that writes, and returns missing if that writes no row; nil is no error.
func (d *DB) WriteOne(ctx context.Context, policy RetryPolicy, q Query, a Args, missing error) error {
	return d.Write(ctx, policy, func(tx *sqlx.Tx) error {
		n, err := d.Exec(ctx, tx, q.In(d.Dialect), a)
		if err == nil && n == 0 {
			err = missing
		}
		return err
	})
}

// WithTx is write with the driver's error unwrapped.
func (d *DB) WithTx(ctx context.Context, policy RetryPolicy, f func(tx *sqlx.Tx) error) error {
	// Read committed, whatever the server's default is: a statement must see what the row it locked has become.
	options := &stdsql.TxOptions{Isolation: stdsql.LevelReadCommitted}
	if d.Dialect == SQLite {
		options = nil // it knows one level only
		select {
		case d.writer <- struct{}{}: // in turn, where SQLite's own wait would be a lottery
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

// writableFor is how long it stands that transactions may write: connections may lead to another database since.
const writableFor = time.Minute

type unguarded struct{}

// Unguarded lets transactions write without asking DB.Guard.
func Unguarded(ctx context.Context) context.Context { return context.WithValue(ctx, unguarded{}, true) }

// checkWritable looks whether transactions may write.
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

// checkServer looks whether the server lets transactions write. lib/pq begins each as READ WRITE, which would override
// default_transaction_read_only.
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
		return &UserError{"the database is a standby, or recovers: nothing can be written", ErrUnavailable}
	case readOnly:
		return &UserError{"default_transaction_read_only is on, for the role, the database or by HHRECON_DATABASE_URL, " +
			"and hhrecon must write: use a role that may, or turn it off", ErrReadOnly}
	}
	return nil
}

// Read runs f in a transaction that only reads, and returns the driver's error unwrapped.
func (d *DB) Read(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	options := &stdsql.TxOptions{ReadOnly: true, Isolation: stdsql.LevelRepeatableRead}
	if d.Dialect == SQLite {
		options.Isolation = stdsql.LevelDefault // WAL gives a reader one moment anyway
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

// Exec runs a statement and tells how many rows it wrote.
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
