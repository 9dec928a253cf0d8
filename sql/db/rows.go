package db

import (
	"cmp"
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/jmoiron/sqlx"
)

// List reads all rows of a statement into dest, a pointer to a slice. Rows are read into structs by column names: a
// column has its field's name in snake case, or the name in the field's tag db. A field of a nested struct has both
// names, such as after_status for After.Status. Most statements therefore need no separate row type. A null time
// becomes the zero time.
func (d *DB) List(ctx context.Context, db sqlx.QueryerContext, dest any, st *Statement, a Args) error {
	all := reflect.ValueOf(dest).Elem()
	all.Set(reflect.MakeSlice(all.Type(), 0, 0)) // without rows the JSON is [], not null
	return readRows(ctx, d.Dialect, db, st, a, func() any {
		all.Set(reflect.Append(all, reflect.Zero(all.Type().Elem())))
		return all.Index(all.Len() - 1).Addr().Interface()
	})
}

// Select reads all rows of a query outside of a transaction. The errors of Select have messages for people.
func Select[T any](ctx context.Context, d *DB, q Query, a Args) ([]T, error) {
	var rows []T
	err := d.List(ctx, d.Conn, &rows, q.In(d.Dialect), a)
	return rows, d.WrapError(ctx, err)
}

// Get reads the first row of a statement into dest. Get returns sql.ErrNoRows if there is no row.
func (d *DB) Get(ctx context.Context, db sqlx.QueryerContext, dest any, st *Statement, a Args) error {
	rest := dest
	err := readRows(ctx, d.Dialect, db, st, a, func() (row any) {
		row, rest = rest, nil
		return row
	})
	if err == nil && rest != nil {
		err = stdsql.ErrNoRows
	}
	return err
}

// GetOr is like Get, but returns the error missing if there is no row. If missing is nil, GetOr returns nil
// and leaves dest unchanged.
func (d *DB) GetOr(ctx context.Context, db sqlx.QueryerContext, dest any, q Query, a Args, missing error) error {
	err := d.Get(ctx, db, dest, q.In(d.Dialect), a)
	if errors.Is(err, stdsql.ErrNoRows) {
		return missing
	}
	return err
}

// readRows calls next for each row and reads the row into the result. readRows stops when next returns nil.
func readRows(ctx context.Context, d Dialect, db sqlx.QueryerContext, st *Statement, a Args, next func() any) error {
	rows, err := OpenRows(ctx, d, db, st, a)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		row := next()
		if row == nil {
			return rows.Close()
		}
		dest, err := destinations(row, columns)
		if err != nil {
			return fmt.Errorf("%s: %w", st.Name, err)
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OpenRows runs a statement. The caller closes its rows.
func OpenRows(ctx context.Context, d Dialect, db sqlx.QueryerContext, st *Statement, a Args) (*stdsql.Rows, error) {
	text, values, err := st.Bind(d, a)
	if err != nil {
		return nil, err
	}
	return db.QueryContext(ctx, text, values...)
}

// errStopped ends the transaction of a stream whose reader stops early.
var errStopped = errors.New("stopped")

// Stream yields the rows that read passes to emit, page by page, in one transaction. If read or emit fails, the last
// pair contains the error. The transaction ends even if the reader stops early.
func Stream[T any](ctx context.Context, d *DB,
	read func(tx *sqlx.Tx, emit func(rows []T, err error) error) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := d.Read(ctx, func(tx *sqlx.Tx) error {
			return read(tx, func(rows []T, err error) error {
				for i := range rows {
					if err == nil && !yield(rows[i], nil) {
						return errStopped
					}
				}
				return err
			})
		})
		if err != nil && !errors.Is(err, errStopped) {
			var none T
			yield(none, d.WrapError(ctx, err))
		}
	}
}

// destinations returns a pointer for each column of a row. The pointer refers to a field of the row, or to the whole
// row if the row is not a struct.
func destinations(row any, columns []string) ([]any, error) {
	value := reflect.ValueOf(row).Elem()
	if isColumn(value.Type()) {
		return []any{destination(row)}, nil
	}
	dest, fields := make([]any, len(columns)), fieldsOf(value.Type())
	for i, column := range columns {
		field, ok := fields[column]
		if !ok {
			return nil, fmt.Errorf("column %s has no field in %s", column, value.Type())
		}
		dest[i] = destination(value.FieldByIndex(field).Addr().Interface())
	}
	return dest, nil
}

func destination(field any) any {
	switch field := field.(type) {
	case *time.Time:
		return (*timeColumn)(field)
	}
	return field
}

// timeColumn reads a time of either database. Null is the zero time.
type timeColumn time.Time

// Scan implements sql.Scanner.
func (t *timeColumn) Scan(value any) error {
	var m Timestamp
	err := m.Scan(value)
	*t = timeColumn(m.Time)
	return err
}

// isColumn reports whether a value of a type is read from one column.
func isColumn(t reflect.Type) bool {
	return t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() ||
		reflect.PointerTo(t).Implements(reflect.TypeFor[stdsql.Scanner]())
}

var knownFields sync.Map // maps reflect.Type to map[string][]int

// fieldsOf returns the index path of each field of a struct by its column name. If two fields have the same name, the
// outer field is used.
func fieldsOf(t reflect.Type) map[string][]int {
	if known, ok := knownFields.Load(t); ok {
		return known.(map[string][]int)
	}
	fields := make(map[string][]int)
	addFields(fields, t, "", nil)
	knownFields.Store(t, fields)
	return fields
}

func addFields(fields map[string][]int, t reflect.Type, prefix string, path []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		place := append(path[:len(path):len(path)], i)
		if f.Anonymous {
			addFields(fields, f.Type, prefix, place)
			continue
		}
		name := prefix + cmp.Or(f.Tag.Get("db"), snakeCase(f.Name))
		if before, known := fields[name]; f.IsExported() && (!known || len(before) > len(place)) {
			fields[name] = place
		}
		if f.IsExported() && !isColumn(f.Type) {
			addFields(fields, f.Type, name+"_", place)
		}
	}
}

// snakeCase turns RunID into run_id.
func snakeCase(name string) string {
	var snake strings.Builder
	letters := []rune(name)
	for i, c := range letters {
		begins := i > 0 && (unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if begins && unicode.IsUpper(c) {
			snake.WriteByte('_')
		}
		snake.WriteRune(unicode.ToLower(c))
	}
	return snake.String()
}
