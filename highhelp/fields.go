package highhelp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxText is the most characters in one string of an answer. The longest documented string is a URL of 2048.
const maxText = 4096

// fields reads the members of one JSON object by their documented types. It collects all faults for one error. A null
// counts as missing.
type fields struct {
	at     string // path of this object; "" for the root
	object value
	faults *[]error
}

// kindError is a member whose JSON type is not the documented one.
type kindError string

func (e kindError) Error() string { return string(e) }

func newFields(object value) fields {
	return fields{object: object, faults: new([]error)}
}

// member returns a member of one kind. ok is false if it is null, missing or of another kind; another kind is a fault.
func (f fields) member(key string, k kind, words string) (_ value, ok bool) {
	v := f.object.get(key)
	if v.kind != k && !v.absent() {
		f.fault(key, "%w", kindError(fmt.Sprintf("%s instead of %s", v.kind, words)))
	}
	return v, v.kind == k
}

// text returns a string, or "" if it is missing.
func (f fields) text(key string) string {
	value, ok := f.member(key, kindText, "a string")
	if !ok {
		return ""
	}
	if n := utf8.RuneCountInString(value.text); n > maxText {
		f.fault(key, "longer than %d characters: %d", maxText, n)
	}
	// No database column accepts a NUL: one NUL would make a whole batch of findings fail.
	if strings.ContainsRune(value.text, 0) {
		f.fault(key, "contains a NUL character")
	}
	return strings.Clone(value.text) // a substring would keep the whole body in memory
}

// freeText returns a string that only people read, or "" if it is missing. A NUL, which no database column accepts, is
// escaped as in JSON.
func (f fields) freeText(key string) string {
	value, _ := f.member(key, kindText, "a string")
	return strings.ReplaceAll(value.text, "\x00", `\u0000`)
}

// requiredText returns a string that must exist and not be empty.
func (f fields) requiredText(key string) string {
	before := len(*f.faults)
	value := f.text(key)
	if value == "" && len(*f.faults) == before {
		f.fault(key, "missing")
	}
	return value
}

// integer returns a whole number, or 0 if it is missing. 100.0, 1e2, -0 and "100" are faults: an amount is never
// guessed.
func (f fields) integer(key string) int64 {
	value, ok := f.member(key, kindNumber, "a whole number")
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(value.text, 10, 64)
	if err != nil || value.text == "-0" {
		f.fault(key, "%.40q instead of a whole number of 64 bits", value.text)
	}
	return n
}

// requiredInteger returns a whole number that must exist.
func (f fields) requiredInteger(key string) int64 {
	if f.object.get(key).absent() {
		f.fault(key, "missing")
	}
	return f.integer(key)
}

// nested returns an object; ok is false if it is missing.
func (f fields) nested(key string) (_ fields, ok bool) {
	object, ok := f.member(key, kindObject, "an object")
	return fields{at: f.path(key), object: object, faults: f.faults}, ok
}

func (f fields) path(key string) string {
	if f.at == "" {
		return key
	}
	return f.at + "." + key
}

func (f fields) fault(key, format string, args ...any) {
	*f.faults = append(*f.faults, fmt.Errorf(f.path(key)+": "+format, args...))
}

// err returns nil if every member read so far has the documented form.
func (f fields) err() error {
	return oneLine(*f.faults)
}

// oneLine joins faults into one line, for logs and for the finding's reason.
func oneLine(faults []error) error {
	if len(faults) == 0 {
		return nil
	}
	return errors.New(strings.ReplaceAll(errors.Join(faults...).Error(), "\n", "; "))
}
