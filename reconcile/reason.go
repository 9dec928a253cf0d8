package reconcile

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"hhrecon/highhelp"
)

// Reason explains a result, as data. Package reports/i18n renders it as a sentence in each language. No code parses
// the rendered sentence. The zero Reason means that there is no reason.
type Reason struct {
	Code string   `json:"code,omitempty"` // name of a text in the catalogue
	Args []Arg    `json:"args,omitempty"` // arguments for the placeholders of the text, in order
	And  []Reason `json:"and,omitempty"`  // reasons whose texts follow as further clauses
}

// Arg is an argument of a reason. The value of an Arg is the member that is set, or otherwise Text.
type Arg struct {
	Text    string   `json:"text,omitempty"`
	Number  *int64   `json:"number,omitempty"`
	Money   *Money   `json:"money,omitempty"`
	Percent *Percent `json:"percent,omitempty"`
	Seconds *int64   `json:"seconds,omitempty"` // a duration, rendered with one unit: 3 h
	Reason  *Reason  `json:"reason,omitempty"`  // a clause within the text
}

// Money is an amount in minor units of its currency.
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// Percent is the change from one amount to another amount, in minor units. The change is rendered as a percentage.
type Percent struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// WordsCode is the code of a reason that consists of free text.
const WordsCode = "words"

// Because returns a reason. The arguments are strings, int64s, Money, Percent, time.Durations and Reasons.
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
	// this happens only because of an error in hhrecon's code, and tests detect such an error
	panic(fmt.Sprintf("reconcile: an argument of a reason is a %T", arg))
}

// Words returns a reason that consists of free text. The text comes from a server, the network, a library or a person.
func Words(text string) Reason {
	if text == "" {
		return Reason{}
	}
	return Because(WordsCode, text)
}

// IsZero reports whether the reason is empty.
func (r Reason) IsZero() bool { return r.Code == "" }

// With returns the reason with further clauses.
func (r Reason) With(more ...Reason) Reason {
	r.And = append(r.And[:len(r.And):len(r.And)], more...)
	return r
}

// Data returns the arguments and clauses as JSON, which is stored with the code. Data returns an empty string if there
// are no arguments and no clauses.
func (r Reason) Data() string {
	if len(r.Args) == 0 && len(r.And) == 0 {
		return ""
	}
	r.Code = ""
	data, err := json.Marshal(r)
	if err != nil {
		// strings and numbers can always be marshalled
		panic(fmt.Sprintf("reconcile: a reason that is not JSON: %v", err))
	}
	return string(data)
}

// ParseReason parses the stored results of Reason.Code and Reason.Data. Old versions stored only a sentence, without a
// code. If there is no code, or if data is not readable, ParseReason returns the sentence as free text.
func ParseReason(code, data, sentence string) Reason {
	r := Reason{Code: code}
	if code == "" || data != "" && json.Unmarshal([]byte(data), &r) != nil {
		return Words(sentence)
	}
	return r
}

// LogValue implements slog.LogValuer.
func (r Reason) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String returns the code with its arguments, for logs and tests. People read the sentence that i18n renders.
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

// String returns the argument as Reason.String shows it.
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

// reason returns why the finding has its outcome. detail says why there is no answer, or what is wrong with the
// answer. late is the time from the payin's expiry to the run's start.
func (f *Finding) reason(detail Reason, late time.Duration) Reason {
	var clauses []Reason
	if outcome := f.outcomeReason(detail, late); !outcome.IsZero() {
		clauses = append(clauses, outcome)
	}
	if f.Outcome != Reversed {
		clauses = append(clauses, f.amountReasons()...)
	}
	if paidInAll := f.PaidAmount == f.Amount && f.InitialAmount == f.Amount; paidInAll &&
		f.Outcome == DifferentAmount && f.ProviderStatus == highhelp.StatusSuccess {
		clauses = append(clauses, Because("amounts.paid_in_all", f.money(f.PaidAmount)))
	}
	if f.NewSubStatus() {
		clauses = append(clauses, Because("payin.new_sub_status", quote(f.ProviderSubStatus)))
	}
	if len(clauses) == 0 {
		return detail
	}
	return clauses[0].With(clauses[1:]...)
}

