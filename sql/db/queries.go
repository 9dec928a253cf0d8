package db

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

// Query is a statement of hhrecon in both dialects. If a dialect does not have the statement, its field is nil.
type Query struct{ Postgres, SQLite *Statement }

// In returns the query's statement for a dialect.
func (q Query) In(d Dialect) *Statement {
	if d == SQLite {
		return q.SQLite
	}
	return q.Postgres
}

// Queries reads the statements in the folder "queries" of files. Queries returns a function that returns a statement by
// its name. NAME.sql is for both dialects. NAME.postgres.sql and NAME.sqlite.sql are for one dialect each. Fragments
// are names of statements that other statements include as :NAME, with their parameters. Queries panics if a file is
// invalid. The returned function panics if a file does not exist. A test checks every name in the sources.
func Queries(files embed.FS, fragments ...string) func(name string) Query {
	all, parts := make(map[string]Query), make(map[string]Query)
	parse := func(file string, d Dialect) *Statement {
		text, err := files.ReadFile(file)
		if err != nil {
			panic(err)
		}
		name, _, _ := strings.Cut(path.Base(file), ".")
		st, err := Parse(name+".sql", string(text), d)
		if err != nil {
			panic(err)
		}
		st.fragments = parts
		return st
	}
	err := fs.WalkDir(files, "queries", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, dialect, _ := strings.Cut(strings.TrimPrefix(file, "queries/"), ".")
		q := all[name]
		if dialect != "sqlite.sql" {
			q.Postgres = parse(file, Postgres)
		}
		if dialect != "postgres.sql" {
			q.SQLite = parse(file, SQLite)
		}
		all[name] = q
		return nil
	})
	if err != nil {
		panic(err)
	}
	for _, name := range fragments {
		parts[path.Base(name)] = all[name]
	}
	return func(name string) Query {
		q, ok := all[name]
		if !ok {
			panic("there is no file for the query " + name)
		}
		return q
	}
}
