package sql

import (
	"context"
	stdsql "database/sql"
	"time"

	"github.com/jmoiron/sqlx"
)

// maxTries bounds how often a transaction is tried that meets a deadlock or a serialization failure,
// with the merchant's own writers say.
const maxTries = 5

// inTx runs f in one transaction that writes, and explains its error. What f did is undone when it
// fails; after a deadlock it is run again from its beginning, so it must set all that it returns anew.
func (s *Store) inTx(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	return s.explain(ctx, s.write(ctx, f))
}

func (s *Store) write(ctx context.Context, f func(tx *sqlx.Tx) error) error {
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
	for try := 1; ; try++ {
		err := s.once(ctx, options, f)
		if err == nil || !passing(err) || try == maxTries {
			return err
		}
		s.log.WarnContext(ctx, "a transaction is tried again", "try", try, "reason", err)
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
