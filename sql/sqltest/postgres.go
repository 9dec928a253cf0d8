package sqltest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	stdsql "database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
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
	skipShort(t)
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

// skipShort ends a test of PostgreSQL under -short: the same test with SQLite stays.
func skipShort(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves PostgreSQL out")
	}
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

// server is one PostgreSQL for all tests of a process.
type server struct {
	url      string // of a database that is there always
	prefix   string // of our databases' names, unlike that of any other process
	schema   string // ends the template's name
	count    atomic.Int64
	template func() (string, error)
}

var theServer = sync.OnceValues(func() (*server, error) {
	at := os.Getenv("HHRECON_TEST_DATABASE_URL")
	if at == "" {
		var err error
		if at, err = shared(); err != nil {
			return nil, err
		}
	}
	prefix := fmt.Sprintf("hhrecon_test_%d_%s", time.Now().Unix(), strings.ToLower(rand.Text()[:8]))
	s := &server{url: at, schema: schemaOf(), prefix: prefix}
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

// makeTemplate finds or migrates one database for all tests of all processes to copy; that takes a tenth of the time.
// Its name says which schema it has.
func (s *server) makeTemplate() (name string, err error) {
	db, err := stdsql.Open("postgres", s.url)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	ctx := context.Background()
	if _, err = db.ExecContext(ctx, "select pg_advisory_lock(hashtext('hhrecon template'))"); err != nil {
		return "", err // the lock ends with the connection
	}
	const find = "select datname from pg_database where datname like $1"
	err = db.QueryRowContext(ctx, find, `hhrecon\_test\_%`+s.schema).Scan(&name)
	if !errors.Is(err, stdsql.ErrNoRows) {
		return name, err
	}
	draft := s.prefix + "_draft"
	name = fmt.Sprintf("hhrecon_test_%d%s", time.Now().Unix(), s.schema)
	if _, err = db.ExecContext(ctx, "create database "+draft+" template template0"); err != nil {
		return "", err
	}
	if err = migrate(s.database(draft)); err != nil {
		return "", err
	}
	_, err = db.ExecContext(ctx, "alter database "+draft+" rename to "+name)
	return name, err
}

// schemaOf ends the names of templates of today's schema: a digest of what makes it, or something random if the sources
// are not there.
func schemaOf() string {
	_, source, _, _ := runtime.Caller(0)
	digest := sha256.New()
	fmt.Fprintln(digest, os.Getenv("HHRECON_TEST_PARTITIONED"))
	found := false
	for _, pattern := range []string{"migrate.go", "migrations/postgres/*.sql", "sample/*.sql"} {
		files, _ := filepath.Glob(filepath.Join(filepath.Dir(source), "..", pattern))
		for _, file := range files {
			content, _ := os.ReadFile(file)
			found = found || len(content) > 0
			fmt.Fprintln(digest, filepath.Base(file), len(content))
			digest.Write(content)
		}
	}
	if !found {
		return "_template_" + strings.ToLower(rand.Text()[:12])
	}
	return fmt.Sprintf("_template_%x", digest.Sum(nil)[:6])
}

// How old on a server is what a killed test has left behind, and a template of another schema that no test copies.
const (
	sweepAfter         = 2 * time.Hour
	sweepTemplateAfter = 7 * 24 * time.Hour
)

// sweep drops what earlier tests have left on a server.
func (s *server) sweep() error {
	db, err := stdsql.Open("postgres", s.url)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	const ours = `select datname from pg_database where datname like 'hhrecon\_test\_%'`
	rows, err := db.QueryContext(context.Background(), ours)
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
		after := sweepAfter
		if strings.Contains(name, "_template_") {
			after = sweepTemplateAfter
		}
		seconds, err := strconv.ParseInt(born, 10, 64)
		if err == nil && time.Since(time.Unix(seconds, 0)) > after && !strings.HasSuffix(name, s.schema) {
			old = append(old, name)
		}
	}
	for _, name := range old {
		_ = run(s.url, "drop database if exists "+name+" with (force)") // another process may sweep too
	}
	return rows.Err()
}
