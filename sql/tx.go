package sql

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

// retryPolicy names the errors after which a transaction runs again.
type retryPolicy func(error) bool

// retryConflict is for any transaction: the server has rolled it back because of a deadlock or a serialization failure,
// with the merchant's own writers for example.
func retryConflict(err error) bool { return passing(err) }

// retryLost also runs a transaction again after a lost connection. Its commit may have succeeded with only the answer
// lost, so the function must do no harm if its work is done already. It begins with the run's row, by the fence or by
// an update: that waits until the server has ended the transaction before, and finds nothing if the run is another
// process's by then. Without a run it begins with the row that its work is about, or with that row's unique key.
func retryLost(err error) bool { return passing(err) || lost(err) }

// maxTries bounds how often something runs.
const maxTries = 5

// retry calls f until it succeeds, or fails with an error that the policy does not name.
func (s *DB) retry(ctx context.Context, policy retryPolicy, f func() error) error {
	for try := 1; ; try++ {
		err := f()
		if err == nil || try == maxTries || ctx.Err() != nil || !policy(err) {
			return err
		}
		s.log.WarnContext(ctx, "the database is asked again", "try", try, "reason", s.describe(err))
		select {
		case <-time.After(time.Duration(try*try) * 50 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

// write runs f in a transaction that writes. What f did is rolled back when it fails.
func (s *DB) write(ctx context.Context, policy retryPolicy, f func(tx *sqlx.Tx) error) error {
	return s.explain(ctx, s.withTx(ctx, policy, f))
}

// writeOne runs one statement that writes, and returns missing if that writes no row; nil is no error.
func (s *DB) writeOne(ctx context.Context, policy retryPolicy, q query, a args, missing error) error {
	return s.write(ctx, policy, func(tx *sqlx.Tx) error {
		n, err := s.exec(ctx, tx, q.in(s.dialect), a)
		if err == nil && n == 0 {
			err = missing
		}
		return err
	})
}

// withTx is write with the driver's error unwrapped.
func (s *DB) withTx(ctx context.Context, policy retryPolicy, f func(tx *sqlx.Tx) error) error {
	// Read committed, whatever the server's default is: a statement must see what the row it locked has become.
	options := &stdsql.TxOptions{Isolation: stdsql.LevelReadCommitted}
	if s.dialect == sqlite {
		options = nil // it knows one level only
		select {
		case s.writer <- struct{}{}: // in turn, where SQLite's own wait would be a lottery
			defer func() { <-s.writer }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return s.retry(ctx, policy, func() error { return runTx(ctx, s.db, options, f) })
}

// read runs f in a transaction that only reads, and returns the driver's error unwrapped.
func (s *DB) read(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	options := &stdsql.TxOptions{ReadOnly: true, Isolation: stdsql.LevelRepeatableRead}
	if s.dialect == sqlite {
		options.Isolation = stdsql.LevelDefault // WAL gives a reader one moment anyway
	}
	return runTx(ctx, s.db, options, f)
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

// exec runs a statement and tells how many rows it wrote.
func (s *DB) exec(ctx context.Context, db sqlx.ExecerContext, st *statement, a args) (int64, error) {
	text, values, err := st.bind(s.dialect, a)
	if err != nil {
		return 0, err
	}
	result, err := db.ExecContext(ctx, text, values...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
