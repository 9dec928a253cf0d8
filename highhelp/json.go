package highhelp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// maxDepth bounds nesting; HighHelp's own bodies go three deep.
const maxDepth = 32

var (
	errNoJSON = errors.New("not JSON")                   // cut, empty, an HTML page
	errForm   = errors.New("not in the documented form") // JSON, but not to be trusted
)

// parseObject reads one JSON object strictly: numbers stay as written, keys match
// exactly (encoding/json's structs would take "STATUS" for "status"), and a
// duplicate key is an error, since two readers could see two statuses.
func parseObject(body []byte) (map[string]any, error) {
	if !utf8.Valid(body) {
		return nil, fmt.Errorf("%w: not UTF-8", errNoJSON)
	}
	// The whole text first: Decoder.Token alone reads what comes before a fault.
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, fmt.Errorf("%w: %v", errNoJSON, err)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	tree, err := parseValue(dec, 0)
	if err != nil {
		return nil, err
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: %s where an object belongs", errForm, kindOf(tree))
	}
	return object, nil
}

func parseValue(dec *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%w: nested deeper than %d", errForm, maxDepth)
	}
	token, err := dec.Token()
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errNoJSON, err)
	}
	switch token {
	case json.Delim('{'):
		return parseMembers(dec, depth)
	case json.Delim('['):
		return parseElements(dec, depth)
	}
	return token, nil
}

func parseMembers(dec *json.Decoder, depth int) (any, error) {
	object := make(map[string]any)
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %v", errNoJSON, err)
		}
		key, ok := token.(string)
		if !ok {
			return nil, fmt.Errorf("%w: a key that is no string", errNoJSON)
		}
		if _, twice := object[key]; twice {
			return nil, fmt.Errorf("%w: key %.40q stands twice", errForm, key)
		}
		if object[key], err = parseValue(dec, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token() // the closing brace
	return object, err
}

func parseElements(dec *json.Decoder, depth int) (any, error) {
	array := []any{}
	for dec.More() {
		value, err := parseValue(dec, depth+1)
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, err := dec.Token() // the closing bracket
	return array, err
}

// kindOf names a parsed value's kind for an error's text.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "an array"
	default:
		return "an object"
	}
}
