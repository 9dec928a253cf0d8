package reports

import (
	"time"

	"hhrecon/reconcile"
)

// Kind is what the cells of a column hold; it gives their width and style.
type Kind uint8

// The kinds of columns.
const (
	KindWord     Kind = iota // one of a fixed vocabulary
	KindCode                 // a currency
	KindState                // a status with its sub-status
	KindList                 // several words, wrapped
	KindID                   // shrunk to fit, as words are, so that a long one is never cut off
	KindSentence             // wrapped
	KindRemark               // wrapped where it is longer than a line, which few of a long sheet's rows are
	KindTime                 // a date with its time, in the report's zone
	KindTimeUTC
	KindAmount // money
	KindChange // money with its sign
	KindCount
	KindChoice // to be filled in: one of few words
	KindEntry  // to be filled in: a sentence, wrapped
)

// Wraps reports whether the column's text is wrapped.
func (k Kind) Wraps() bool { return k == KindList || k == KindSentence || k == KindEntry }

// Shrinks reports whether the column's text is shrunk to fit.
func (k Kind) Shrinks() bool { return k == KindWord || k == KindCode || k == KindState || k == KindID }

// IsNumber reports whether the column holds numbers.
func (k Kind) IsNumber() bool { return k == KindAmount || k == KindChange || k == KindCount }

// Column is one column of a sheet or of the CSV.
type Column struct {
	Title string
	Kind  Kind
	Put   func(c Cells, l *Row)
}

// Heading is the column's title; a column of times adds the time zone.
func (c Column) Heading(r *Report) string {
	switch c.Kind {
	case KindTime:
		return r.T(c.Title) + " (" + r.Location().String() + ")"
	case KindTimeUTC:
		return r.T(c.Title) + " (UTC)"
	}
	return r.T(c.Title)
}

// Cells takes the values of one row, one call a column.
type Cells interface {
	Text(s string)
	Currency(code string)
	Amount(minor int64, currency string) // shown with the currency's decimals
	Change(minor int64, currency string)
	Time(t time.Time) // the wall clock of the time's own zone; blank for the zero time
	Count(n int64)
	Blank()
	Field(k Kind) // left for a person to fill in
}

// Row is a finding with what a report adds to it.
type Row struct {
	*reconcile.Finding
	Report     *Report
	Why        string // it is unresolved
	Question   string // what HighHelp's support is asked
	Undecided  bool   // a person must decide
	reasonText string // the reason, once it was asked for
}

// NewRow returns the row of a finding.
func (r *Report) NewRow(f *reconcile.Finding) *Row {
	return &Row{Finding: f, Report: r, Why: r.unresolved(f), Question: question(r.Printer, r.FormatAmount, f),
		Undecided: r.undecided(f)}
}

func (l *Row) local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(l.Report.Location())
}

// Planned reports whether the finding has a correction.
func (l *Row) Planned() bool {
	return l.Changes || l.Correction != reconcile.CorrectionNone && l.Correction != ""
}

func plainText(title string, k Kind, of func(l *Row) string) Column {
	return Column{title, k, func(c Cells, l *Row) { c.Text(of(l)) }}
}

// money is a column of amounts; zero is none and stays blank.
func money(title string, of func(l *Row) int64) Column {
	return Column{title, KindAmount, func(c Cells, l *Row) { AmountIfAny(c, of(l), l.Currency) }}
}

// AmountIfAny writes an amount, or a blank cell for zero.
func AmountIfAny(c Cells, minor int64, currency string) {
	if minor == 0 {
		c.Blank()
		return
	}
	c.Amount(minor, currency)
}

// step is a column of differences; a row whose amounts were not compared has a blank cell.
func step(title string, of func(l *Row) int64) Column {
	return Column{title, KindChange, func(c Cells, l *Row) {
		if l.Compared() {
			c.Change(of(l), l.Currency)
		} else {
			c.Blank()
		}
	}}
}

// local is a column of times in the report's zone.
func local(title string, of func(l *Row) time.Time) Column {
	return Column{title, KindTime, func(c Cells, l *Row) { c.Time(l.local(of(l))) }}
}

// utc is a column of times in UTC, as in HighHelp's logs.
func utc(title string, of func(l *Row) time.Time) Column {
	return Column{title, KindTimeUTC, func(c Cells, l *Row) { c.Time(of(l).UTC()) }}
}

// ReasonText is the reason of the finding as a sentence in the report's language.
func (l *Row) ReasonText() string {
	if l.reasonText == "" {
		l.reasonText = l.Report.Sentence(l.Reason)
	}
	return l.reasonText
}

// money is an amount in the finding's currency. The currency is another column.
func (l *Row) money(minor int64) string { return l.Report.FormatAmount(minor, l.Currency) }
