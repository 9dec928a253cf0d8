package db

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// timeLayout is how times are written for both databases: UTC, of fixed width so that SQLite's texts
// sort as times, and to the microsecond because that is what PostgreSQL keeps. timeGlob matches it.
const (
	timeLayout = "2006-01-02T15:04:05.000000Z"
	TimeGlob   = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T" +
		"[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z"
)

// Clock is the database's own, whatever those of the hosts say.
func (d *DB) Clock() Subquery {
	now := "clock_timestamp()"
	if d.Dialect == SQLite {
		now = "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"
	}
	return (&Statement{Name: "clock", pieces: []string{now}}).With(nil)
}

// FormatTime writes a time as both databases take it.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// FormatTimeOrEmpty is for statements that make null of what is empty.
func FormatTimeOrEmpty(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return FormatTime(t)
}

// Timestamp is a time read from either database; null is the zero time.
type Timestamp struct{ time.Time }

// Scan makes moment a sql.Scanner.
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
	return fmt.Errorf("%T is no time", value)
}

// ASCII is a text that a column of any encoding holds: other characters are escaped as in JSON, which means the same
// within JSON.
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

// CleanText makes text that came from outside fit for a column of text: PostgreSQL refuses a zero byte and
// invalid UTF-8, together with the whole batch around it.
func CleanText(text string) string {
	if utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
