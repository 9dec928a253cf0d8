package highhelp

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of one body. HighHelp's own go three deep and have some 20 members.
const (
	maxDepth   = 32
	maxMembers = 4096
)

// errNoJSON is a body that is cut, empty or an HTML page; every other fault of a body
// is JSON that is not to be trusted.
var errNoJSON = errors.New("not JSON")

// kind is the first sign of a JSON value, but for numbers.
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

// value is one JSON value. The zero value is that of a member which is missing, and reads as null.
type value struct {
	kind    kind
	text    string   // of a text, and of a number as it was written
	members []member // of an object in the order of the body, no key twice; of an array, without keys
}

type member struct {
	key   string
	value value
}

// get is the member of an object by its exact key.
func (v value) get(key string) value {
	for i := range v.members {
		if v.members[i].key == key {
			return v.members[i].value
		}
	}
	return value{}
}

// absent is true where a member is null or missing, which is the same to every reader.
func (v value) absent() bool { return v.kind == kindNull || v.kind == 0 }

// String names the value's kind for an error's text.
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

// parseObject reads one JSON object strictly: numbers stay as written, keys match
// exactly (encoding/json's structs would take "STATUS" for "status"), and a
// duplicate key is an error, since two readers could see two statuses.
func parseObject(body []byte) (value, error) {
	if !utf8.Valid(body) {
		return value{}, notJSON("not UTF-8")
	}
	if !json.Valid(body) {
		// Only now, since it is slower, for the words of what is wrong.
		var whole json.RawMessage
		return value{}, notJSON(json.Unmarshal(body, &whole).Error())
	}
	// Every text of the tree is a part of this one copy.
	p := parser{rest: string(body), open: make([]member, 0, 16)}
	tree, err := p.value(0)
	if err != nil {
		return value{}, err
	}
	if tree.kind != kindObject {
		return value{}, fmt.Errorf("%s where an object belongs", tree.kind)
	}
	return tree, nil
}

// parser reads what json.Valid has found to be JSON, so it need not look for faults
// of syntax; it is many times as fast as json.Decoder's tokens.
type parser struct {
	rest string
	open []member // of the objects and arrays that are not closed yet
	seen int      // members so far
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
		end = len(p.rest) // a number that is the whole body
	}
	return value{kind: kindNumber, text: p.take(end)}, nil
}

// members reads what stands in an object or an array.
func (p *parser) members(k kind, depth int) (_ []member, err error) {
	first := len(p.open)
	for p.nextMember(byte(k) + 2) { // in ASCII, ] and } are two after [ and {
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

// maxPairwise is how many are compared with each other faster than through a map.
const maxPairwise = 32

// rejectDuplicateKeys refuses a key that stands twice.
func rejectDuplicateKeys(members []member) error {
	twice := func(key string) error { return fmt.Errorf("key %.40q stands twice", key) }
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

// nextMember steps over the opening sign or a comma and is true where a member follows;
// otherwise it has stepped over the closing sign.
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

// peek steps over white space and gives the next sign.
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
