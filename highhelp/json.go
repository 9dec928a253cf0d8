package highhelp

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a body. HighHelp's own bodies have at most three levels and about 20 members.
const (
	maxDepth   = 32
	maxMembers = 4096
)

// errNoJSON means that a body is incomplete, empty or an HTML page. With any other error, the body is valid JSON.
var errNoJSON = errors.New("not JSON")

// kind is the first character of a JSON value, with '0' for all numbers.
type kind byte

const (
	kindNull   kind = 'n'
	kindTrue   kind = 't'
	kindFalse  kind = 'f'
	kindNumber kind = '0'
	kindText   kind = '"'
	kindArray  kind = '['
	kindObject kind = '{'
)

// value is one JSON value. The zero value represents a missing member, and is treated like null.
type value struct {
	kind    kind
	text    string   // the content of a string, or a number as written
	members []member // members of an object, in the body's order and without duplicates, or elements of an array
}

type member struct {
	key   string
	value value
}

// get returns the member of an object with this exact key.
func (v value) get(key string) value {
	for i := range v.members {
		if v.members[i].key == key {
			return v.members[i].value
		}
	}
	return value{}
}

// absent reports whether the value is null or missing.
func (v value) absent() bool { return v.kind == kindNull || v.kind == 0 }

// String returns the name of the kind for error messages.
func (k kind) String() string {
	switch k {
	case kindTrue, kindFalse:
		return "a boolean"
	case kindNumber:
		return "a number"
	case kindText:
		return "a string"
	case kindArray:
		return "an array"
	case kindObject:
		return "an object"
	}
	return "null"
}

func notJSON(why string) error { return newDetail("call.not_json", errNoJSON, "not JSON: %s", why) }

// parseObject reads one JSON object strictly. Numbers stay as written. Keys must match exactly, while encoding/json
// would accept "STATUS" for "status". A duplicate key is an error, because two readers could see different statuses.
func parseObject(body []byte) (value, error) {
	if !utf8.Valid(body) {
		return value{}, notJSON("not UTF-8")
	}
	if !json.Valid(body) {
		// Unmarshal is slower than Valid, but returns an error that describes the invalid syntax.
		var whole json.RawMessage
		return value{}, notJSON(json.Unmarshal(body, &whole).Error())
	}
	// All strings of the tree are substrings of this copy.
	p := parser{rest: string(body), open: make([]member, 0, 16)}
	tree, err := p.value(0)
	if err != nil {
		return value{}, err
	}
	if tree.kind != kindObject {
		return value{}, fmt.Errorf("%s instead of an object", tree.kind)
	}
	return tree, nil
}

// parser reads a body that json.Valid has accepted, so parser does not check the syntax. parser is many times faster
// than json.Decoder.Token.
type parser struct {
	rest string
	open []member // members of the objects and arrays that are still open
	seen int      // number of members so far
}

func (p *parser) value(depth int) (value, error) {
	if depth > maxDepth {
		return value{}, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	switch k := kind(p.peek()); k {
	case kindObject, kindArray:
		members, err := p.members(k, depth)
		return value{kind: k, members: members}, err
	case kindText:
		unquoted, err := p.text()
		return value{kind: kindText, text: unquoted}, err
	case kindTrue, kindNull:
		p.take(len("true"))
		return value{kind: k}, nil
	case kindFalse:
		p.take(len("false"))
		return value{kind: k}, nil
	}
	end := strings.IndexAny(p.rest, ",]} \t\r\n")
	if end < 0 {
		end = len(p.rest) // the body is a single number
	}
	return value{kind: kindNumber, text: p.take(end)}, nil
}

// members reads the members of an object or an array.
func (p *parser) members(k kind, depth int) (_ []member, err error) {
	first := len(p.open)
	for p.nextMember(byte(k) + 2) { // in ASCII, the code of ] is the code of [ plus 2, and } is { plus 2
		if p.seen++; p.seen > maxMembers {
			return nil, fmt.Errorf("more than %d members", maxMembers)
		}
		var m member
		if k == kindObject {
			if m.key, err = p.text(); err != nil {
				return nil, err
			}
			p.peek()
			p.take(len(":"))
		}
		if m.value, err = p.value(depth + 1); err != nil {
			return nil, err
		}
		p.open = append(p.open, m)
	}
	members := slices.Clone(p.open[first:])
	p.open = p.open[:first]
	if k == kindObject {
		err = rejectDuplicateKeys(members)
	}
	return members, err
}

// maxPairwise is the maximum number of keys for which comparing all pairs is faster than a map.
const maxPairwise = 32

// rejectDuplicateKeys returns an error if a key occurs twice.
func rejectDuplicateKeys(members []member) error {
	twice := func(key string) error { return fmt.Errorf("duplicate key %.40q", key) }
	if len(members) > maxPairwise {
		seen := make(map[string]bool, len(members))
		for _, m := range members {
			if seen[m.key] {
				return twice(m.key)
			}
			seen[m.key] = true
		}
		return nil
	}
	for i := range members {
		for j := range i {
			if members[j].key == members[i].key {
				return twice(members[i].key)
			}
		}
	}
	return nil
}

// nextMember skips the opening bracket or a comma, and reports whether another member follows. At the end, nextMember
// also skips the closing bracket.
func (p *parser) nextMember(closing byte) bool {
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
		return quoted[1:end], nil
	}
	var unquoted string
	err := json.Unmarshal([]byte(quoted), &unquoted)
	return unquoted, err
}

// peek skips white space and returns the next character. The position stays at this character.
func (p *parser) peek() byte {
	for p.rest[0] == ' ' || p.rest[0] == '\n' || p.rest[0] == '\r' || p.rest[0] == '\t' {
		p.rest = p.rest[1:]
	}
	return p.rest[0]
}

func (p *parser) take(n int) string {
	taken := p.rest[:n]
	p.rest = p.rest[n:]
	return taken
}
