package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"hhrecon/reconcile"
)

// Sentence returns a reason as a sentence with a capital letter and a full stop. Sentence returns ""
// for the zero reason.
func (p Printer) Sentence(r reconcile.Reason) string {
	clauses := p.Clauses(r)
	if clauses == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(clauses)
	// The clause may already end with the full stop of an abbreviation.
	return string(unicode.ToUpper(first)) + strings.TrimRight(clauses[size:], ".") + "."
}

// Clauses returns a reason without the capital letter and the full stop, for use after a colon or under a heading.
// Clauses returns "" for the zero reason.
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

// clause returns the text of one reason, without the reasons that follow it. If another version of the program stored a
// reason that this version does not know, clause returns the code with the arguments.
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

// Amount formats an amount in minor units, without the currency. If the currency is unknown, Amount formats the number
// of minor units and adds the unit.
func (p Printer) Amount(minor int64, currency string) string {
	return p.Sum(reconcile.SumOf(minor), currency)
}

// Sum formats a sum like Amount.
func (p Printer) Sum(s reconcile.Sum, currency string) string {
	if _, known := reconcile.Exponent(currency); !known {
		return p.T("amount.minor_units", s.String())
	}
	return reconcile.FormatSum(s, currency)
}

// money formats an amount with its currency, if the currency is known.
func (p Printer) money(m reconcile.Money) string {
	text := p.Amount(m.Minor, m.Currency)
	if _, known := reconcile.Exponent(m.Currency); known {
		text += " " + m.Currency
	}
	return text
}

// percent formats a change after an amount: " (+40.0 %)". percent adds a second decimal if the first decimal is zero,
// and returns "" if both decimals are zero.
func (p Printer) percent(c reconcile.Percent) string {
	if c.From <= 0 || c.To == c.From {
		return ""
	}
	diff, sign := c.To-c.From, "+"
	if diff < 0 {
		diff, sign = -diff, "-"
	}
	// An amount is at most 10^13, so 10 000 times an amount fits an int64. Adding half of From rounds the result.
	if tenths := (diff*1000 + c.From/2) / c.From; tenths > 0 {
		return " " + p.figure(fmt.Sprintf("(%s%d.%d %%)", sign, tenths/10, tenths%10))
	}
	if hundredths := (diff*10_000 + c.From/2) / c.From; hundredths > 0 {
		return " " + p.figure(fmt.Sprintf("(%s0.%02d %%)", sign, hundredths))
	}
	return ""
}

// span formats a duration as a whole number of minutes, hours or days, rounded down.
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

// visible makes an untrusted text safe to show on one line. visible replaces control characters and characters that
// change the writing direction with their codes.
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
