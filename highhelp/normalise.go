package highhelp

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Forms of a null in the normalised text, see [Variant].
const (
	NullNone  = "None"  // key:None, the default
	NullEmpty = "empty" // key:
	NullOmit  = "omit"  // no line
	NullNull  = "null"  // key:null; in YAML, write "null" with quotes
)

// Normalise converts a JSON body to the text that is signed. Each leaf becomes one line key:key:…:value. An index of an
// array is also a key. true becomes 1 and false becomes 0. Numbers and strings stay as written. The argument null is
// the form of a null. "" means [NullNone]. Empty objects and arrays have no line. The lines are sorted bytewise and
// joined with ";".
//
// The text is not reversible. A value may contain ":" and ";", so two bodies can have the same text. A signature
// therefore does not prove the whole body. Confirm an alert with [Client.PayinInfo] before money moves.
//
// Normalise returns an error if the body is not exactly one JSON object, repeats a key, is nested deeper than 32
// levels, has more than 4096 members, or has a text longer than 256 KiB.
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

// maxNormalised is the maximum number of bytes in the paths and values of one body. Each leaf repeats its whole path,
// so a body of 64 KiB could otherwise produce gigabytes.
const maxNormalised = 256 << 10

// lines returns the sorted lines of a tree.
func (v value) lines(null string) ([]string, error) {
	n := normaliser{null: null, lines: make([]string, 0, 16), left: maxNormalised}
	n.walk(make([]byte, 0, 128), v)
	if n.left < 0 {
		return nil, fmt.Errorf("the paths and values are longer than %d bytes", maxNormalised)
	}
	slices.Sort(n.lines)
	return n.lines, nil
}

type normaliser struct {
	null  string
	lines []string
	left  int // number of bytes that may still be added, from maxNormalised
}

// walk adds the lines of one value. path ends with ":" unless it is empty. Sibling values share the memory of path,
// which is safe because each line copies path.
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
