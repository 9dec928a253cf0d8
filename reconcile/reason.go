package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"hhrecon/highhelp"
)

// Reason says why something is as it is, as data. Package reports/i18n renders it as a sentence in each language, and no
// code reads such a sentence. The zero Reason is none.
type Reason struct {
	Code string   `json:"code,omitempty"` // names a text of the catalogue
	Args []Arg    `json:"args,omitempty"` // fill the text in, in its order
	And  []Reason `json:"and,omitempty"`  // further clauses, which follow the text
}

// Arg is one argument of a reason: the one member that is set, or Text.
type Arg struct {
	Text    string   `json:"text,omitempty"`
	Number  *int64   `json:"number,omitempty"`
	Money   *Money   `json:"money,omitempty"`
	Percent *Percent `json:"percent,omitempty"`
	Seconds *int64   `json:"seconds,omitempty"` // a span of time, which is rendered roughly: 3 h
	Reason  *Reason  `json:"reason,omitempty"`  // a clause within the text
}

// Money is an amount in minor units of its currency.
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// Percent is the step from one amount to another, in minor units; it is rendered as a percentage.
type Percent struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// WordsCode is the code of a reason that hhrecon does not word itself.
const WordsCode = "words"

// Because is the reason with a code and its arguments: strings, int64s, Money, Percent, time.Durations and Reasons.
func Because(code string, args ...any) Reason {
	r := Reason{Code: code}
	for _, arg := range args {
		r.Args = append(r.Args, argOf(arg))
	}
	return r
}

func argOf(arg any) Arg {
	switch v := arg.(type) {
	case string:
		return Arg{Text: storableText(v)}
	case int64:
		return Arg{Number: &v}
	case Money:
		return Arg{Money: &v}
	case Percent:
		return Arg{Percent: &v}
	case time.Duration:
		seconds := int64(v / time.Second)
		return Arg{Seconds: &seconds}
	case Reason:
		return Arg{Reason: &v}
	}
	panic(fmt.Sprintf("reconcile: an argument of a reason is a %T", arg)) // our own code, which every test of reasons runs
}

// Words is a reason in the words of somebody else: of a server, the network, a library, or a person.
func Words(text string) Reason {
	if text == "" {
		return Reason{}
	}
	return Because(WordsCode, text)
}

// IsZero tells whether there is no reason.
func (r Reason) IsZero() bool { return r.Code == "" }

// With is the reason with further clauses.
func (r Reason) With(more ...Reason) Reason {
	r.And = append(r.And[:len(r.And):len(r.And)], more...)
	return r
}

// Data is what of the reason is kept beside its code, as JSON; "" if that is nothing.
func (r Reason) Data() string {
	if len(r.Args) == 0 && len(r.And) == 0 {
		return ""
	}
	r.Code = ""
	data, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("reconcile: a reason that is not JSON: %v", err)) // strings and numbers always are
	}
	return string(data)
}

// ParseReason reads what Reason.Code and Reason.Data gave. If there is no code, because the reason was stored before
// reasons had one, or the data cannot be read, the reason is the sentence that was stored beside them.
func ParseReason(code, data, sentence string) Reason {
	r := Reason{Code: code}
	if code == "" || data != "" && json.Unmarshal([]byte(data), &r) != nil {
		return Words(sentence)
	}
	return r
}

// LogValue is the reason as a log shows it.
func (r Reason) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is the code with its arguments, for logs and tests. People read the rendered sentence.
func (r Reason) String() string {
	var text strings.Builder
	text.WriteString(r.Code)
	for i := range r.Args {
		text.WriteString(" " + r.Args[i].String())
	}
	for _, more := range r.And {
		text.WriteString("; " + more.String())
	}
	return text.String()
}

// String is the argument as Reason.String shows it.
func (a *Arg) String() string {
	switch {
	case a.Number != nil:
		return strconv.FormatInt(*a.Number, 10)
	case a.Money != nil:
		return fmt.Sprintf("%d %s", a.Money.Minor, a.Money.Currency)
	case a.Percent != nil:
		return fmt.Sprintf("%d→%d", a.Percent.From, a.Percent.To)
	case a.Seconds != nil:
		return fmt.Sprintf("%ds", *a.Seconds)
	case a.Reason != nil:
		return "(" + a.Reason.String() + ")"
	}
	return strconv.Quote(a.Text)
}

// interruption is why a run breaks off.
func interruption(err error) Reason {
	var stopped *StopError
	switch {
	case errors.As(err, &stopped):
		return Because("run.stopped_by", stopped.By)
	case errors.Is(err, highhelp.ErrUnauthorized):
		return ProblemOf(err)
	case errors.Is(err, context.Canceled): // of the process, by a signal
		return Because("run.stopped_by_signal")
	}
	return Words(err.Error())
}
