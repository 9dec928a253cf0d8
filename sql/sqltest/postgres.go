package sqltest

import (
	"crypto/rand"
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

	"github.com/jmoiron/sqlx"
)

// PostgresURL creates a migrated database with the sample table, and returns its URL. The database is dropped when the
// test ends.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return create(t, func(s *server) (string, error) { return s.template() })
}

// EmptyPostgresURL creates a database without tables, and returns its URL.
func EmptyPostgresURL(t testing.TB) string {
	t.Helper()
	return create(t, func(*server) (string, error) { return "template0", nil })
}

func create(t testing.TB, template func(*server) (string, error)) string {
	t.Helper()
	skipShort(t)
	s, err := theServer()
	check(t, err)
	from, err := template(s)
	check(t, err)
	name := s.name()
	check(t, run(s.url, "create database "+name+" template "+from))
	t.Cleanup(func() {
		if err := run(s.url, "drop database "+name+" with (force)"); err != nil {
			t.Error(err)
		}
	})
	return databaseOf(s.url, name)
}

// skipShort skips a test of PostgreSQL if -short is set. The same test still runs with SQLite.
func skipShort(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves PostgreSQL out")
	}
}

// check skips the test if PostgreSQL is missing, or fails it if CI=true. For any other error, it fails the test.
func check(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errNoPostgres) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sharedTemplate is the name of a migrated database that a server's keeper creates. Tests copy it.
const sharedTemplate = "hhrecon_template"

// server is the PostgreSQL server for all tests of a process.
type server struct {
	url      string // URL of a database that always exists
	prefix   string // prefix of this process's database names
	count    atomic.Int64
	template func() (string, error)
}

var theServer = sync.OnceValues(func() (*server, error) {
	s := &server{
		url:      os.Getenv("HHRECON_TEST_DATABASE_URL"),
		prefix:   fmt.Sprintf("hhrecon_test_%d_%s", time.Now().Unix(), strings.ToLower(rand.Text()[:8])),
		template: func() (string, error) { return sharedTemplate, nil },
	}
	if s.url == "" {
		var err error
		s.url, err = shared()
		return s, err
	}
	s.template = sync.OnceValues(func() (string, error) {
		name := s.prefix + "_template"
		return name, makeTemplate(s.url, name)
	})
	return s, s.sweep()
})

// name returns a database name that no other test uses.
func (s *server) name() string { return s.prefix + "_" + strconv.FormatInt(s.count.Add(1), 10) }

// databaseOf returns the URL of another database on the same server.
func databaseOf(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server // cannot happen, because the test has connected with this URL
	}
	u.Path = "/" + name
	return u.String()
}

// makeTemplate migrates one database that all tests copy. Copying the database takes a tenth of the
// time of a migration.
func makeTemplate(server, name string) error {
	if err := run(server, "create database "+name+" template template0"); err != nil {
		return err
	}
	return migrate(databaseOf(server, name))
}

// sweepAfter is the minimum age of a database that sweep drops.
const sweepAfter = 2 * time.Hour

// sweep drops the databases that earlier, killed tests have left on a server.
func (s *server) sweep() error {
	db, err := sqlx.Open("postgres", s.url)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var names []string
	err = db.Select(&names, `select datname from pg_database where datname like 'hhrecon\_test\_%'`)
	for _, name := range names {
		born, _, _ := strings.Cut(strings.TrimPrefix(name, "hhrecon_test_"), "_")
		seconds, err := strconv.ParseInt(born, 10, 64)
		if err == nil && time.Since(time.Unix(seconds, 0)) > sweepAfter {
			// Another process may have dropped the database.
			_, _ = db.Exec("drop database if exists " + name + " with (force)")
		}
	}
	return err
}
