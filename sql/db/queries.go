package db

import (
	"embed"
	"errors"
	"io/fs"
	"path"
	"strings"
)

// Query is a statement of hhrecon in both dialects; nil for a dialect that does not have it.
type Query struct{ Postgres, SQLite *Statement }

// In returns the statement for a dialect.
func (q Query) In(d Dialect) *Statement {
	if d == SQLite {
		return q.SQLite
	}
	return q.Postgres
}

// Queries are the statements in the folder "queries" of a package.
type Queries struct {
	files     embed.FS
	Fragments map[string]Query // parts that statements include as :NAME, with their parameters
	Loaded    map[string]int   // how often each name was loaded, for tests
}

// NewQueries returns the statements of files. Load loads them one by one.
func NewQueries(files embed.FS) *Queries {
	return &Queries{files: files, Fragments: make(map[string]Query), Loaded: make(map[string]int)}
}

// Load reads queries/NAME.sql for both dialects, or queries/NAME.postgres.sql and queries/NAME.sqlite.sql, one of which
// may be missing. It panics if no file exists or one is invalid: all queries are loaded when the program starts.
func (q *Queries) Load(name string) Query {
	q.Loaded[name]++
	found := Query{q.loadFile(name+".sql", Postgres), q.loadFile(name+".sql", SQLite)}
	if found.Postgres == nil {
		found = Query{q.loadFile(name+".postgres.sql", Postgres), q.loadFile(name+".sqlite.sql", SQLite)}
	}
	if found.Postgres == nil && found.SQLite == nil {
		panic("there is no file for the query " + name)
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
