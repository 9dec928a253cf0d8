package db

import (
	"errors"
	"fmt"
	"strings"
)

// Parse finds the named parameters of one statement. Parse skips literals, quoted names, comments, dollar quotes and
// casts with two colons. A semicolon is allowed only at the end.
func Parse(name, text string, d Dialect) (*Statement, error) {
	s := scanner{text: text, dialect: d, Statement: Statement{Name: name}}
	for s.at < len(text) {
		if err := s.next(); err != nil {
			return nil, fmt.Errorf("%s line %d: %w", name, 1+strings.Count(text[:min(s.at, len(text))], "\n"), err)
		}
	}
	if !s.nonEmpty {
		return nil, fmt.Errorf("%s: the file contains no statement", name)
	}
	s.pieces = append(s.pieces, s.piece.String())
	return &s.Statement, nil
}

type scanner struct {
	Statement
	text     string
	dialect  Dialect
	at       int
	piece    strings.Builder
	nonEmpty bool // the text contains more than blanks and comments
	ended    bool // a semicolon was found
}

// next scans the next token. If next returns an error, the position at stays at the beginning of the token.
func (s *scanner) next() error {
	rest := s.text[s.at:]
	if end := s.comment(rest); end != 0 {
		if end < 0 {
			return errors.New("a comment is not closed")
		}
		s.keep(end)
		return nil
	}
	c := rest[0]
	switch c {
	case ' ', '\t', '\n', '\r', '\f':
		s.keep(1)
		return nil
	case ';':
		s.ended = true
		s.at++
		return nil
	case 0:
		return errors.New("the statement contains a zero byte")
	}
	if s.ended {
		return errors.New("a second statement follows the semicolon; a file contains one statement")
	}
	s.nonEmpty = true
	switch {
	case strings.HasPrefix(rest, "::"):
		s.keep(2)
	case c == ':' && len(rest) > 1 && isLetter(rest[1]):
		end := 2
		for end < len(rest) && isName(rest[end]) {
			end++
		}
		s.pieces, s.Params = append(s.pieces, s.piece.String()), append(s.Params, rest[1:end])
		s.piece.Reset()
		s.at += end
	case isName(c): // c begins a word, a number, or the E of an escaped literal
		end := 1
		for end < len(rest) && (isName(rest[end]) || rest[end] == '$') {
			end++
		}
		s.keep(end)
		if (rest[:end] == "e" || rest[:end] == "E") && s.dialect == Postgres && end < len(rest) && rest[end] == '\'' {
			return s.quoted(rest[end:], '\'', true)
		}
	case c == '\'' || c == '"':
		return s.quoted(rest, c, false)
	case s.dialect == SQLite && c == '`':
		return s.quoted(rest, c, false)
	case s.dialect == SQLite && c == '[':
		return s.quoted(rest, ']', false)
	case s.dialect == Postgres && c == '$':
		return s.dollar(rest)
	case s.dialect == SQLite && (c == '$' || c == '@' || c == '?'):
		return fmt.Errorf("a parameter begins with %q; write it as :name", c)
	default:
		s.keep(1)
	}
	return nil
}

func (s *scanner) keep(n int) {
	s.piece.WriteString(s.text[s.at : s.at+n])
	s.at += n
}

// comment returns the length of the comment at the beginning of rest. The length is 0 if there is no comment, and -1 if
// the comment is not closed. PostgreSQL's comments can be nested.
func (s *scanner) comment(rest string) int {
	switch {
	case strings.HasPrefix(rest, "--"):
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			return end
		}
		return len(rest)
	case strings.HasPrefix(rest, "/*"):
		depth := 1
		for i := 2; i+1 < len(rest); i++ {
			switch {
			case rest[i:i+2] == "*/":
				i++
				if depth--; depth == 0 {
					return i + 1
				}
			case rest[i:i+2] == "/*" && s.dialect == Postgres:
				i++
				depth++
			}
		}
		return -1
	}
	return 0
}

// quoted scans a literal or a quoted name up to its closing quote. A doubled quote is an escape.
func (s *scanner) quoted(rest string, quote byte, escapes bool) error {
	for i := 1; i < len(rest); i++ {
		switch {
		case escapes && rest[i] == '\\':
			i++
		case rest[i] != quote:
		case i+1 < len(rest) && rest[i+1] == quote && quote != ']':
			i++
		default:
			s.keep(i + 1)
			return nil
		}
	}
	return fmt.Errorf("the text that begins with %q is not closed", rest[:1])
}

// dollar scans a dollar quote: $$…$$ or $tag$…$tag$.
func (s *scanner) dollar(rest string) error {
	end := 1
	for end < len(rest) && isName(rest[end]) {
		end++
	}
	if end > 1 && rest[1] >= '0' && rest[1] <= '9' {
		return fmt.Errorf("the parameter %s has a number; write parameters as :name", rest[:end])
	}
	if end == len(rest) || rest[end] != '$' {
		s.keep(1)
		return nil
	}
	tag := rest[:end+1]
	closing := strings.Index(rest[len(tag):], tag)
	if closing < 0 {
		return fmt.Errorf("the text that begins with %q is not closed", tag)
	}
	s.keep(closing + 2*len(tag))
	return nil
}

func isLetter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// isName reports whether a byte can be part of a name. As in both databases, this includes every byte of a non-ASCII
// letter.
func isName(c byte) bool { return isLetter(c) || c >= '0' && c <= '9' || c >= 0x80 }
