package db

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Dialect is the SQL dialect of a database.
type Dialect int

// hhrecon supports these dialects.
const (
	Postgres Dialect = iota
	SQLite
)

func (d Dialect) String() string {
	if d == SQLite {
		return "SQLite"
	}
	return "PostgreSQL"
}

// Statement is SQL with named parameters. Parse splits the text into pieces because sqlx treats colons in comments,
// literals and casts as parameters. The merchant's statements can contain all three.
type Statement struct {
	Name   string   // the file's name
	pieces []string // the text between parameters
	Params []string // the parameters between the pieces

	fragments map[string]Query // statements that this statement may include as :NAME
}

// Args contains a statement's parameters by name. A List stands for several values with commas between them. A Subquery
// stands for another statement.
type Args map[string]any

// List is a parameter that has several values.
type List []any

// Subquery is a statement with its parameters, for use inside another statement.
type Subquery struct {
	Statement *Statement
	Args      Args
}

// Bind returns the statement with numbered parameters, and their values in that order. A parameter that occurs twice
// gets one number.
func (st *Statement) Bind(d Dialect, a Args) (string, []any, error) {
	b := binding{dialect: d}
	if err := b.write(st, a); err != nil {
		return "", nil, err
	}
	return b.text.String(), b.values, nil
}

type binding struct {
	dialect Dialect
	text    strings.Builder
	values  []any
}

func (b *binding) write(st *Statement, a Args) error {
	numbers := make(map[string]int, len(a))
	for i, name := range st.Params {
		b.text.WriteString(st.pieces[i])
		value, known := a[name]
		if part, ok := st.fragments[name]; ok && !known {
			value, known = part.In(b.dialect).With(a), true
		}
		if !known {
			return fmt.Errorf("%s: the parameter :%s has no value", st.Name, name)
		}
		switch v := value.(type) {
		case Subquery:
			if err := b.write(v.Statement, v.Args); err != nil {
				return err
			}
			b.text.WriteByte('\n') // the subquery may end in a comment
		case List:
			b.list(v)
		default:
			if numbers[name] == 0 {
				b.values = append(b.values, value)
				numbers[name] = len(b.values)
			}
			b.number(numbers[name])
		}
	}
	b.text.WriteString(st.pieces[len(st.pieces)-1])
	return nil
}

// list writes a numbered parameter for each value. An empty list becomes null, so "in (null)" matches no row.
func (b *binding) list(values List) {
	if len(values) == 0 {
		b.text.WriteString("null")
	}
	for i, v := range values {
		if i > 0 {
			b.text.WriteString(", ")
		}
		b.values = append(b.values, v)
		b.number(len(b.values))
	}
}

func (b *binding) number(n int) {
	if b.dialect == Postgres {
		b.text.WriteByte('$')
	} else {
		b.text.WriteByte('?')
	}
	b.text.WriteString(strconv.Itoa(n))
}

// Mentions reports whether the statement contains a word, even in a literal or a comment.
func (st *Statement) Mentions(word string) bool {
	return regexp.MustCompile(`(?i)\b` + word + `\b`).MatchString(strings.Join(st.pieces, " : "))
}

// With returns the statement with its parameters as a Subquery.
func (st *Statement) With(a Args) Subquery { return Subquery{st, a} }

// Uses reports whether the statement has a parameter with a name.
func (st *Statement) Uses(param string) bool { return slices.Contains(st.Params, param) }

// Strings returns texts as a List.
func Strings[T ~string](some []T) List {
	l := make(List, len(some))
	for i, w := range some {
		l[i] = string(w)
	}
	return l
}

// Int64s returns numbers as a List.
func Int64s(some []int64) List {
	l := make(List, len(some))
	for i, n := range some {
		l[i] = n
	}
	return l
}
