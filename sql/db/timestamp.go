package db

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// timeLayout is the format of times in both databases. The times are in UTC. The texts have a fixed width, so SQLite
// sorts the texts as times. The precision is microseconds, as in PostgreSQL. TimeGlob matches this format.
const (
	timeLayout = "2006-01-02T15:04:05.000000Z"
	TimeGlob   = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T" +
		"[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z"
)

// Clock returns an expression for the current time of the database's clock. hhrecon uses the database's clock because
// the hosts' clocks may differ.
func (d *DB) Clock() Subquery {
	now := "clock_timestamp()"
	if d.Dialect == SQLite {
		now = "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"
	}
	return (&Statement{Name: "clock", pieces: []string{now}}).With(nil)
}

// FormatTime formats a time as text in the format that both databases store.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// FormatTimeOrEmpty is like FormatTime, but returns "" for the zero time. Statements turn "" into null.
func FormatTimeOrEmpty(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return FormatTime(t)
}

// Timestamp is a time that was read from a database. Null is the zero time.
type Timestamp struct{ time.Time }

// Scan implements sql.Scanner.
func (m *Timestamp) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		m.Time = time.Time{}
		return nil
	case time.Time:
		m.Time = v.UTC()
		return nil
	case string:
		t, err := time.Parse(time.RFC3339Nano, v)
		m.Time = t.UTC()
		return err
	}
	return fmt.Errorf("%T is not a time", value)
}

// ASCII returns text that a column of any encoding can store. Other characters are escaped as in JSON, so the text has
// the same meaning within JSON.
func ASCII(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(CleanText(text))) {
		if unit < utf8.RuneSelf {
			b.WriteByte(byte(unit))
		} else {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// CleanText makes a text from outside valid for a text column. PostgreSQL would reject a whole batch with zero
// bytes or invalid UTF-8.
func CleanText(text string) string {
	if utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
