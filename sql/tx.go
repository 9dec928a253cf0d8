package sql

import (
	"context"
	stdsql "database/sql"
	"time"

	"github.com/jmoiron/sqlx"
)

// maxTries bounds how often a transaction is tried that meets a deadlock or a serialization failure,
// with the merchant's own writers say; or, where that is harmless, a lost connection.
const maxTries = 5

// inTx runs f in one transaction that writes, and explains its error. What f did is undone when it
// fails; after a deadlock it is run again from its beginning, so it must set all that it returns anew.
func (s *Store) inTx(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	return s.explain(ctx, s.write(ctx, f))
}

// inTxAgain is inTx for what writeAgain may run.
func (s *Store) inTxAgain(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	return s.explain(ctx, s.writeAgain(ctx, f))
}

// write is inTx without the words.
func (s *Store) write(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	return s.writeWhile(ctx, passing, f)
}

// writeAgain is write, and tries again after a lost connection too. The commit may have gone through then, with
// only its answer lost; so f must do no harm where it has done its work already. It must begin with the run's row,
// by the fence or by an update: so it waits until the server has ended the transaction before, and finds nothing
// where the run has become another's. Without a run it begins with the row that its work is about, or with that row's unique key.
func (s *Store) writeAgain(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	return s.writeWhile(ctx, func(err error) bool { return passing(err) || lost(err) }, f)
}

func (s *Store) writeWhile(ctx context.Context, again func(error) bool, f func(tx *sqlx.Tx) error) error {
	if s.dialect == sqlite {
		select {
		case s.writer <- struct{}{}: // in turn, where SQLite's own wait would be a lottery
			defer func() { <-s.writer }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	// Read committed, whatever the server's default is: a statement must see what the row it locked
	// has become.
	options := &stdsql.TxOptions{Isolation: stdsql.LevelReadCommitted}
	if s.dialect == sqlite {
		options = nil // it knows one level only
	}
	return s.tries(ctx, again, func() error { return s.once(ctx, options, f) })
}

// tries does something until it goes well, or fails for a reason that does not pass.
func (s *Store) tries(ctx context.Context, again func(error) bool, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if err == nil || try == maxTries || ctx.Err() != nil || !again(err) {
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

// read runs f in one transaction that only reads, so that all its statements see the same moment.
func (s *Store) read(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	options := &stdsql.TxOptions{ReadOnly: true, Isolation: stdsql.LevelRepeatableRead}
	if s.dialect == sqlite {
		options.Isolation = stdsql.LevelDefault // WAL gives a reader one moment anyway
	}
	return s.once(ctx, options, f)
}

func (s *Store) once(ctx context.Context, options *stdsql.TxOptions, f func(tx *sqlx.Tx) error) error {
	tx, err := s.db.BeginTxx(ctx, options)
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
func (s *Store) exec(ctx context.Context, db sqlx.ExecerContext, st *statement, a args) (int64, error) {
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

// get reads the one row of a statement; sql.ErrNoRows where there is none.
func (s *Store) get(ctx context.Context, db sqlx.QueryerContext, dest any, st *statement, a args) error {
	text, values, err := st.bind(s.dialect, a)
	if err != nil {
		return err
	}
	return sqlx.GetContext(ctx, db, dest, text, values...)
}

// list reads all rows of a statement.
func (s *Store) list(ctx context.Context, db sqlx.QueryerContext, dest any, st *statement, a args) error {
	text, values, err := st.bind(s.dialect, a)
	if err != nil {
		return err
	}
	return sqlx.SelectContext(ctx, db, dest, text, values...)
}
