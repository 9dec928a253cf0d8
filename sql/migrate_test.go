package sql_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/schema"
	"hhrecon/sql/sqltest"
)

func TestMigrateFiveAtOnce(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir("migrations/sqlite")
	if err != nil {
		t.Fatal(err)
	}
	number := func(i int) int64 {
		n, err := strconv.ParseInt(files[i].Name()[:3], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	latest, before := number(len(files)-1), number(len(files)-2)
	for dialect, empty := range map[string]func(testing.TB) string{"sqlite": sqltest.EmptySQLiteURL,
		"postgres": sqltest.EmptyPostgresURL} {
		t.Run(dialect, func(t *testing.T) {
			url := empty(t)
			s := sqltest.Open(t, url)
			if err := s.CheckSchema(t.Context()); err == nil ||
				err.Error() != `the database has no hhrecon tables; run "hhrecon migrate"` {
				t.Errorf("no tables: %v", err)
			}
			if err := s.CheckQueries(t.Context()); err == nil || !strings.Contains(err.Error(), `open_payins.sql`) ||
				!strings.Contains(err.Error(), `--sample-schema`) {
				t.Errorf("no tables: %v", err)
			}
			var all sync.WaitGroup
			for range 5 {
				s := sqltest.Open(t, url)
				all.Go(func() {
					if err := s.Migrate(t.Context(), sql.MigrateOptions{SampleSchema: true}); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			for _, err := range []error{s.CheckSchema(t.Context()), s.CheckQueries(t.Context()), s.Ping(t.Context())} {
				if err != nil {
					t.Error(err)
				}
			}
			db := sqltest.DB(t, url)
			var versions int
			if err := db.Get(&versions, "select count(*) from hhrecon_schema"); err != nil || versions != len(files)+1 {
				t.Errorf("%d versions, %v", versions, err)
			}
			db.MustExec(fmt.Sprintf("delete from hhrecon_schema where version_id = %d", latest))
			old := fmt.Sprintf(`hhrecon's tables have version %d, but this hhrecon needs %d; run "hhrecon migrate"`, before,
				latest)
			if err := s.CheckSchema(t.Context()); err == nil || err.Error() != old {
				t.Errorf("old tables: %v", err)
			}
		})
	}
}

func TestSampleSchemaLeavesATableAlone(t *testing.T) {
	t.Parallel()
	for dialect, empty := range map[string]func(testing.TB) string{"sqlite": sqltest.EmptySQLiteURL,
		"postgres": sqltest.EmptyPostgresURL} {
		t.Run(dialect, func(t *testing.T) {
			url := empty(t)
			sqltest.DB(t, url).MustExec("create table payins (mine text)")
			s := sqltest.Open(t, url)
			if err := s.Migrate(t.Context(), sql.MigrateOptions{SampleSchema: true}); err != nil {
				t.Error(err)
			}
			sqltest.DB(t, url).MustExec("insert into payins (mine) values ('still')")
		})
	}
}

// If a newer hhrecon has migrated the tables, this version rejects them and changes nothing. A process that started
// before the migration opens no run.
func TestNewerSchema(t *testing.T) {
	t.Parallel()
	for _, url := range []string{sqltest.PostgresURL(t), sqltest.SQLiteURL(t)} {
		s, db := sqltest.Open(t, url), sqltest.DB(t, url)
		var latest int
		if err := db.Get(&latest, "select max(version_id) from hhrecon_schema"); err != nil {
			t.Fatal(err)
		}
		db.MustExec(fmt.Sprintf("delete from hhrecon_schema where version_id = %d", latest))
		db.MustExec(fmt.Sprintf("insert into hhrecon_schema (version_id, is_applied) values (%d, true)", latest+3))
		newer := fmt.Sprintf("version %d, but this hhrecon knows versions up to %d", latest+3, latest)
		_, opened := s.OpenRun(t.Context(), reconcile.NewRun{Project: reconcile.Project{ID: project}})
		for _, err := range []error{s.CheckSchema(t.Context()), s.Migrate(t.Context(), sql.MigrateOptions{}), opened} {
			if !errors.Is(err, sql.ErrNewerSchema) || !strings.Contains(err.Error(), newer) {
				t.Errorf("newer tables: %v", err)
			}
		}
		var versions int
		err := db.Get(&versions, fmt.Sprintf("select count(*) from hhrecon_schema where version_id = %d", latest))
		if err != nil || versions != 0 {
			t.Errorf("a refused migration did something: %v", err)
		}
	}
}

// Migrate waits for a transaction that locks a table, or for another process that migrates. After the time limit,
// Migrate names the blocking process and changes nothing.
func TestMigrateWaits(t *testing.T) {
	wait := schema.LockWait
	schema.LockWait = time.Second
	t.Cleanup(func() { schema.LockWait = wait })
	dump, err := os.ReadFile("testdata/version1.postgres.sql")
	if err != nil {
		t.Fatal(err)
	}
	for name, statement := range map[string]string{
		"a reader":        "select count(*) from hhrecon_run",
		"a later one":     "select count(*) from hhrecon_chain",
		"another migrate": "select pg_advisory_xact_lock(7205759403792794)",
	} {
		t.Run(name, func(t *testing.T) {
			url := sqltest.EmptyPostgresURL(t)
			db := sqltest.DB(t, url)
			db.MustExec(string(dump))
			before := catalogue(t, db)
			holder := db.MustBegin()
			defer func() { _ = holder.Rollback() }()
			holder.MustExec("set local application_name = 'nightly export'")
			holder.MustExec(statement)
			var pid int
			if err := holder.Get(&pid, "select pg_backend_pid()"); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			var log bytes.Buffer
			s := sqltest.OpenWith(t, url, sql.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			err := s.Migrate(t.Context(), sql.MigrateOptions{SampleSchema: true})
			if strings.Contains(log.String(), "migration=") {
				t.Errorf("the log reports rolled back migrations: %s", &log)
			}
			who := fmt.Sprintf(`process %d (user postgres, application "nightly export")`, pid)
			if !errors.Is(err, sql.ErrLocked) || !strings.Contains(err.Error(), who) {
				t.Errorf("%v, want %s", err, who)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("waited %s", took)
			}
			if after := catalogue(t, db); after != before {
				t.Errorf("something was changed:\n%s\nwas\n%s", after, before)
			}
		})
	}
	t.Run("sqlite", func(t *testing.T) {
		url := sqltest.SQLiteURL(t)
		writer := sqltest.DB(t, url).MustBegin()
		defer func() { _ = writer.Rollback() }()
		writer.MustExec("create table another (mine text)")
		err := sqltest.Open(t, url).Migrate(t.Context(), sql.MigrateOptions{})
		if !errors.Is(err, sql.ErrLocked) || !strings.Contains(err.Error(), "another process that writes") {
			t.Error(err)
		}
	})
}

// catalogue returns everything in the database that a migration can change, as one text.
func catalogue(t *testing.T, db *sqltest.Database) string {
	t.Helper()
	var text string
	const query = `select coalesce(string_agg(x, ' ' order by x), '')
		from (
			select table_name || '.' || column_name || ':' || data_type as x
			from information_schema.columns
			where table_schema = 'public'
			union all
			select 'version ' || version_id from hhrecon_schema
		) as all_of_it`
	if err := db.Get(&text, query); err != nil {
		t.Fatal(err)
	}
	return text
}
