package reconcile

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"hhrecon/highhelp"
)

// Result is the result of a query about one payin.
type Result string

// The results. Only ResultAnswered has an answer to judge.
const (
	ResultAnswered    Result = "answered"
	ResultNotFound    Result = "not_found"   // HighHelp does not know the payin
	ResultRefused     Result = "refused"     // HighHelp answered, but the answer cannot be used
	ResultUnreachable Result = "unreachable" // no usable answer after every retry
	ResultNotAsked    Result = "not_asked"   // the run ended before this payin was queried
)

// Answer is HighHelp's answer about one payin, or the reason why there is none.
type Answer struct {
	Result  Result
	Info    *highhelp.PayinInfo // set with ResultAnswered only
	Body    string              // as received; empty if nothing was received
	Problem Reason              // why there is no answer to judge
	At      time.Time           // when the answer or the last error was received
}

// maxEvidence limits how much of an unusable body is stored, in bytes.
const maxEvidence = 16 << 10

// NewAnswer makes an answer of what the gateway's client returned. Every error of the gateway becomes a result. The
// caller tells refused keys from a refused payin, and detects that the run was stopped.
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

// evidence makes received bytes storable in a text column: limited in size, valid UTF-8, without NUL.
func evidence(body []byte) string { return storableText(string(body[:min(len(body), maxEvidence)])) }

// storableText replaces what a text column cannot store: invalid UTF-8 and NUL.
func storableText(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
}

// escaped returns a received text unchanged if any text column can store it, and quoted otherwise.
func escaped(text string) string {
	if storable(text) {
		return text
	}
	return quote(text)
}

// quote quotes a received text for use within a clause. It keeps at most 100 characters, which are enough to recognise
// the text.
func quote(text string) string {
	if runes := []rune(text); len(runes) > 100 {
		text = string(runes[:99]) + "…"
	}
	return strconv.QuoteToGraphic(text)
}

// MaxEvidenceAge is how old an answer may be when a resumed run acts on it. An appeal may have changed the payin since.
const MaxEvidenceAge = time.Hour
