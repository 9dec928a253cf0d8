package db

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite" // the driver "sqlite", in pure Go
)

// sqliteReaders is the number of connections, including the connection that writes.
const sqliteReaders = 8

// SQLiteWait is the time limit for waiting until a writer of another process ends.
const SQLiteWait = time.Minute

// RequireFile returns an error if a URL names a SQLite file that does not exist. Without this check, SQLite would
// create an empty file.
func RequireFile(url string) error {
	file, is := strings.CutPrefix(url, "sqlite:")
	file = strings.TrimPrefix(file, "//")
	if !is || file == "" || strings.ContainsAny(file, ":?#") { // Open rejects such a name
		return nil
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the SQLite file %s does not exist: correct the path, or create the database with "+
			"\"hhrecon migrate\"", file)
	}
	return nil
}

// openSQLite opens a file in WAL mode. In WAL mode, readers and the writer do not wait for each other. A transaction
// that writes takes the write lock when it begins, so a later statement cannot fail because of the lock. The
// transaction waits up to SQLiteWait for a writer of another process.
func openSQLite(file string) (*sqlx.DB, error) {
	file = strings.TrimPrefix(file, "//")
	switch {
	case file == "":
		return nil, errors.New("sqlite: the file name is missing: write for example sqlite:hhrecon.sqlite")
	case strings.Contains(file, ":memory:"):
		return nil, errors.New("sqlite: :memory: is not supported, because each connection would have its own database: " +
			"write a file name")
	case strings.ContainsAny(file, "?#"):
		return nil, errors.New("sqlite: options are not supported, and the file name must not contain ? or #")
	}
	settings := url.Values{
		"_busy_timeout": {strconv.FormatInt(SQLiteWait.Milliseconds(), 10)},
		"_foreign_keys": {"on"},
		"_journal_mode": {"wal"},
		"_synchronous":  {"full"}, // a committed correction survives a crash of the machine
		"_txlock":       {"immediate"},
		"_dqs":          {"false"}, // a misspelt column in double quotes is an error, not a literal
	}
	db, err := sqlx.Open("sqlite", file+"?"+settings.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(sqliteReaders)
	return db, nil
}
