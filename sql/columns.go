package sql

import (
	"context"
	"maps"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// columns are the parameters that many rows have each for themselves: by name a []string, []int64 or []bool with a
// value a row.
type columns map[string]any

// column reads one column off many rows.
func column[Row, T any](rows []Row, value func(*Row) T) []T {
	values := make([]T, len(rows))
	for i := range rows {
		values[i] = value(&rows[i])
	}
	return values
}

// at is a column's value in a row.
func (c columns) at(name string, row int) any {
	switch values := c[name].(type) {
	case []string:
		return values[row]
	case []bool:
		return values[row]
	case []int64:
		return values[row]
	}
	return nil
}

// saveEach writes n rows: to PostgreSQL in one statement with an array a column, to SQLite with a prepared
// statement a row. It returns how many rows were written.
func (s *DB) saveEach(ctx context.Context, tx *sqlx.Tx, q query, common args, n int, rows columns) (int64, error) {
	a := maps.Clone(common)
	if s.dialect == sqlite {
		for name := range rows {
			a[name] = nil // it is only to be known
		}
		return s.eachValue(ctx, tx, q.sqlite, a, n, func(name string, i int) any {
			if _, own := rows[name]; own {
				return rows.at(name, i)
			}
			return common[name]
		})
	}
	for name, values := range rows {
		a[name] = pq.Array(values)
	}
	return s.exec(ctx, tx, q.postgres, a)
}

// each prepares a statement once and runs it n times. Every call of values must name the same parameters, and no list;
// it is called once a row, in order.
func (s *DB) each(ctx context.Context, tx *sqlx.Tx, st *statement, n int, values func(i int) args) error {
	if n == 0 {
		return nil
	}
	row, at := values(0), 0
	_, err := s.eachValue(ctx, tx, st, row, n, func(name string, i int) any {
		if i != at {
			row, at = values(i), i
		}
		return row[name]
	})
	return err
}

// eachValue prepares a statement with the parameters that a names, and runs it n times with the values of each row.
func (s *DB) eachValue(ctx context.Context, tx *sqlx.Tx, st *statement, a args, n int, value func(name string, i int) any) (int64, error) {
	names := make(args, len(a))
	for name := range a {
		names[name] = name
	}
	text, order, err := st.bind(s.dialect, names)
	if err != nil || n == 0 {
		return 0, err
	}
	stmt, err := tx.PreparexContext(ctx, text)
	if err != nil {
		return 0, err
	}
	defer func() { _ = stmt.Close() }()
	var written int64
	values := make([]any, len(order))
	for i := range n {
		for at, name := range order {
			values[at] = value(name.(string), i)
		}
		result, err := stmt.ExecContext(ctx, values...)
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
