package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds nesting: no request of HighHelp is deeper than two, and a path is copied for every leaf.
const maxDepth = 16

// A leaf is one scalar of a JSON body: where it stands, and what stands there.
// The signature is made over leaves and the fields are judged by them, so both see the same body.
type leaf struct {
	path  string // keys and array indexes joined with ":"
	value any    // string, json.Number, bool or nil
}

// leaves reads a body token by token and lists its scalars in the order in which they stand.
// It refuses what is no single JSON object, what is no UTF-8, a key that stands twice, and nesting beyond maxDepth.
func leaves(body []byte) ([]leaf, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("body is not UTF-8")
	}
	r := &leafReader{decoder: json.NewDecoder(bytes.NewReader(body))}
	r.decoder.UseNumber() // numbers are signed as they are written
	if err := r.value(nil, 0); err != nil {
		return nil, err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("body has something after its JSON object")
	}
	return r.found, nil
}

type leafReader struct {
	decoder *json.Decoder
	found   []leaf
}

// value lists the leaves of one value. Values side by side share path's memory: a leaf has its own copy.
func (r *leafReader) value(path []byte, depth int) error {
	token, err := r.token()
	if err != nil {
		return err
	}
	delim, nested := token.(json.Delim)
	switch {
	case depth == 0 && delim != '{':
		return errors.New("body is not a JSON object")
	case !nested:
		r.found = append(r.found, leaf{path: string(path), value: token})
		return nil
	case depth == maxDepth:
		return fmt.Errorf("body is nested deeper than %d levels", maxDepth)
	}
	var keys []string // a key that stands twice would be read differently by different readers
	for i := 0; r.decoder.More(); i++ {
		part := strconv.Itoa(i)
		if delim == '{' {
			if token, err = r.token(); err != nil {
				return err
			}
			part = token.(string) // the decoder lets nothing else stand here
			if slices.Contains(keys, part) {
				return fmt.Errorf("body has the key %q twice in one object", part)
			}
			keys = append(keys, part)
		}
		if err := r.value(join(path, part), depth+1); err != nil {
			return err
		}
	}
	_, err = r.token() // the closing one
	return err
}

// token words the end of a body that breaks off, which the decoder reports as a bare EOF.
func (r *leafReader) token() (json.Token, error) {
	token, err := r.decoder.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("body is not JSON: %w", err)
	}
	return token, nil
}

func join(path []byte, part string) []byte {
	if len(path) > 0 {
		path = append(path, ':')
	}
	return append(path, part...)
}

// normalise gives the text that a signature stands on: steps 1 to 3 of HighHelp's recipe.
// How null is written is the variant's.
func normalise(found []leaf, null string) string {
	lines := make([]string, 0, len(found))
	for _, l := range found {
		var value string
		switch v := l.value.(type) {
		case string:
			value = v
		case json.Number:
			value = v.String()
		case bool:
			value = "0"
			if v {
				value = "1"
			}
		case nil:
			if null == "omit" {
				continue
			}
			if null != "empty" {
				value = null
			}
		}
		lines = append(lines, l.path+":"+value)
	}
	slices.Sort(lines) // whole lines, bytewise
	return strings.Join(lines, ";")
}
