package sql_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

func TestMigrateFiveAtOnce(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir("migrations/sqlite")
	if err != nil {
		t.Fatal(err)
	}
	number := func(i int) int64 {
		n, err := goose.NumericComponent(files[i].Name())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	latest, before := number(len(files)-1), number(len(files)-2)
	for dialect, empty := range map[string]func(testing.TB) string{"sqlite": sqltest.EmptySQLiteURL, "postgres": sqltest.EmptyPostgresURL} {
		t.Run(dialect, func(t *testing.T) {
			url := empty(t)
			s := sqltest.Open(t, url)
			if err := s.CheckSchema(t.Context()); err == nil || err.Error() != `the database has no tables of hhrecon's; run "hhrecon migrate"` {
				t.Errorf("no tables: %v", err)
			}
			if err := s.CheckQueries(t.Context()); err == nil || !strings.Contains(err.Error(), `open_payins.sql`) || !strings.Contains(err.Error(), `--sample-schema`) {
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
			old := fmt.Sprintf(`hhrecon's tables are of version %d, this hhrecon needs %d; run "hhrecon migrate"`, before, latest)
			if err := s.CheckSchema(t.Context()); err == nil || err.Error() != old {
				t.Errorf("old tables: %v", err)
			}
		})
	}
}

func TestSampleSchemaLeavesATableAlone(t *testing.T) {
	t.Parallel()
	for dialect, empty := range map[string]func(testing.TB) string{"sqlite": sqltest.EmptySQLiteURL, "postgres": sqltest.EmptyPostgresURL} {
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

// TestNewerSchema: tables that a newer hhrecon has migrated are refused, and stay as they are.
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
		newer := fmt.Sprintf("of version %d, this hhrecon knows versions up to %d", latest+3, latest)
		for _, err := range []error{s.CheckSchema(t.Context()), s.Migrate(t.Context(), sql.MigrateOptions{})} {
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
