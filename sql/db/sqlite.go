package db

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite" // the driver "sqlite", in pure Go
)

// sqliteReaders is how many connections read at once beside the one that writes.
const sqliteReaders = 8

// SQLiteWait is how long a writer waits for another process's.
const SQLiteWait = time.Minute

// openSQLite opens a file in WAL mode, where readers and the writer do not wait for each other. Every
// transaction that writes takes the write lock at its beginning, so none fails half-way for want of it;
// another process's writer is waited for up to a minute.
func openSQLite(file string) (*sqlx.DB, error) {
	file = strings.TrimPrefix(file, "//")
	switch {
	case file == "":
		return nil, errors.New("sqlite: names no file; write sqlite:hhrecon.sqlite, say")
	case strings.Contains(file, ":memory:"):
		return nil, errors.New("sqlite: needs a file; every connection to :memory: would have its own database")
	case strings.ContainsAny(file, "?#"):
		return nil, errors.New("sqlite: takes no options, and no ? or # in the file's name")
	}
	settings := url.Values{
		"_busy_timeout": {strconv.FormatInt(SQLiteWait.Milliseconds(), 10)},
		"_foreign_keys": {"on"},
		"_journal_mode": {"wal"},
		"_synchronous":  {"full"}, // a correction that was reported stays, whatever happens to the machine
		"_txlock":       {"immediate"},
		"_dqs":          {"false"}, // a misspelt column in double quotes is an error and no literal
	}
	db, err := sqlx.Open("sqlite", file+"?"+settings.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(sqliteReaders)
	return db, nil
}
