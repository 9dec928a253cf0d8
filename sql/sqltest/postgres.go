package sqltest

import (
	"context"
	"crypto/rand"
	stdsql "database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// PostgresURL names a fresh database, migrated and with the sample table. It is dropped when the test
// ends.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return create(t, func(s *server) (string, error) { return s.template() })
}

// EmptyPostgresURL names a fresh database without any table.
func EmptyPostgresURL(t testing.TB) string {
	t.Helper()
	return create(t, func(*server) (string, error) { return "template0", nil })
}

func create(t testing.TB, template func(*server) (string, error)) string {
	t.Helper()
	s, err := theServer()
	check(t, err)
	from, err := template(s)
	if err != nil {
		t.Fatal(err)
	}
	name := s.name()
	if err := run(s.url, "create database "+name+" template "+from); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run(s.url, "drop database "+name+" with (force)"); err != nil {
			t.Error(err)
		}
	})
	return s.database(name)
}

// check ends a test that has no PostgreSQL: it is skipped, and fails where CI=true.
func check(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errNoPostgres) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// server is one PostgreSQL for all tests of a binary.
type server struct {
	url      string // of a database that is there always
	prefix   string // of our databases' names, unlike that of any other process
	count    atomic.Int64
	template func() (string, error)
}

var theServer = sync.OnceValues(func() (*server, error) {
	at := os.Getenv("HHRECON_TEST_DATABASE_URL")
	if at == "" {
		var err error
		if at, err = start(); err != nil {
			return nil, err
		}
	}
	s := &server{url: at, prefix: fmt.Sprintf("hhrecon_test_%d_%s", time.Now().Unix(), strings.ToLower(rand.Text()[:8]))}
	s.template = sync.OnceValues(s.makeTemplate)
	return s, s.sweep()
})

// name returns a name that no other test of any process has.
func (s *server) name() string { return s.prefix + "_" + strconv.FormatInt(s.count.Add(1), 10) }

// database is the server's URL for another of its databases.
func (s *server) database(name string) string {
	u, err := url.Parse(s.url)
	if err != nil {
		return s.url // it was connected to already, so this cannot be
	}
	u.Path = "/" + name
	return u.String()
}

// makeTemplate migrates one database, for all tests to copy; that takes a tenth of the time.
func (s *server) makeTemplate() (string, error) {
	name := s.prefix + "_template"
	if err := run(s.url, "create database "+name+" template template0"); err != nil {
		return "", err
	}
	return name, migrate(s.database(name))
}

// sweepAfter is when what a killed test has left behind on a shared server is taken for dead.
const sweepAfter = 2 * time.Hour

// sweep drops what earlier tests have left on a shared server.
func (s *server) sweep() error {
	db, err := stdsql.Open("postgres", s.url)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(context.Background(), `select datname from pg_database where datname like 'hhrecon\_test\_%'`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var old []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		born, _, _ := strings.Cut(strings.TrimPrefix(name, "hhrecon_test_"), "_")
		seconds, err := strconv.ParseInt(born, 10, 64)
		if err == nil && time.Since(time.Unix(seconds, 0)) > sweepAfter {
			old = append(old, name)
		}
	}
	for _, name := range old {
		_ = run(s.url, "drop database if exists "+name+" with (force)") // another process may sweep too
	}
	return rows.Err()
}
