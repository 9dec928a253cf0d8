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

// maxDepth limits the nesting of a body. HighHelp's requests have two levels. A limit is necessary because each
// leaf copies its path.
const maxDepth = 16

// A leaf is one scalar of a JSON body. The signature and the checks of fields use the same leaves, so both use the same
// values of the body.
type leaf struct {
	path  string // keys and array indexes, joined with ":"
	value any    // string, json.Number, bool or nil
}

// leaves returns the scalars of a body in their order. The body must be exactly one JSON object in UTF-8, without
// duplicate keys, and nested at most maxDepth levels. Otherwise leaves returns an error.
func leaves(body []byte) ([]leaf, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("body is not UTF-8")
	}
	r := &leafReader{decoder: json.NewDecoder(bytes.NewReader(body))}
	r.decoder.UseNumber() // numbers are signed as written
	if err := r.value(nil, 0); err != nil {
		return nil, err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("body continues after its JSON object")
	}
	return r.found, nil
}

type leafReader struct {
	decoder *json.Decoder
	found   []leaf
}

// value adds the leaves of one value. Sibling values share the memory of path, which is safe because each leaf copies
// path.
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
	var keys []string // to detect duplicate keys, which readers may interpret differently
	for i := 0; r.decoder.More(); i++ {
		part := strconv.Itoa(i)
		if delim == '{' {
			if token, err = r.token(); err != nil {
				return err
			}
			part = token.(string) // the decoder only accepts a string as a key
			if slices.Contains(keys, part) {
				return fmt.Errorf("body has the key %q twice in one object", part)
			}
			keys = append(keys, part)
		}
		if err := r.value(join(path, part), depth+1); err != nil {
			return err
		}
	}
	_, err = r.token() // the closing bracket
	return err
}

// token returns the next token. If the decoder returns EOF for an incomplete body, token returns a clear error instead.
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

// normalise returns the text that is signed, by steps 1 to 3 of HighHelp's signature. The parameter null selects the
// text for a null (see Variant).
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
	slices.Sort(lines) // the complete lines are sorted by their bytes
	return strings.Join(lines, ";")
}
