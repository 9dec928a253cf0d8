package db

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestNamedParameters(t *testing.T) {
	t.Parallel()
	a := Args{"a": 1, "b": "two", "l": List{7, 8}, "none": List{}, "s": Subquery{
		mustStatement(t, "select :a -- inner"), Args{"a": 9},
	}}
	tests := []struct{ text, postgres, sqlite, values string }{
		{"select :a, :b, :a", "select $1, $2, $1", "select ?1, ?2, ?1", "[1 two]"},
		{"x in (:l) or y in (:none) or :a", "x in ($1, $2) or y in (null) or $3", "x in (?1, ?2) or y in (null) or ?3",
			"[7 8 1]"},
		{"select * from (:s) where :a", "select * from (select $1 -- inner\n) where $2",
			"select * from (select ?1 -- inner\n) where ?2", "[9 1]"},
		{"select ':a', \":a\", x::text, ''':a''', :a", "select ':a', \":a\", x::text, ''':a''', $1",
			"select ':a', \":a\", x::text, ''':a''', ?1", "[1]"},
		{"-- :a ; \nselect /* :a ; ' */ :a;  -- end ;", "-- :a ; \nselect /* :a ; ' */ $1  -- end ;",
			"-- :a ; \nselect /* :a ; ' */ ?1  -- end ;", "[1]"},
		{"select x[1:2], y : z, :a::int", "select x[1:2], y : z, $1::int", "select x[1:2], y : z, ?1::int", "[1]"},
		{"select тип:a", "select тип$1", "select тип?1", "[1]"},
		{`select e'\':a', E'\\', :a`, `select e'\':a', E'\\', $1`, "", "[1]"},
		{"select /* /* :a */ ' */ :a", "select /* /* :a */ ' */ $1", "", "[1]"},
		{"select $$ :a ' $$, $x$ $$ :b $x$, a$b, :a", "select $$ :a ' $$, $x$ $$ :b $x$, a$b, $1", "", "[1]"},
		{"select ename'x', :a", "select ename'x', $1", "select ename'x', ?1", "[1]"},
		{`select name'\', :a`, `select name'\', $1`, `select name'\', ?1`, "[1]"},
		{"select `:a`, [:a ' ], :a", "", "select `:a`, [:a ' ], ?1", "[1]"},
	}
	for _, test := range tests {
		for d, want := range map[Dialect]string{Postgres: test.postgres, SQLite: test.sqlite} {
			if want == "" {
				continue
			}
			st, err := Parse("test.sql", test.text, d)
			if err != nil {
				t.Errorf("%s: %s: %v", d, test.text, err)
				continue
			}
			text, values, err := st.Bind(d, a)
			if err != nil || text != want || fmt.Sprint(values) != test.values {
				t.Errorf("%s: %s:\n got %s %v %v\nwant %s %s", d, test.text, text, values, err, want, test.values)
			}
		}
	}
	if _, _, err := mustStatement(t, "select :c").Bind(Postgres, a); err == nil ||
		err.Error() != "test.sql: the parameter :c has no value" {
		t.Error(err)
	}
}

func mustStatement(t *testing.T, text string) *Statement {
	t.Helper()
	st, err := Parse("test.sql", text, Postgres)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// FuzzParse checks that a parsed statement contains the complete text of its source. Only parameters and the last
// semicolon of a merchant's statement are replaced.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"select :a", "select ':a' -- x\n", "$$:a$$", "e'\\''", "a::b;", "/*/**/*/ x", "'",
		"$1"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, lite bool) {
		d := Postgres
		if lite {
			d = SQLite
		}
		st, err := Parse("x.sql", text, d)
		if err != nil {
			return
		}
		if len(st.pieces) != len(st.Params)+1 {
			t.Fatalf("%d pieces, %d parameters", len(st.pieces), len(st.Params))
		}
		var whole strings.Builder
		for i, piece := range st.pieces {
			whole.WriteString(piece)
			if i < len(st.Params) {
				whole.WriteString(":" + st.Params[i])
			}
		}
		got := whole.String()
		if got == text {
			return
		}
		semicolons := strings.Count(text, ";") - strings.Count(got, ";")
		if len(text)-len(got) != semicolons {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

// Escaped text is ASCII. Within JSON, the escaped text has the same meaning.
func TestASCII(t *testing.T) {
	t.Parallel()
	const text = `{"a":"өттү 🙈, \"x\" “…”"}`
	var before, after map[string]string
	escaped := ASCII(text + "\x00\xff")
	if want := `{"a":"\u04e9\u0442\u0442\u04af \ud83d\ude48, \"x\" \u201c\u2026\u201d"}\ufffd\ufffd`; escaped != want {
		t.Errorf("got %s\nwant %s", escaped, want)
	}
	if err := json.Unmarshal([]byte(ASCII(text)), &after); err != nil || json.Unmarshal([]byte(text), &before) != nil {
		t.Fatal(err)
	}
	if before["a"] != after["a"] {
		t.Errorf("%q became %q", before, after)
	}
}
