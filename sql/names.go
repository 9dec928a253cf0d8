package sql

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// dialect is the SQL that a database speaks.
type dialect int

const (
	postgres dialect = iota
	sqlite
)

func (d dialect) String() string {
	if d == sqlite {
		return "SQLite"
	}
	return "PostgreSQL"
}

// statement is SQL with named parameters: pieces of text with a parameter between each two. It is
// parsed here and not by sqlx, whose parser takes colons in comments, literals and casts for
// parameters; and the merchant's statements have all three.
type statement struct {
	name   string // of the file
	pieces []string
	params []string // one fewer than pieces

	fragments map[string]query // what it contains as :NAME, with its own parameters
}

// args are a statement's parameters by name. A list stands for several values with commas between
// them, a splice for another statement.
type args map[string]any

type list []any

type splice struct {
	stmt *statement
	args args
}

// bind writes the statement with numbered parameters and puts their values in that order. A
// parameter that stands twice keeps its number.
func (st *statement) bind(d dialect, a args) (string, []any, error) {
	b := binding{dialect: d}
	if err := b.write(st, a); err != nil {
		return "", nil, err
	}
	return b.text.String(), b.values, nil
}

type binding struct {
	dialect dialect
	text    strings.Builder
	values  []any
}

func (b *binding) write(st *statement, a args) error {
	numbers := make(map[string]int, len(a))
	for i, name := range st.params {
		b.text.WriteString(st.pieces[i])
		value, known := a[name]
		if part, ok := st.fragments[name]; ok && !known {
			value, known = part.in(b.dialect).with(a), true
		}
		if !known {
			return fmt.Errorf("%s: nothing is given for :%s", st.name, name)
		}
		switch v := value.(type) {
		case splice:
			if err := b.write(v.stmt, v.args); err != nil {
				return err
			}
			b.text.WriteByte('\n') // the spliced text may end in a comment
		case list:
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

// list writes a parameter for each value; an empty list is null, which nothing is in.
func (b *binding) list(values list) {
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
	if b.dialect == postgres {
		b.text.WriteByte('$')
	} else {
		b.text.WriteByte('?')
	}
	b.text.WriteString(strconv.Itoa(n))
}

// with is the statement as a part of another one, with its parameters.
func (st *statement) with(a args) splice { return splice{st, a} }

// uses tells whether a parameter stands in the statement.
func (st *statement) uses(param string) bool { return slices.Contains(st.params, param) }

func words(some []string) list {
	l := make(list, len(some))
	for i, w := range some {
		l[i] = w
	}
	return l
}

func numbers(some []int64) list {
	l := make(list, len(some))
	for i, n := range some {
		l[i] = n
	}
	return l
}