// outcomeReason explains the outcome, without the steps between the amounts. The result is the zero Reason if the
// steps explain the outcome.
func (f *Finding) outcomeReason(detail Reason, late time.Duration) Reason {
	state := cmp.Or(f.ProviderSubStatus, f.ProviderStatus)
	switch f.Outcome {
	case Confirmed:
		return Because("payin.confirmed", f.money(f.PaidAmount))
	case DifferentAmount:
		if f.Causes&causesOfAmount == 0 {
			return Because("amounts.equal", f.money(f.Amount))
		}
		return Reason{}
	case Timeout:
		return f.timeoutReason(late)
	case Disputed:
		return Because("payin.disputed", f.money(f.Amount), state)
	case Declined:
		return Because("payin.declined", f.money(f.Amount))
	case Rejected:
		return Because("payin.rejected", f.money(f.Amount))
	case Pending:
		return Because("payin.pending", state)
	case Reversed:
		return f.reversedReason()
	case NotFound:
		return Because("payin.not_found")
	case Unreachable:
		switch {
		case f.Result == ResultNotAsked && detail.Code == keysRefused:
			return Because("call.not_asked")
		case f.Result == ResultNotAsked && detail.Code == runAbandoned:
			return Because("payin.abandoned")
		case f.Result == ResultNotAsked:
			return Because("payin.not_asked")
		}
		return Because("payin.unreachable", detail)
	}
	if f.Doubt != 0 && f.Doubt < DoubtRefused {
		return Because("payin.not_comparable", detail)
	}
	return Because("payin.not_trusted", detail)
}

// answerReason returns HighHelp's answer in short form.
func (f *Finding) answerReason() Reason {
	state := StatusText(f.ProviderStatus, f.ProviderSubStatus)
	if f.PaidAmount == 0 {
		return Because("answer.status", state)
	}
	return Because("answer.amounts", state, f.money(f.PaidAmount), f.money(f.OldAmount), f.money(f.InitialAmount))
}

func (f *Finding) money(minor int64) Money { return Money{minor, f.Currency} }

func (f *Finding) timeoutReason(late time.Duration) Reason {
	switch {
	case f.Causes.Has(CauseNoPayment):
		return Because("payin.no_payment", f.money(f.Amount))
	case f.Causes.Has(CauseConfirmTimeout):
		return Because("payin.confirm_timeout", f.money(f.Amount))
	}
	return Because("payin.overdue", f.money(f.Amount), StatusText(f.ProviderStatus, f.ProviderSubStatus), late)
}

// StatusText returns a status and its sub-status as HighHelp's documentation writes them: dispute:no_payment.
func StatusText(status, subStatus string) string {
	if subStatus == "" {
		return status
	}
	return status + ":" + subStatus
}

func (f *Finding) reversedReason() Reason {
	settled, state := cmp.Or(f.SettledAmount, f.Amount), StatusText(f.ProviderStatus, f.ProviderSubStatus)
	switch {
	case f.Facts.HeldSuccess:
		return Because("payin.reversed_hold", f.Status, f.money(settled), state)
	case !f.Compared():
		return Because("payin.reversed", f.Status, f.money(settled), state)
	}
	r := Because("payin.reversed_with_amount", f.Status, f.money(settled), state, f.money(f.PaidAmount))
	return r.With(unitReasons(unitFactor(f.PaidAmount, settled))...)
}

// unitReasons returns a warning about mixed-up units if the factor is not 0.
func unitReasons(factor int64) []Reason {
	switch factor {
	case 0:
		return nil
	case 100:
		return []Reason{Because("amounts.mixed_units")}
	}
	return []Reason{Because("amounts.unit_factor", factor)}
}

// amountReasons returns the steps from the merchant's amount to the paid amount, latest first.
func (f *Finding) amountReasons() []Reason {
	record, reprice, appeal := f.Steps()
	var steps []Reason
	switch {
	case appeal != 0:
		steps = append(steps, Because("amounts.appeal",
			f.money(f.PaidAmount), f.money(f.OldAmount), Percent{f.OldAmount, f.PaidAmount}))
		if reprice != 0 {
			steps = append(steps, Because("amounts.created_for", f.money(f.InitialAmount)))
		}
	case reprice != 0:
		steps = append(steps, Because("amounts.reprice",
			f.money(f.InitialAmount), f.money(f.OldAmount), Percent{f.InitialAmount, f.OldAmount}))
	}
	if record != 0 {
		steps = append(steps, Because("amounts.record", f.money(f.InitialAmount), f.money(f.Amount)))
	}
	if len(steps) > 0 {
		factor := cmp.Or(unitFactor(f.InitialAmount, f.Amount), unitFactor(f.PaidAmount, f.Amount))
		steps = append(steps, unitReasons(factor)...)
	}
	return steps
}

