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

// A level is one object or array that the reader is inside of.
type level struct {
	object bool
	prefix int      // length of the path up to and without this level's keys
	index  int      // next index, for arrays
	keys   []string // keys seen, for objects: a key that stands twice would be read differently by different readers
}

// leaves reads a body token by token and lists its scalars in the order in which they stand.
// It refuses what is no single JSON object, what is no UTF-8, a key that stands twice, and nesting beyond maxDepth.
func leaves(body []byte) ([]leaf, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("body is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // numbers are signed as they are written
	var (
		found  []leaf
		levels []level
		path   []byte
		key    bool // the next token is an object's key, or its end
	)
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("body is not JSON: %w", noEOF(err))
		}
		delim, isDelim := token.(json.Delim)
		if len(levels) == 0 && delim != '{' {
			return nil, errors.New("body is not a JSON object")
		}
		switch {
		case isDelim && (delim == '}' || delim == ']'):
			path = path[:levels[len(levels)-1].prefix]
			levels = levels[:len(levels)-1]
		case key:
			top := &levels[len(levels)-1]
			name := token.(string) // the decoder lets nothing else stand here
			if slices.Contains(top.keys, name) {
				return nil, fmt.Errorf("body has the key %q twice in one object", name)
			}
			top.keys = append(top.keys, name)
			path = join(path[:top.prefix], name)
			key = false
			continue
		default:
			if len(levels) > 0 && !levels[len(levels)-1].object {
				top := &levels[len(levels)-1]
				path = join(path[:top.prefix], strconv.Itoa(top.index))
				top.index++
			}
			if isDelim {
				if len(levels) == maxDepth {
					return nil, fmt.Errorf("body is nested deeper than %d levels", maxDepth)
				}
				levels = append(levels, level{object: delim == '{', prefix: len(path)})
				break
			}
			found = append(found, leaf{path: string(path), value: token})
		}
		if len(levels) == 0 {
			break
		}
		key = levels[len(levels)-1].object
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("body has something after its JSON object")
	}
	return found, nil
}

func join(path []byte, part string) []byte {
	if len(path) > 0 {
		path = append(path, ':')
	}
	return append(path, part...)
}

// noEOF words the end of a body that breaks off, which the decoder reports as a bare EOF.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
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
			switch null {
			case "omit":
				continue
			case "empty":
				value = ""
			default:
				value = null
			}
		}
		lines = append(lines, l.path+":"+value)
	}
	slices.Sort(lines) // whole lines, bytewise
	return strings.Join(lines, ";")
}
