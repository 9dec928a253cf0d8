package reconcile

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"hhrecon/highhelp"
)

// Result says what came of asking HighHelp about one payin.
type Result string

// The results. Only ResultAnswered carries an answer to judge.
const (
	ResultAnswered    Result = "answered"
	ResultNotFound    Result = "not_found"   // HighHelp does not know the payin
	ResultRefused     Result = "refused"     // HighHelp answered, but not in a form that can be trusted
	ResultUnreachable Result = "unreachable" // no usable answer after every retry
	ResultNotAsked    Result = "not_asked"   // the run ended before the payin's turn came
)

// Answer is HighHelp's word on one payin, or why there is none.
type Answer struct {
	Result  Result
	Info    *highhelp.PayinInfo // set with ResultAnswered only
	Body    string              // as received; empty where nothing came
	Problem Reason              // why there is nothing to judge
	At      time.Time           // when the answer, or the last failure, came
}

// maxEvidence bounds what is kept of a body that could not be used.
const maxEvidence = 16 << 10

// NewAnswer sorts what the client returned: every failure of the gateway is a result, none is an
// error of ours. Whether a refusal is one of the keys or of this payin, and a stop of the run, are the caller's to see.
func NewAnswer(info *highhelp.PayinInfo, err error, at time.Time) Answer {
	a := Answer{At: at}
	if err == nil {
		a.Result, a.Info, a.Body = ResultAnswered, info, string(info.Raw)
		return a
	}
	a.Problem = ProblemOf(err)
	var refusal *highhelp.Error
	if errors.As(err, &refusal) {
		a.Body = evidence(refusal.Body)
	}
	switch {
	case errors.Is(err, highhelp.ErrNotFound):
		a.Result = ResultNotFound
	case errors.Is(err, highhelp.ErrRefused), errors.Is(err, highhelp.ErrMalformed),
		errors.Is(err, highhelp.ErrInvalidRequest), errors.Is(err, highhelp.ErrUnauthorized):
		a.Result = ResultRefused
	default:
		a.Result = ResultUnreachable
	}
	return a
}

// evidence makes bytes that came from outside fit for a column of text: bounded, valid UTF-8, no NUL.
func evidence(body []byte) string { return storableText(string(body[:min(len(body), maxEvidence)])) }

// storableText is a text as a column of text can hold it: valid UTF-8 without NUL.
func storableText(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
}

// escaped is a short text from outside as every column of text can hold it.
func escaped(text string) string {
	if storable(text) {
		return text
	}
	return quote(text)
}

// quote is a text from outside as it stands within a clause: at most 100 characters, which are enough to recognise
// it, in quotation marks that it cannot leave.
func quote(text string) string {
	if runes := []rune(text); len(runes) > 100 {
		text = string(runes[:99]) + "…"
	}
	return strconv.QuoteToGraphic(text)
}

// MaxEvidenceAge is how old an answer may be for a run that broke off to act on it: an appeal may have changed
// the payin since.
const MaxEvidenceAge = time.Hour