// doubtReason returns what is wrong with the answer.
func doubtReason(f *Finding, a *Answer) Reason {
	theirs := a.Info
	switch f.Doubt {
	case DoubtRow:
		if f.Facts.Rows > 0 {
			return Because(f.Facts.Fault, f.Facts.Rows)
		}
		return Because(f.Facts.Fault)
	case DoubtOwnPaymentID:
		return Because("fault.payment_id")
	case DoubtText:
		return Because("fault.text")
	case DoubtSuccess:
		return Because("doubt.success", quote(theirs.SubStatus))
	case DoubtRefused:
		return a.Problem
	case DoubtPaymentID:
		return Because("doubt.payment_id", quote(theirs.PaymentID))
	case DoubtProjectID:
		return Because("doubt.project_id", quote(theirs.ProjectID))
	case DoubtStatus:
		return Because("doubt.status", quote(theirs.Status))
	case DoubtSubStatus:
		return Because("doubt.sub_status", quote(theirs.SubStatus))
	case DoubtNoPaymentInfo:
		return Because("doubt.no_payment_info")
	case DoubtType:
		return Because("doubt.type", quote(theirs.PaymentInfo.Type))
	case DoubtCurrency:
		return Because("doubt.currency", quote(theirs.PaymentInfo.Currency), quote(f.Currency))
	case DoubtUnknownCurrency:
		return Because("doubt.unknown_currency", quote(f.Currency))
	case DoubtAmount:
		info := theirs.PaymentInfo
		return Because("doubt.amount", info.Amount, info.OldAmount, info.InitialAmount)
	}
	return Because("doubt.own_amount", f.Amount)
}

const keysRefused = "call.unauthorized"

// problemCodes are the reasons' codes for errors of a call to HighHelp.
var problemCodes = map[error]string{
	highhelp.ErrUnauthorized:   keysRefused,
	highhelp.ErrNotFound:       "call.not_found",
	highhelp.ErrUnreachable:    "call.unreachable",
	highhelp.ErrRefused:        "call.refused",
	highhelp.ErrMalformed:      "call.malformed",
	highhelp.ErrInvalidRequest: "call.invalid",
}

// ProblemOf returns why a call to HighHelp failed.
func ProblemOf(err error) Reason {
	var failed *highhelp.Error
	if abandoned, ok := errors.AsType[*AbandonError](err); ok {
		return Because(runAbandoned, abandoned.By)
	}
	if !errors.As(err, &failed) || problemCodes[failed.Kind] == "" {
		return Words(err.Error())
	}
	r := Because(problemCodes[failed.Kind])
	if failed.Tries > 1 {
		r = r.With(Because("call.tries", int64(failed.Tries)))
	}
	if failed.StatusCode != 0 {
		r = r.With(Because("call.http", int64(failed.StatusCode)))
	}
	if failed.Description != "" {
		r = r.With(Because("call.description", strconv.QuoteToGraphic(failed.Description)))
	}
	for _, detail := range failed.Details() {
		r = r.With(detailReason(detail))
	}
	return r
}

func detailReason(err error) Reason {
	if detail, ok := errors.AsType[*highhelp.DetailError](err); ok {
		return Because(detail.Code, detail.Args...)
	}
	return Words(err.Error())
}

// FirstFormatReason returns the reason of a finding that was stored only with its English sentence. The reason comes
// from the finding's data. Only the sentence says why a call failed, or why an answer or a correction was refused. The
// part of the sentence with this information becomes free text.
func (f *Finding) FirstFormatReason(sentence string) Reason {
	lost := f.Outcome == Unreachable && f.Result != ResultNotAsked || f.Outcome == Unverifiable ||
		f.Correction == CorrectionRefused
	if lost {
		return Words(sentence)
	}
	return f.reason(Words(sentence), f.CheckedAt.Sub(f.Expiry()))
}

// AbandonError says that a payin is not queried because its run was abandoned.
type AbandonError struct{ By string }

func (e *AbandonError) Error() string { return "abandoned by " + e.By }

// runAbandoned is the code of the note of an abandoned run.
const runAbandoned = "run.abandoned"
