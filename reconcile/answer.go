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

// Results of a query. Only ResultAnswered has an answer that Judge can use.
const (
	ResultAnswered    Result = "answered"
	ResultNotFound    Result = "not_found"   // HighHelp does not know the payin
	ResultRefused     Result = "refused"     // HighHelp answered, but the answer cannot be used
	ResultUnreachable Result = "unreachable" // no usable answer, even after all retries
	ResultNotAsked    Result = "not_asked"   // the run ended before this payin was queried
)

// Answer is HighHelp's answer about one payin, or the reason why there is no answer.
type Answer struct {
	Result  Result
	Info    *highhelp.PayinInfo // only set with ResultAnswered
	Body    string              // as received; empty if nothing was received
	Problem Reason              // why there is no answer to judge
	At      time.Time           // when the answer or the last error was received
}

// maxEvidence limits how much of an unusable body is stored, in bytes.
const maxEvidence = 16 << 10

// NewAnswer converts the result of a call to the gateway. Every error of the gateway becomes a Result. The caller must
// first handle refused keys and a stopped run, which concern all payins of the run.
func NewAnswer(info *highhelp.PayinInfo, err error, at time.Time) Answer {
	a := Answer{At: at}
	if err == nil {
		a.Result, a.Info, a.Body = ResultAnswered, info, string(info.Raw)
		return a
	}
	a.Problem = ProblemOf(err)
	if refusal, ok := errors.AsType[*highhelp.Error](err); ok {
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

// evidence returns received bytes as text that a text column can store, cut to maxEvidence.
func evidence(body []byte) string { return storableText(string(body[:min(len(body), maxEvidence)])) }

// storableText replaces invalid UTF-8 and NUL, which a text column cannot store.
func storableText(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
}

// escaped returns a received text. If a text column cannot store the text, escaped quotes the text.
func escaped(text string) string {
	if storable(text) {
		return text
	}
	return quote(text)
}

// quote quotes a received text of at most 100 characters for use in a sentence. Longer texts are shortened.
func quote(text string) string {
	if runes := []rune(text); len(runes) > 100 {
		text = string(runes[:99]) + "…"
	}
	return strconv.QuoteToGraphic(text)
}

// MaxEvidenceAge is the maximum age of a stored answer that a resumed run still uses. HighHelp may have changed a payin
// since an older answer, for example after an appeal.
const MaxEvidenceAge = time.Hour
