package sql

import (
	"embed"
	"errors"
	"io/fs"
	"path"
	"strings"
)

// query is a statement of ours in both dialects; nil for a dialect that does not have it.
type query struct{ postgres, sqlite *statement }

func (q query) in(d dialect) *statement {
	if d == sqlite {
		return q.sqlite
	}
	return q.postgres
}

// queries are the statements in the folder queries of a program's files.
type queries struct {
	files     embed.FS
	fragments map[string]query // what statements contain as :NAME, with their parameters
	loaded    map[string]int   // how often each name was loaded, for a test
}

func newQueries(files embed.FS) *queries {
	return &queries{files: files, fragments: make(map[string]query), loaded: make(map[string]int)}
}

// load reads queries/NAME.sql for both dialects, or queries/NAME.postgres.sql and queries/NAME.sqlite.sql, one of which
// may be missing. It panics if there is no file, or one that cannot be parsed: all queries are loaded when the program
// starts.
func (q *queries) load(name string) query {
	q.loaded[name]++
	found := query{q.loadFile(name+".sql", postgres), q.loadFile(name+".sql", sqlite)}
	if found.postgres == nil {
		found = query{q.loadFile(name+".postgres.sql", postgres), q.loadFile(name+".sqlite.sql", sqlite)}
	}
	if found.postgres == nil && found.sqlite == nil {
		panic("there is no file of the query " + name)
	}
	return found
}

func (q *queries) loadFile(file string, d dialect) *statement {
	text, err := q.files.ReadFile("queries/" + file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	name, _, _ := strings.Cut(path.Base(file), ".")
	st, err := parse(name+".sql", string(text), d)
	if err != nil {
		panic(err)
	}
	st.fragments = q.fragments
	return st
}
