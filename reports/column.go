package reports

import (
	"time"

	"hhrecon/reconcile"
)

// kind is what a column holds; it gives the width and the style.
type kind uint8

const (
	words    kind = iota // a few words of a fixed vocabulary
	id                   // shrunk to fit, so that a long one is never cut off
	sentence             // wrapped
	remark               // not wrapped: in a sheet of a million rows, every row stays one line high
	moment               // a date with its time, in the report's zone
	momentUTC
	amount // money
	change // money with its sign
	count
)

var widths = [...]float64{words: 16, id: 28, sentence: 58, remark: 100, moment: 19, momentUTC: 19, amount: 15, change: 14, count: 9}

// column is one column of a sheet or of the CSV.
type column struct {
	title string
	kind  kind
	put   func(c cells, l *line)
}

// heading is the title, with the zone where it stands over times.
func (c column) heading(zone *time.Location) string {
	switch c.kind {
	case moment:
		return c.title + " (" + zone.String() + ")"
	case momentUTC:
		return c.title + " (UTC)"
	}
	return c.title
}

// cells takes a row's values, one call a column.
type cells interface {
	text(s string)
	amount(minor int64, currency string) // shown with the currency's decimals
	change(minor int64, currency string)
	moment(t time.Time) // the wall clock of the time's own zone; blank for the zero time
	count(n int64)
	blank()
}

// line is one row before it is cells: a finding, with what only a report adds to it.
type line struct {
	*reconcile.Finding
	about *subject
	why   string // it is unresolved
	ask   string // what HighHelp's support is asked
}

func (l *line) local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(l.about.zone())
}

// expiry is HighHelp's, or what the merchant's row makes of it.
func (l *line) expiry() time.Time {
	switch {
	case !l.ExpiresAt.IsZero():
		return l.ExpiresAt
	case l.Lifetime > 0:
		return l.CreatedAt.Add(time.Duration(l.Lifetime) * time.Second)
	}
	return l.CreatedAt.Add(600 * time.Second) // what HighHelp takes where a request names no lifetime
}

// planned tells whether there was something to correct.
func (l *line) planned() bool {
	return l.Changes || l.Correction != reconcile.CorrectionNone && l.Correction != ""
}

func plainText(title string, k kind, of func(l *line) string) column {
	return column{title, k, func(c cells, l *line) { c.text(of(l)) }}
}

// money is a column of amounts; zero is none and stays blank.
func money(title string, of func(l *line) int64) column {
	return column{title, amount, func(c cells, l *line) {
		if minor := of(l); minor != 0 {
			c.amount(minor, l.Currency)
		} else {
			c.blank()
		}
	}}
}

// step is a column of differences, blank where the amounts were not compared.
func step(title string, of func(l *line) int64) column {
	return column{title, change, func(c cells, l *line) {
		if l.Compared() {
			c.change(of(l), l.Currency)
		} else {
			c.blank()
		}
	}}
}

// local is a column of times in the report's zone.
func local(title string, of func(l *line) time.Time) column {
	return column{title, moment, func(c cells, l *line) { c.moment(l.local(of(l))) }}
}

// utc is a column of times in UTC, for whoever looks things up in HighHelp's logs.
func utc(title string, of func(l *line) time.Time) column {
	return column{title, momentUTC, func(c cells, l *line) { c.moment(of(l).UTC()) }}
}
