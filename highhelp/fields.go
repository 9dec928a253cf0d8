package highhelp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxText bounds one text of an answer, in characters. The longest documented
// text is a URL of 2048; what comes from outside ends up in tables and cells.
const maxText = 4096

// fields reads the members of one JSON object by their documented types and
// collects every fault, so that an error names them all. A null counts as missing.
type fields struct {
	at     string // path of this object, "" at the top
	object value
	faults *[]error
}

// kindError is a member of another JSON type than the documented one.
type kindError string

func (e kindError) Error() string { return string(e) }

func newFields(object value) fields {
	return fields{object: object, faults: new([]error)}
}

// member gives a member of one kind; ok is false if it is null or missing, or, which is a fault, of another kind.
func (f fields) member(key string, k kind, words string) (_ value, ok bool) {
	v := f.object.get(key)
	if v.kind != k && !v.absent() {
		f.fault(key, "%w", kindError(fmt.Sprintf("%s where %s belongs", v.kind, words)))
	}
	return v, v.kind == k
}

// text is a string, or "" if there is none.
func (f fields) text(key string) string {
	value, ok := f.member(key, kindText, "a string")
	if !ok {
		return ""
	}
	if n := utf8.RuneCountInString(value.text); n > maxText {
		f.fault(key, "longer than %d characters: %d", maxText, n)
	}
	// A NUL fits no text column: it would take the whole batch down with it.
	if strings.ContainsRune(value.text, 0) {
		f.fault(key, "holds a NUL character")
	}
	return strings.Clone(value.text) // not a part of the whole body, which it would keep in memory
}

// freeText is a text for people, or "" if there is none. Nothing depends on it: a NUL in it, which no text column
// takes, is escaped as it was in the answer.
func (f fields) freeText(key string) string {
	value, _ := f.member(key, kindText, "a string")
	return strings.ReplaceAll(value.text, "\x00", `\u0000`)
}

// requiredText is a string that must be there and not be empty.
func (f fields) requiredText(key string) string {
	before := len(*f.faults)
	value := f.text(key)
	if value == "" && len(*f.faults) == before {
		f.fault(key, "missing")
	}
	return value
}

// integer is a whole number, or 0 if there is none. 100.0, 1e2, -0 and
// "100" are faults: nothing here may guess what an amount was meant to be.
func (f fields) integer(key string) int64 {
	value, ok := f.member(key, kindNumber, "a whole number")
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(value.text, 10, 64)
	if err != nil || value.text == "-0" {
		f.fault(key, "%.40q where a whole number of 64 bits belongs", value.text)
	}
	return n
}

// requiredInteger is a whole number that must be there.
func (f fields) requiredInteger(key string) int64 {
	if f.object.get(key).absent() {
		f.fault(key, "missing")
	}
	return f.integer(key)
}

// nested is an object; ok is false if there is none.
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

// err is nil where every member read so far was as documented.
func (f fields) err() error {
	return oneLine(*f.faults)
}

// oneLine joins faults into one line, for logs and for the reason beside a payin.
func oneLine(faults []error) error {
	if len(faults) == 0 {
		return nil
	}
	texts := make([]string, len(faults))
	for i, fault := range faults {
		texts[i] = fault.Error()
	}
	return errors.New(strings.Join(texts, "; "))
}
