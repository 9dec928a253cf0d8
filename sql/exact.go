package sql

import (
	"encoding/hex"
	"fmt"
	"time"
	"unicode/utf8"
)

// exact is a value as a column has it, which a hash and a guard must be exact about: nil for null, and
// else a string or an int64. A time is the text of stamp in both databases, and a bool is 0 or 1.
type exact struct{ value any }

// Scan makes exact a sql.Scanner.
func (e *exact) Scan(value any) error {
	switch v := value.(type) {
	case nil, int64, string:
		e.value = v
	case []byte:
		e.value = string(v)
	case time.Time:
		e.value = stamp(v)
	case bool:
		e.value = int64(0)
		if v {
			e.value = int64(1)
		}
	default:
		return fmt.Errorf("a column holds a %T", value)
	}
	return nil
}

// raw is a value as it is written.
func raw(value any) exact { return exact{value} }

// rawAll are values as they are written; one that was read stays as it is, and nil is null.
func rawAll(values ...any) []exact {
	all := make([]exact, len(values))
	for i, v := range values {
		if e, ok := v.(exact); ok {
			all[i] = e
		} else {
			all[i] = raw(v)
		}
	}
	return all
}

// text is "" for null.
func (e exact) text() string {
	s, _ := e.value.(string)
	return s
}

// empty tells whether the value is null or an empty text.
func (e exact) empty() bool { return e.value == nil || e.value == "" }

// number is 0 for null.
func (e exact) number() int64 {
	n, _ := e.value.(int64)
	return n
}

// says writes the value for people.
func (e exact) says() string {
	switch v := e.value.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(e.value)
}

// sealable is the value as a seal covers it. JSON holds no text that is not UTF-8, which SQLite does;
// such text is a list of its bytes in hexadecimal, which nothing else is.
func (e exact) sealable() any {
	if s, ok := e.value.(string); ok && !utf8.ValidString(s) {
		return []string{hex.EncodeToString([]byte(s))}
	}
	return e.value
}
