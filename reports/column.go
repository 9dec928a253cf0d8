package reports

import (
	"time"

	"hhrecon/reconcile"
)

// Kind is the kind of values in a column. The kind determines the width and the style.
type Kind uint8

// Kinds of columns.
const (
	KindWord     Kind = iota // one of a fixed set of words
	KindCode                 // a currency
	KindState                // a status with its sub-status
	KindList                 // several words, wrapped
	KindID                   // an ID; a long ID is shrunk to fit
	KindSentence             // a wrapped sentence
	KindRemark               // a sentence that is wrapped only if it is longer than a line
	KindTime                 // a date and a time in the time zone of the report
	KindTimeUTC
	KindAmount // an amount of money
	KindChange // an amount with a plus or minus sign
	KindCount
	KindChoice // an input cell for one word of a list
	KindEntry  // an input cell for a sentence, wrapped
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

// Heading returns the column's title. If the column holds times, the title also contains the time zone.
func (c Column) Heading(r *Report) string {
	switch c.Kind {
	case KindTime:
		return r.T(c.Title) + " (" + r.Location().String() + ")"
	case KindTimeUTC:
		return r.T(c.Title) + " (UTC)"
	}
	return r.T(c.Title)
}

// Cells receives the values of one row, with one method call for each column.
type Cells interface {
	Text(s string)
	Currency(code string)
	Amount(minor int64, currency string) // minor units, shown with the currency's decimals
	Change(minor int64, currency string)
	Time(t time.Time) // shown in the time zone of t; blank for the zero time
	Count(n int64)
	Blank()
	Field(k Kind) // an empty cell for a person to fill in
}

// Row is a finding with additional texts for a report.
type Row struct {
	*reconcile.Finding
	Report     *Report
	Why        string // why the finding is unresolved; "" if it is resolved
	Question   string // question to HighHelp's support; may be ""
	Undecided  bool   // the payin waits for a person's decision
	reasonText string // cached by ReasonText
}

// NewRow returns a Row for a finding.
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

// Planned reports whether the finding requires a correction.
func (l *Row) Planned() bool {
	return l.Changes || l.Correction != reconcile.CorrectionNone && l.Correction != ""
}

func plainText(title string, k Kind, of func(l *Row) string) Column {
	return Column{title, k, func(c Cells, l *Row) { c.Text(of(l)) }}
}

// money returns a column of amounts. A zero amount gives a blank cell.
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

// step returns a column of differences. A cell is blank if the amounts of the row were not compared.
func step(title string, of func(l *Row) int64) Column {
	return Column{title, KindChange, func(c Cells, l *Row) {
		if l.Compared() {
			c.Change(of(l), l.Currency)
		} else {
			c.Blank()
		}
	}}
}

// local returns a column of times in the time zone of the report.
func local(title string, of func(l *Row) time.Time) Column {
	return Column{title, KindTime, func(c Cells, l *Row) { c.Time(l.local(of(l))) }}
}

// utc returns a column of times in UTC, as in HighHelp's logs.
func utc(title string, of func(l *Row) time.Time) Column {
	return Column{title, KindTimeUTC, func(c Cells, l *Row) { c.Time(of(l).UTC()) }}
}

// ReasonText returns the finding's reason as a sentence in the report's language.
func (l *Row) ReasonText() string {
	if l.reasonText == "" {
		l.reasonText = l.Report.Sentence(l.Reason)
	}
	return l.reasonText
}

// money formats an amount in the finding's currency, without the currency's name.
func (l *Row) money(minor int64) string { return l.Report.FormatAmount(minor, l.Currency) }
