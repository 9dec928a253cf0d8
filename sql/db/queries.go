package db

import (
	"embed"
	"errors"
	"io/fs"
	"path"
	"strings"
)

// Query is a statement of ours in both dialects; nil for a dialect that does not have it.
type Query struct{ Postgres, SQLite *Statement }

// In is the statement in a dialect.
func (q Query) In(d Dialect) *Statement {
	if d == SQLite {
		return q.SQLite
	}
	return q.Postgres
}

// Queries are the statements in the folder queries of a program's files.
type Queries struct {
	files     embed.FS
	Fragments map[string]Query // what statements contain as :NAME, with their parameters
	Loaded    map[string]int   // how often each name was loaded, for a test
}

// NewQueries returns the statements of files, of which none is loaded yet.
func NewQueries(files embed.FS) *Queries {
	return &Queries{files: files, Fragments: make(map[string]Query), Loaded: make(map[string]int)}
}

// Load reads queries/NAME.sql for both dialects, or queries/NAME.postgres.sql and queries/NAME.sqlite.sql, one of which
// may be missing. It panics if there is no file, or one that cannot be parsed: all queries are loaded when the program
// starts.
func (q *Queries) Load(name string) Query {
	q.Loaded[name]++
	found := Query{q.loadFile(name+".sql", Postgres), q.loadFile(name+".sql", SQLite)}
	if found.Postgres == nil {
		found = Query{q.loadFile(name+".postgres.sql", Postgres), q.loadFile(name+".sqlite.sql", SQLite)}
	}
	if found.Postgres == nil && found.SQLite == nil {
		panic("there is no file of the query " + name)
	}
	return found
}

func (q *Queries) loadFile(file string, d Dialect) *Statement {
	text, err := q.files.ReadFile("queries/" + file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	name, _, _ := strings.Cut(path.Base(file), ".")
	st, err := Parse(name+".sql", string(text), d)
	if err != nil {
		panic(err)
	}
	st.fragments = q.Fragments
	return st
}
