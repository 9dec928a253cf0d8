// Package sqltest creates separate databases for tests. The databases are migrated and have the sample table payins.
//
// URLs runs a test against both dialects. PostgresURL and SQLiteURL are for tests that open the store themselves, such
// as tests of the whole program. The tests use the PostgreSQL server at HHRECON_TEST_DATABASE_URL. If this variable is
// not set, they start a private server from installed programs, which the test processes of one "go test" share.
// If there is neither a server nor PostgreSQL's programs, tests that need PostgreSQL are skipped, or fail if CI=true.
package sqltest

import (
	"context"
	stdsql "database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/sql"
)

// URLs runs a test as a subtest for each dialect, each with a new database.
func URLs(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLiteURL(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, PostgresURL(t)) })
}

// Open opens a store that logs nothing, and closes it when the test ends.
func Open(t testing.TB, url string) *sql.Store {
	t.Helper()
	return OpenWith(t, url, sql.Options{})
}

// OpenWith is Open with options. A nil logger logs nothing.
func OpenWith(t testing.TB, url string, o sql.Options) *sql.Store {
	t.Helper()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s, err := sql.Open(context.Background(), url, o)
	check(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Database is the result of DB, for tests in packages that must not import sqlx.
type Database = sqlx.DB

// DB opens a database directly, to read hhrecon's tables and to change the merchant's tables.
func DB(t testing.TB, url string) *Database {
	t.Helper()
	driver, source := "postgres", url
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, source = "sqlite", file+"?_busy_timeout=60000&_txlock=immediate"
	}
	db, err := sqlx.Open(driver, source)
	check(t, err)
	db.SetConnMaxIdleTime(time.Second) // many tests open a database, and a server allows 100 connections
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// EmptySQLiteURL returns the URL of a file that does not exist yet.
func EmptySQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "hhrecon.sqlite")
}

// SQLiteURL creates a migrated database with the sample table, and returns its URL.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	content, err := sqliteTemplate()
	check(t, err)
	url := EmptySQLiteURL(t)
	check(t, os.WriteFile(strings.TrimPrefix(url, "sqlite:"), content, 0o600))
	return url
}

// sqliteTemplate is the content of a migrated SQLite file that all tests copy.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "hhrecon-sqlite-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "template.sqlite")
	if err := migrate("sqlite:" + file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// migrate prepares a database that tests copy. It removes the database's identity, because the identity would be wrong
// in a copy. "hhrecon migrate" records the identity again.
func migrate(url string) error {
	ctx := context.Background()
	s, err := sql.Open(ctx, url, sql.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err = s.Migrate(ctx, sql.MigrateOptions{SampleSchema: true}); err == nil {
		_, err = s.Conn.Exec("delete from hhrecon_identity")
	}
	if err != nil {
		_ = s.Close()
		return err
	}
	return s.Close() // writes SQLite's WAL back into the file
}

// run runs one statement over a new connection.
func run(url, statement string) error {
	db, err := stdsql.Open("postgres", url)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(context.Background(), statement)
	return err
}
