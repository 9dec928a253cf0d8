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

// errNoJSON is a body that is cut, empty or an HTML page; every other fault of a body
// is JSON that is not to be trusted.
var errNoJSON = errors.New("not JSON")

// parseObject reads one JSON object strictly: numbers stay as written, keys match
// exactly (encoding/json's structs would take "STATUS" for "status"), and a
// duplicate key is an error, since two readers could see two statuses.
func parseObject(body []byte) (map[string]any, error) {
	if !utf8.Valid(body) {
		return nil, fmt.Errorf("%w: not UTF-8", errNoJSON)
	}
	if !json.Valid(body) {
		// Only now, since it is slower, for the words of what is wrong.
		var whole json.RawMessage
		return nil, fmt.Errorf("%w: %w", errNoJSON, json.Unmarshal(body, &whole))
	}
	p := parser{rest: body}
	tree, err := p.value(0)
	if err != nil {
		return nil, err
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s where an object belongs", kindOf(tree))
	}
	return object, nil
}

// parser reads what json.Valid has found to be JSON, so it need not look for faults
// of syntax; it is many times as fast as json.Decoder's tokens.
type parser struct{ rest []byte }

func (p *parser) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	switch p.peek() {
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case '"':
		return p.text()
	case 't':
		p.take(len("true"))
		return true, nil
	case 'f':
		p.take(len("false"))
		return false, nil
	case 'n':
		p.take(len("null"))
		return nil, nil
	}
	end := bytes.IndexAny(p.rest, ",]} \t\r\n")
	if end < 0 {
		end = len(p.rest) // a number that is the whole body
	}
	return json.Number(p.take(end)), nil
}

func (p *parser) object(depth int) (any, error) {
	object := make(map[string]any, 8)
	for p.opened('}') {
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		if _, twice := object[key]; twice {
			return nil, fmt.Errorf("key %.40q stands twice", key)
		}
		p.peek()
		p.take(len(":"))
		if object[key], err = p.value(depth + 1); err != nil {
			return nil, err
		}
	}
	return object, nil
}

func (p *parser) array(depth int) (any, error) {
	array := []any{}
	for p.opened(']') {
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	return array, nil
}

// opened steps over the opening sign or a comma and is true where a member follows;
// otherwise it has stepped over the closing sign.
func (p *parser) opened(closing byte) bool {
	if p.peek() == closing {
		p.take(1)
		return false
	}
	p.take(1)
	if p.peek() == closing { // an empty object or array
		p.take(1)
		return false
	}
	return true
}

func (p *parser) text() (string, error) {
	p.peek()
	end, escaped := 1, false
	for ; p.rest[end] != '"'; end++ {
		if p.rest[end] == '\\' {
			escaped = true
			end++
		}
	}
	quoted := p.take(end + 1)
	if !escaped {
		return string(quoted[1:end]), nil
	}
	var text string
	err := json.Unmarshal(quoted, &text)
	return text, err
}

// peek steps over white space and gives the next sign.
func (p *parser) peek() byte {
	p.rest = bytes.TrimLeft(p.rest, " \t\r\n")
	return p.rest[0]
}

func (p *parser) take(n int) []byte {
	taken := p.rest[:n]
	p.rest = p.rest[n:]
	return taken
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
