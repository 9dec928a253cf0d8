package db

import (
	"encoding/hex"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// RawValue is a column's exact value, for hashes and for guards of writes. A RawValue is nil for null, otherwise a
// string or an int64. A time is text as FormatTime writes it in both databases, and a bool is 0 or 1.
type RawValue struct{ Value any }

// Scan implements sql.Scanner.
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
		return fmt.Errorf("a value has the type %T, but must be text or an integer (an amount in minor units)", value)
	}
	return nil
}

// Raw wraps a value as a RawValue.
func Raw(value any) RawValue { return RawValue{value} }

// RawValues wraps values as RawValues. A RawValue stays unchanged, and nil becomes null.
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

// Text returns the text, or "" for null.
func (e RawValue) Text() string {
	s, _ := e.Value.(string)
	return s
}

// IsEmpty reports whether the value is null or an empty text.
func (e RawValue) IsEmpty() bool { return e.Value == nil || e.Value == "" }

// Int64 returns the number, or 0 for null.
func (e RawValue) Int64() int64 {
	n, _ := e.Value.(int64)
	return n
}

// Quote formats the value for people.
func (e RawValue) Quote() string {
	switch v := e.Value.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(e.Value)
}

// Hashable returns the form of the value from which an entry's hash is computed. JSON cannot contain text that is not
// UTF-8, but SQLite can. Such text becomes a list that contains its bytes in hexadecimal. No other value has this form.
func (e RawValue) Hashable() any {
	if s, ok := e.Value.(string); ok && !utf8.ValidString(s) {
		return []string{hex.EncodeToString([]byte(s))}
	}
	return e.Value
}

// Near reports whether two times differ by no more than the given limit.
func (v RawValue) Near(other RawValue, limit time.Duration) bool {
	var one, two Timestamp
	if v.IsEmpty() || errors.Join(one.Scan(v.Value), two.Scan(other.Value)) != nil {
		return false
	}
	return one.Sub(two.Time).Abs() <= limit
}

// IsTime reports whether a value is null or a time as FormatTime writes it.
func (v RawValue) IsTime() bool {
	var at Timestamp
	return v.IsEmpty() || at.Scan(v.Value) == nil && FormatTime(at.Time) == v.Text()
}
