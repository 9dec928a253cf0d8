package db

import (
	"encoding/hex"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// RawValue is a value as a column has it, which a hash and a guard must be exact about: nil for null, and
// else a string or an int64. A time is the text of stamp in both databases, and a bool is 0 or 1.
type RawValue struct{ Value any }

// Scan makes exact a sql.Scanner.
func (e *RawValue) Scan(value any) error {
	switch v := value.(type) {
	case nil, int64, string:
		e.Value = v
	case []byte:
		e.Value = string(v)
	case time.Time:
		e.Value = FormatTime(v)
	case bool:
		e.Value = int64(0)
		if v {
			e.Value = int64(1)
		}
	default:
		return fmt.Errorf("a value is of type %T, must be a text or an integer (an amount in minor units)", value)
	}
	return nil
}

// Raw is a value as it is written.
func Raw(value any) RawValue { return RawValue{value} }

// RawValues are values as they are written; one that was read stays as it is, and nil is null.
func RawValues(values ...any) []RawValue {
	all := make([]RawValue, len(values))
	for i, v := range values {
		if e, ok := v.(RawValue); ok {
			all[i] = e
		} else {
			all[i] = Raw(v)
		}
	}
	return all
}

// Text is "" for null.
func (e RawValue) Text() string {
	s, _ := e.Value.(string)
	return s
}

// IsEmpty tells whether the value is null or an empty text.
func (e RawValue) IsEmpty() bool { return e.Value == nil || e.Value == "" }

// Int64 is 0 for null.
func (e RawValue) Int64() int64 {
	n, _ := e.Value.(int64)
	return n
}

// Quote writes the value for people.
func (e RawValue) Quote() string {
	switch v := e.Value.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(e.Value)
}

// Hashable is the value as a seal covers it. JSON holds no text that is not UTF-8, which SQLite does;
// such text is a list of its bytes in hexadecimal, which nothing else is.
func (e RawValue) Hashable() any {
	if s, ok := e.Value.(string); ok && !utf8.ValidString(s) {
		return []string{hex.EncodeToString([]byte(s))}
	}
	return e.Value
}

// Near tells whether two times are not further apart than a limit.
func (v RawValue) Near(other RawValue, limit time.Duration) bool {
	var one, two Timestamp
	if v.IsEmpty() || errors.Join(one.Scan(v.Value), two.Scan(other.Value)) != nil {
		return false
	}
	return one.Sub(two.Time).Abs() <= limit
}

// IsTime tells whether a value is a time as it is written, or null.
func (v RawValue) IsTime() bool {
	var at Timestamp
	return v.IsEmpty() || at.Scan(v.Value) == nil && FormatTime(at.Time) == v.Text()
}
