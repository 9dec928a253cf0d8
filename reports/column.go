package reports

import (
	"time"

	"hhrecon/reconcile"
)

// kind is what a column holds; it gives the width and the style.
type kind uint8

const (
	word     kind = iota // one of a fixed vocabulary
	code                 // a currency
	state                // a status with its sub-status
	list                 // several words, wrapped
	id                   // shrunk to fit, as words are, so that a long one is never cut off
	sentence             // wrapped
	remark               // wrapped where it is longer than a line, which few of a long sheet's rows are
	moment               // a date with its time, in the report's zone
	momentUTC
	amount // money
	change // money with its sign
	count
	choice // to be filled in: one of few words
	entry  // to be filled in: a sentence, wrapped
)

// widths are in digits of the common font, wide enough for what stands in for that font elsewhere.
var widths = [...]int{
	word: 18, code: 10, state: 26, list: 18, id: 28, sentence: 54, remark: 100,
	moment: 19, momentUTC: 19, amount: 17, change: 18, count: 9, choice: 13, entry: 40,
}

func (k kind) wraps() bool   { return k == list || k == sentence || k == entry }
func (k kind) shrinks() bool { return k == word || k == code || k == state || k == id }
func (k kind) figures() bool { return k == amount || k == change || k == count }

// column is one column of a sheet or of the CSV.
type column struct {
	title string
	kind  kind
	put   func(c cells, l *line)
}

// heading is the title, with the zone where it stands over times.
func (c column) heading(r *subject) string {
	switch c.kind {
	case moment:
		return r.T(c.title) + " (" + r.zone().String() + ")"
	case momentUTC:
		return r.T(c.title) + " (UTC)"
	}
	return r.T(c.title)
}

// cells takes a row's values, one call a column.
type cells interface {
	text(s string)
	currency(code string)
	amount(minor int64, currency string) // shown with the currency's decimals
	change(minor int64, currency string)
	moment(t time.Time) // the wall clock of the time's own zone; blank for the zero time
	count(n int64)
	blank()
	field(k kind) // left for a person to fill in
}

// line is one row before it is cells: a finding, with what only a report adds to it.
type line struct {
	*reconcile.Finding
	about *subject
	why   string // it is unresolved
	ask   string // what HighHelp's support is asked
	waits bool   // a person must decide
	told  string // the reason, once it was asked for
}

func (l *line) local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(l.about.zone())
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
	return column{title, amount, func(c cells, l *line) { amountIfAny(c, of(l), l.Currency) }}
}

// amountIfAny leaves the cell blank for zero.
func amountIfAny(c cells, minor int64, currency string) {
	if minor == 0 {
		c.blank()
		return
	}
	c.amount(minor, currency)
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
