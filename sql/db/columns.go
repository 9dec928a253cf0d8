package db

import (
	"context"
	"maps"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Columns contains the parameters that have one value for each row, by name. Each value is a []string, []int64 or
// []bool.
type Columns map[string]any

// Column returns one value of each row.
func Column[Row, T any](rows []Row, value func(*Row) T) []T {
	values := make([]T, len(rows))
	for i := range rows {
		values[i] = value(&rows[i])
	}
	return values
}

// at returns a parameter's value for a row.
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

// SaveEach writes n rows. In PostgreSQL, SaveEach uses one statement with an array for each column. In SQLite, SaveEach
// runs a prepared statement for each row. SaveEach returns the number of written rows.
func (d *DB) SaveEach(ctx context.Context, tx *sqlx.Tx, q Query, common Args, n int, rows Columns) (int64, error) {
	a := maps.Clone(common)
	if d.Dialect == SQLite {
		for name := range rows {
			a[name] = nil // the loop uses only the name
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

// Each prepares a statement once and runs the statement n times. For each row, the function values returns the
// parameters. All rows must have the same parameter names. A value must not be a List.
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

// eachValue prepares a statement with the parameters named in a, and runs the statement n times with the
// values of each row.
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
