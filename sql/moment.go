package sql

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// timeLayout is how times are written for both databases: UTC, of fixed width so that SQLite's texts
// sort as times, and to the microsecond because that is what PostgreSQL keeps. timeGlob matches it.
const (
	timeLayout = "2006-01-02T15:04:05.000000Z"
	timeGlob   = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z"
)

// clock is the database's own, whatever those of the hosts say.
func (s *DB) clock() splice {
	now := "clock_timestamp()"
	if s.dialect == sqlite {
		now = "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"
	}
	return (&statement{name: "clock", pieces: []string{now}}).with(nil)
}

func stamp(t time.Time) string { return t.UTC().Format(timeLayout) }

// stampOrEmpty is for statements that make null of what is empty.
func stampOrEmpty(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}

// moment is a time read from either database; null is the zero time.
type moment struct{ time.Time }

// Scan makes moment a sql.Scanner.
func (m *moment) Scan(value any) error {
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

// clean makes text that came from outside fit for a column of text: PostgreSQL refuses a zero byte and
// invalid UTF-8, together with the whole batch around it.
func clean(text string) string {
	if utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
