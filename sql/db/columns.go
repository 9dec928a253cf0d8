package db

import (
	"context"
	"maps"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Columns are the parameters that many rows have each for themselves: by name a []string, []int64 or []bool with a
// value a row.
type Columns map[string]any

// Column reads one column off many rows.
func Column[Row, T any](rows []Row, value func(*Row) T) []T {
	values := make([]T, len(rows))
	for i := range rows {
		values[i] = value(&rows[i])
	}
	return values
}

// at is a column's value in a row.
func (c Columns) at(name string, row int) any {
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

// SaveEach writes n rows: to PostgreSQL in one statement with an array a column, to SQLite with a prepared
// statement a row. It returns how many rows were written.
func (d *DB) SaveEach(ctx context.Context, tx *sqlx.Tx, q Query, common Args, n int, rows Columns) (int64, error) {
	a := maps.Clone(common)
	if d.Dialect == SQLite {
		for name := range rows {
			a[name] = nil // it is only to be known
		}
		return d.eachValue(ctx, tx, q.SQLite, a, n, func(name string, i int) any {
			if _, own := rows[name]; own {
				return rows.at(name, i)
			}
			return common[name]
		})
	}
	for name, values := range rows {
		a[name] = pq.Array(values)
	}
	return d.Exec(ctx, tx, q.Postgres, a)
}

// Each prepares a statement once and runs it n times. Every call of values must name the same parameters, and no list;
// it is called once a row, in order.
func (d *DB) Each(ctx context.Context, tx *sqlx.Tx, st *Statement, n int, values func(i int) Args) error {
	if n == 0 {
		return nil
	}
	row, at := values(0), 0
	_, err := d.eachValue(ctx, tx, st, row, n, func(name string, i int) any {
		if i != at {
			row, at = values(i), i
		}
		return row[name]
	})
	return err
}

// eachValue prepares a statement with the parameters that a names, and runs it n times with the values of each row.
func (d *DB) eachValue(ctx context.Context, tx *sqlx.Tx, st *Statement, a Args, n int,
	value func(name string, i int) any) (int64, error) {
	names := make(Args, len(a))
	for name := range a {
		names[name] = name
	}
	text, order, err := st.Bind(d.Dialect, names)
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
