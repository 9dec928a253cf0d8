package highhelp

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// How a null of the body stands in the normalised text, see [Variant].
const (
	NullNone  = "None"  // key:None, the default
	NullEmpty = "empty" // key:
	NullOmit  = "omit"  // no line at all
	NullNull  = "null"  // key:null; in a YAML file it needs its quotes
)

// Normalise turns a JSON body into the text that is signed: one line
// key:key:…:value for each leaf, an array's index being a part of the path; true
// is 1, false is 0, numbers and strings stay as written, null is as the word says
// ("" is [NullNone]); empty objects and arrays give no line. The lines are sorted
// bytewise and joined with ";".
//
// The text is not reversible: a value may hold ":" and ";" itself, so that two
// bodies can share one text. A signature therefore proves less than the whole body,
// and an alert is to be confirmed through [Client.PayinInfo] before money moves.
//
// A body that is not exactly one JSON object, repeats a key, nests deeper than 32, has
// more than 4096 members or comes to more than 256 KiB is an error.
//
// HighHelp API, Signature: steps 1 to 3.
func Normalise(body []byte, null string) (string, error) {
	null = cmp.Or(null, NullNone)
	if err := oneOf("null", null, NullNone, NullEmpty, NullOmit, NullNull); err != nil {
		return "", err
	}
	tree, err := parseObject(body)
	if err != nil {
		return "", fmt.Errorf("normalise body: %w", err)
	}
	lines, err := tree.lines(null)
	if err != nil {
		return "", fmt.Errorf("normalise body: %w", err)
	}
	return strings.Join(lines, ";"), nil
}

// maxNormalised bounds the paths and values of one body, in bytes. Each leaf repeats its whole path: without a bound a
// body of 64 KiB comes to gigabytes.
const maxNormalised = 256 << 10

// lines are those of a tree, sorted.
func (v value) lines(null string) ([]string, error) {
	n := normaliser{null: null, lines: make([]string, 0, 16), left: maxNormalised}
	n.walk(make([]byte, 0, 128), v)
	if n.left < 0 {
		return nil, fmt.Errorf("its paths and values are longer than %d bytes", maxNormalised)
	}
	slices.Sort(n.lines)
	return n.lines, nil
}

type normaliser struct {
	null  string
	lines []string
	left  int // of maxNormalised
}

// walk adds the lines below one value; path ends with ":" unless it is empty.
// Siblings share the path's memory: each line has copied it before the next one writes.
func (n *normaliser) walk(path []byte, v value) {
	if n.left -= len(path) + len(v.text); n.left < 0 {
		return
	}
	switch v.kind {
	case kindObject:
		for _, m := range v.members {
			n.walk(append(append(path, m.key...), ':'), m.value)
		}
	case kindArray:
		for i, m := range v.members {
			n.walk(append(strconv.AppendInt(path, int64(i), 10), ':'), m.value)
		}
	case kindText, kindNumber:
		n.line(path, v.text)
	case kindTrue:
		n.line(path, "1")
	case kindFalse:
		n.line(path, "0")
	case kindNull:
		switch n.null {
		case NullOmit:
		case NullEmpty:
			n.line(path, "")
		default:
			n.line(path, n.null)
		}
	}
}

func (n *normaliser) line(path []byte, value string) {
	n.lines = append(n.lines, string(append(path, value...)))
}
