package highhelp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxText is the maximum number of characters in one string of an answer. The longest documented string is a URL of
// 2048.
const maxText = 4096

// fields reads the members of one JSON object by their documented types, and collects all errors in one error. A null
// is treated like a missing member.
type fields struct {
	at     string // path of this object; "" for the root
	object value
	faults *[]error
}

// kindError says that a member's JSON type is not the documented type.
type kindError string

func (e kindError) Error() string { return string(e) }

func newFields(object value) fields {
	return fields{object: object, faults: new([]error)}
}

// member returns a member of the given kind. ok is false if the member is null, missing or of another kind. Another
// kind is an error.
func (f fields) member(key string, k kind, words string) (_ value, ok bool) {
	v := f.object.get(key)
	if v.kind != k && !v.absent() {
		f.fault(key, "%w", kindError(fmt.Sprintf("%s instead of %s", v.kind, words)))
	}
	return v, v.kind == k
}

// text returns a string, or "" if the member is missing.
func (f fields) text(key string) string {
	value, ok := f.member(key, kindText, "a string")
	if !ok {
		return ""
	}
	if n := utf8.RuneCountInString(value.text); n > maxText {
		f.fault(key, "longer than %d characters: %d", maxText, n)
	}
	// No database column accepts a NUL. With a single NUL, the database would reject a whole batch of findings.
	if strings.ContainsRune(value.text, 0) {
		f.fault(key, "contains a NUL character")
	}
	return strings.Clone(value.text) // a substring would keep the whole body in memory
}

// freeText returns a string that is only shown to people, or "" if the member is missing. A NUL is escaped as in JSON,
// since no database column accepts it.
func (f fields) freeText(key string) string {
	value, _ := f.member(key, kindText, "a string")
	return strings.ReplaceAll(value.text, "\x00", `\u0000`)
}

// requiredText returns a string that must not be missing or empty.
func (f fields) requiredText(key string) string {
	before := len(*f.faults)
	value := f.text(key)
	if value == "" && len(*f.faults) == before {
		f.fault(key, "missing")
	}
	return value
}

// integer returns a whole number, or 0 if the member is missing. 100.0, 1e2, -0 and "100" are errors, because
// amounts must be unambiguous.
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

// requiredInteger returns a whole number that must not be missing.
func (f fields) requiredInteger(key string) int64 {
	if f.object.get(key).absent() {
		f.fault(key, "missing")
	}
	return f.integer(key)
}

// nested returns an object. ok is false if the member is missing.
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

// err returns nil if all members that were read have the documented form.
func (f fields) err() error {
	return oneLine(*f.faults)
}

// oneLine joins errors into one error with a text of one line, for logs and the reason of a finding.
func oneLine(faults []error) error {
	if len(faults) == 0 {
		return nil
	}
	return errors.New(strings.ReplaceAll(errors.Join(faults...).Error(), "\n", "; "))
}
