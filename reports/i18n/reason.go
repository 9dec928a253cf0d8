package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"hhrecon/reconcile"
)

// Sentence is a reason as a sentence: its clauses with a capital letter and a full stop. No reason is "".
func (p Printer) Sentence(r reconcile.Reason) string {
	clauses := p.Clauses(r)
	if clauses == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(clauses)
	// a clause may end in an abbreviation
	return string(unicode.ToUpper(first)) + strings.TrimRight(clauses[size:], ".") + "."
}

// Clauses is a reason as it follows a colon, or as a line under a heading. No reason is "".
func (p Printer) Clauses(r reconcile.Reason) string { return p.clauses(r, "; ") }

func (p Printer) clauses(r reconcile.Reason, separator string) string {
	if r.IsZero() {
		return ""
	}
	var text strings.Builder
	text.WriteString(p.clause(r))
	for _, more := range r.And {
		text.WriteString(separator + p.clause(more))
	}
	return text.String()
}

// clause is one text with its arguments. A reason of another version of the program, whose text is unknown here, is
// shown as its code with the arguments.
func (p Printer) clause(r reconcile.Reason) string {
	if r.Code == reconcile.WordsCode && len(r.Args) == 1 {
		return visible(r.Args[0].Text)
	}
	if shape, ok := p.texts.shapes[r.Code]; !ok || shape.args != len(r.Args) {
		return visible(r.String())
	}
	args := make([]any, len(r.Args))
	for i := range r.Args {
		args[i] = p.argument(&r.Args[i])
	}
	return p.T(r.Code, args...)
}

func (p Printer) argument(a *reconcile.Arg) any {
	switch {
	case a.Number != nil:
		return *a.Number
	case a.Money != nil:
		return p.figure(p.money(*a.Money))
	case a.Percent != nil:
		return p.percent(*a.Percent)
	case a.Seconds != nil:
		return p.figure(p.span(*a.Seconds))
	case a.Reason != nil:
		return p.clauses(*a.Reason, ", ")
	}
	return visible(a.Text)
}

// Amount is an amount without its currency. Minor units of an unknown currency stay as they are and say so behind the
// figure, so that the text keeps clear of a figure before it.
func (p Printer) Amount(minor int64, currency string) string {
	return p.Sum(reconcile.SumOf(minor), currency)
}

// Sum is Amount for a sum.
func (p Printer) Sum(s reconcile.Sum, currency string) string {
	if _, known := reconcile.Exponent(currency); !known {
		return p.T("amount.minor_units", s.String())
	}
	return reconcile.FormatSum(s, currency)
}

// money is an amount with its currency, if that is known.
func (p Printer) money(m reconcile.Money) string {
	text := p.Amount(m.Minor, m.Currency)
	if _, known := reconcile.Exponent(m.Currency); known {
		text += " " + m.Currency
	}
	return text
}

// percent is a change behind an amount, in whole numbers: " (+40.0 %)", with a second decimal if one would show
// nothing; "" if there is nothing to show.
func (p Printer) percent(c reconcile.Percent) string {
	if c.From <= 0 || c.To == c.From {
		return ""
	}
	diff, sign := c.To-c.From, "+"
	if diff < 0 {
		diff, sign = -diff, "-"
	}
	// Amounts are at most 10^13, so ten thousand of them fit an int64; half of From rounds.
	if tenths := (diff*1000 + c.From/2) / c.From; tenths > 0 {
		return " " + p.figure(fmt.Sprintf("(%s%d.%d %%)", sign, tenths/10, tenths%10))
	}
	if hundredths := (diff*10_000 + c.From/2) / c.From; hundredths > 0 {
		return " " + p.figure(fmt.Sprintf("(%s0.%02d %%)", sign, hundredths))
	}
	return ""
}

// span says how long, as roughly as a person would.
func (p Printer) span(seconds int64) string {
	switch minutes := seconds / 60; {
	case minutes < 120:
		return p.T("span.minutes", minutes)
	case minutes < 48*60:
		return p.T("span.hours", minutes/60)
	default:
		return p.T("span.days", minutes/60/24)
	}
}

func (p Printer) figure(text string) string {
	if p.Figure == nil {
		return text
	}
	return p.Figure(text)
}

// visible makes a text from outside fit one line: a control character, or one that turns the direction of writing, is
// written as its code.
func visible(text string) string {
	var line strings.Builder
	for _, c := range text {
		if unicode.IsGraphic(c) {
			line.WriteRune(c)
			continue
		}
		code := strconv.QuoteRuneToGraphic(c)
		line.WriteString(code[1 : len(code)-1])
	}
	return line.String()
}
