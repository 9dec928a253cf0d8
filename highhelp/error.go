package highhelp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The errors of a call, for errors.Is. If the caller's context ends, the call returns the context's error instead. The
// error is also [ErrStateUnknown] if HighHelp may have processed a create request.
var (
	// ErrUnauthorized is a 401 or 403 in JSON. The client does not retry, because HighHelp may lock the project after more
	// requests with the same keys.
	ErrUnauthorized = errors.New("HighHelp refuses the keys: check the project id, the keys and the signature variant")
	// ErrNotFound means that HighHelp does not know the payin. An unknown payin is not declined.
	ErrNotFound = errors.New("payin unknown to HighHelp")
	// ErrUnreachable means that no usable answer came after all retries. The causes are a connection or TLS error, a
	// time-out, a redirect, 408, 429, 5xx, or a body that is incomplete, too large or not JSON. Such a body usually
	// comes from a proxy or firewall. A 4xx with such a body is not retried.
	ErrUnreachable = errors.New("HighHelp unreachable")
	// ErrRefused is any other 4xx in JSON.
	ErrRefused = errors.New("HighHelp refuses the request")
	// ErrMalformed means that the answer is JSON, but not in the documented form. Callers must not use the
	// values in the answer.
	ErrMalformed = errors.New("HighHelp's answer does not have the documented format")
	// ErrInvalidRequest is a request that exceeds a documented limit. Nothing was sent.
	ErrInvalidRequest = errors.New("invalid request")
	// ErrStateUnknown means that HighHelp may or may not have created the payin. Call PayinInfo before you create it
	// again.
	ErrStateUnknown = errors.New("the payin may or may not have been created: read its state before creating it again")
)

// maxErrorBody is the maximum number of bytes that an Error keeps of a body.
const maxErrorBody = 16 << 10

// Error describes a failed call. An Error wraps one of the errors above, and the cause if there is one.
type Error struct {
	Kind        error         // one of the errors above
	Call        string        // the call, such as payin info "PAYMENT-1"; "" for a stored answer
	Tries       int           // number of attempts
	StatusCode  int           // HTTP status of the last answer; 0 if there was none
	Status      string        // the body's status; "" if there is none
	Description string        // the body's status_description, or else message, detail or error; at most 300 characters
	RequestID   string        // the body's request_id; HighHelp's support asks for it
	Body        []byte        // as received, without keys; at most 16 KiB
	RetryAfter  time.Duration // Retry-After of the last answer, not limited by MaxPause; 0 if there was none

	unknown bool
	cause   error
	note    error // why no further attempt was made
}

// DetailError is one sentence of an Error as data, for programs that translate errors.
type DetailError struct {
	// Code identifies the sentence: call.no_whole_answer, call.cut, call.too_large, call.redirect, call.not_json,
	// call.proxy, call.throttled or call.no_further_try.
	Code string
	Args []any // the sentence's arguments: strings and int64s

	english string
	cause   error
}

// newDetail returns a DetailError. Its English sentence is the result of format and args.
func newDetail(code string, cause error, format string, args ...any) *DetailError {
	return &DetailError{Code: code, Args: args, english: fmt.Sprintf(format, args...), cause: cause}
}

func (d *DetailError) Error() string { return d.english }

// Unwrap returns the cause, if there is one.
func (d *DetailError) Unwrap() error { return d.cause }

// Details returns the cause of the error, and the reason why no further attempt was made. Either may be missing.
// Sentences of this package are values of type *DetailError.
func (e *Error) Details() []error {
	return present(e.cause, e.note)
}

func present(errs ...error) []error {
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Call != "" {
		b.WriteString(e.Call + ": ")
	}
	fmt.Fprint(&b, e.Kind)
	if e.Tries > 1 {
		fmt.Fprintf(&b, " after %d tries", e.Tries)
	}
	if e.StatusCode != 0 {
		fmt.Fprintf(&b, ": HTTP %d", e.StatusCode)
	}
	if e.Description != "" {
		fmt.Fprintf(&b, " %q", e.Description)
	}
	for _, detail := range e.Details() {
		b.WriteString(": " + detail.Error())
	}
	if e.unknown {
		b.WriteString(": " + ErrStateUnknown.Error())
	}
	return b.String()
}

// Unwrap returns Kind and the cause, and also ErrStateUnknown if HighHelp may have created the payin.
func (e *Error) Unwrap() []error {
	if e.unknown {
		return present(e.Kind, ErrStateUnknown, e.cause)
	}
	return present(e.Kind, e.cause)
}

// answerError returns the Error for an answer from which no result can be read.
func answerError(kind, cause error, body []byte) *Error {
	e := &Error{Kind: kind, cause: cause, Body: bytes.Clone(body[:min(len(body), maxErrorBody)])}
	object, err := parseObject(body)
	if err != nil {
		return e
	}
	word := func(key string) string {
		v := object.get(key)
		if v.kind != kindText {
			return ""
		}
		return truncate(v.text)
	}
	e.Status, e.RequestID = word("status"), word("request_id")
	for _, key := range []string{"status_description", "message", "detail", "error"} {
		if e.Description = word(key); e.Description != "" {
			break
		}
	}
	return e
}

// truncate limits a received text to 300 characters, because the text is shown in a log line and a spreadsheet cell.
func truncate(text string) string {
	if runes := []rune(text); len(runes) > 300 {
		text = string(runes[:299]) + "…"
	}
	// A substring would keep the whole body in memory.
	return strings.Clone(strings.ReplaceAll(text, "\x00", "\uFFFD"))
}

// detachContext removes context errors from the chain. Our own time limits and the operating system's time-outs are
// also context.DeadlineExceeded. For a caller, a context error must mean that the caller's own context ended.
func detachContext(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return errors.New(err.Error())
	}
	return err
}
