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

// What a call can end with; judge by errors.Is. A call whose context ended gives the
// context's own error instead, and is none of these but for [ErrStateUnknown].
var (
	// ErrUnauthorized is a 401 or 403 in JSON. It is never retried, and asking on with the same
	// keys may lock the register.
	ErrUnauthorized = errors.New("HighHelp refuses the keys: check the project id, the keys and the signature variant")
	// ErrNotFound says that HighHelp does not know the payin. It is no decline.
	ErrNotFound = errors.New("payin unknown to HighHelp")
	// ErrUnreachable says that no usable answer came after every retry: connection, TLS,
	// time-out, redirect, 408, 429, 5xx, or a body that is cut, too large or not JSON, whatever the status: a proxy or
	// firewall answers so. With a 4xx such a body is not retried.
	ErrUnreachable = errors.New("HighHelp unreachable")
	// ErrRefused is any other 4xx in JSON.
	ErrRefused = errors.New("HighHelp refuses the request")
	// ErrMalformed is JSON that is not in the documented form. It is never trusted.
	ErrMalformed = errors.New("HighHelp's answer is not in the documented form")
	// ErrInvalidRequest is a request that breaks a documented limit; nothing was sent.
	ErrInvalidRequest = errors.New("invalid request")
	// ErrStateUnknown comes with a creation that may or may not have been processed:
	// ask PayinInfo before creating again.
	ErrStateUnknown = errors.New("whether the payin was created is unknown: ask for its state before creating it again")
)

// maxErrorBody bounds the body that an Error keeps.
const maxErrorBody = 16 << 10

// Error is an answer that is no result, or the lack of one. It wraps one of the
// sentinels above and the cause, where there is one.
type Error struct {
	Kind        error         // one of the sentinels above
	Call        string        // what was asked: payin info "PAYMENT-1"; "" for a stored answer
	Tries       int           // requests that were sent or tried
	StatusCode  int           // HTTP status of the last answer; 0 where there was none
	Status      string        // the body's status, where it is a JSON object with one
	Description string        // the body's status_description, else message, detail or error; at most 300 characters
	RequestID   string        // the body's request_id: what HighHelp's support asks for
	Body        []byte        // as received, without keys, at most 16 KiB
	RetryAfter  time.Duration // what the last answer asked for, uncapped; 0 where it did not

	unknown bool
	cause   error
	note    error // why there was no further try
}

// DetailError is one part of an Error as data, for programs that tell people about it in another language than English.
type DetailError struct {
	// Code names the sentence: call.no_whole_answer, call.cut, call.too_large, call.redirect, call.not_json, call.proxy,
	// call.throttled or call.no_further_try.
	Code string
	Args []any // what fills it in: strings and int64s

	english string
	cause   error
}

// newDetail is a detail whose English sentence is format, filled in with args.
func newDetail(code string, cause error, format string, args ...any) *DetailError {
	return &DetailError{Code: code, Args: args, english: fmt.Sprintf(format, args...), cause: cause}
}

func (d *DetailError) Error() string { return d.english }

// Unwrap gives the cause, if there is one.
func (d *DetailError) Unwrap() error { return d.cause }

// Details are the cause of the error and why there was no further try, as far as there are any. Those that hhrecon
// words itself are a *DetailError.
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

// Unwrap gives the sentinel, ErrStateUnknown where it holds, and the cause.
func (e *Error) Unwrap() []error {
	if e.unknown {
		return present(e.Kind, ErrStateUnknown, e.cause)
	}
	return present(e.Kind, e.cause)
}

// answerError is a received body that is no result.
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

// truncate makes a text from outside fit a line and a cell.
func truncate(text string) string {
	if runes := []rune(text); len(runes) > 300 {
		text = string(runes[:299]) + "…"
	}
	// not a part of the whole body, which it would keep in memory
	return strings.Clone(strings.ReplaceAll(text, "\x00", "\uFFFD"))
}

// detachContext cuts the link to context errors: our own limits and the operating
// system's time-outs claim to be context.DeadlineExceeded too, and a caller must be
// able to take that for its own context's end.
func detachContext(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return errors.New(err.Error())
	}
	return err
}
