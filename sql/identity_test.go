package sql_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/identity"
	"hhrecon/sql/sqltest"
)

// writes writes to a store and returns the error.
func writes(f *fixture, s *sql.Store) error {
	f.Helper()
	err := s.SaveUser(f.ctx, reconcile.User{Name: "Aida", Role: reconcile.RoleViewer, Hash: "x", AddedAt: acting})
	if (err != nil) != (f.count("select count(*) from hhrecon_user") == 0) {
		f.Errorf("there are %d users, the error is %v", f.count("select count(*) from hhrecon_user"), err)
	}
	f.do("delete from hhrecon_user")
	return err
}

// A store writes only to the database whose identity was recorded, and not to a copy. The same is true after a
// migration. Reads still work in a copy.
func TestIdentity(t *testing.T) {
	conform(t, func(f *fixture) {
		if err := writes(f, f.s); err != nil {
			f.Errorf("without a recorded identity: %v", err)
		}
		f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
		id, err := f.s.Identity(f.ctx)
		f.must(err)
		known := map[string]string{"server": id.Server, "database": id.Database, "name": id.Name}
		for _, c := range []struct {
			columns string // columns that the test sets to other values
			copy    bool
		}{
			{"", false}, {"database", true}, {"server", true},
			{"name", false}, // a database may be renamed
		} {
			for name, value := range known {
				if strings.Contains(c.columns, name) {
					value += "x"
				}
				f.do("update hhrecon_identity set "+name+" = ?", value)
			}
			f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
			err := writes(f, sqltest.Open(f.T, f.url))
			if errors.Is(err, identity.ErrCopy) != c.copy || errors.Is(err, identity.ErrDeclared) {
				f.Errorf("another %s: %v", c.columns, err)
			}
			if _, err := f.s.Users(f.ctx); err != nil {
				f.Errorf("another %s: reading: %v", c.columns, err)
			}
		}
		f.do("update hhrecon_identity set server = '', name = ?", id.Name) // the user cannot read the server's identifier
		if err := writes(f, sqltest.Open(f.T, f.url)); err != nil {
			f.Errorf("a server that was not known: %v", err)
		}
		f.do("update hhrecon_identity set name = 'another'")
		if err := writes(f, sqltest.Open(f.T, f.url)); !errors.Is(err, identity.ErrCopy) {
			f.Errorf("a server that was not known, and another name: %v", err)
		}
	})
}

// A running process detects within a minute that its connections now use another database.
func TestIdentityWhileWorking(t *testing.T) {
	conform(t, func(f *fixture) {
		ahead := time.Duration(0)
		s := sqltest.OpenWith(f.T, f.url, sql.Options{Now: func() time.Time { return time.Now().Add(ahead) }})
		f.must(s.Migrate(f.ctx, sql.MigrateOptions{}))
		f.must(writes(f, s))
		f.do("update hhrecon_identity set database = 'another'")
		ahead = time.Minute
		if err := writes(f, s); !errors.Is(err, identity.ErrCopy) {
			f.Errorf("another database: %v", err)
		}
	})
}

// A person's declaration about a database is effective immediately. The declaration is saved, and recorded in the audit
// log.
func TestAdopt(t *testing.T) {
	conform(t, func(f *fixture) {
		f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
		_, err := f.s.SaveAlert(f.ctx, reconcile.AlertOf(project, "digest", []byte(`{}`), acting))
		f.must(err)
		f.do("update hhrecon_alert set state = 'waiting'")
		f.wholeRun(reconcile.CorrectionApplied, verdict)
		f.do("update hhrecon_run set announce = ?", true)
		f.do("update hhrecon_identity set server = 'another'")
		aida := reconcile.Person{Name: "Aida", Via: reconcile.ViaCLI}
		for i, asCopy := range []bool{true, false} {
			_, changed, err := f.s.Adopt(f.ctx, asCopy, aida, "why")
			f.must(err)
			_, again, err := f.s.Adopt(f.ctx, asCopy, aida, "why")
			f.must(err)
			equal(f, "changed", [2]bool{changed, again}, [2]bool{true, false})
			if err := writes(f, sqltest.Open(f.T, f.url)); errors.Is(err, identity.ErrDeclared) != asCopy {
				f.Errorf("as copy %t: %v", asCopy, err)
			}
			log, err := f.s.Verify(f.ctx, "")
			f.must(err)
			equal(f, "entries", [2]any{log.Entries, log.Break}, [2]any{int64(i + 1), ""})
			equal(f, "alerts that wait", f.count("select count(*) from hhrecon_alert where state = 'waiting'"), 0)
			equal(f, "runs to report", f.count("select count(*) from hhrecon_run where announce"), 0)
		}
	})
}

// An SQLite file keeps its identity at its path, even with older content. A file that was copied, moved or replaced has
// another identity.
func TestIdentityOfFile(t *testing.T) {
	t.Parallel()
	url := sqltest.EmptySQLiteURL(t)
	file := strings.TrimPrefix(url, "sqlite:")
	migrated := func(url string) error {
		s, err := sql.Open(t.Context(), url, sql.Options{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			return err
		}
		return errors.Join(s.Migrate(t.Context(), sql.MigrateOptions{}), s.CheckIdentity(t.Context()), s.Close())
	}
	if err := migrated(url); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(file, content, 0o600), migrated(url)); err != nil {
		t.Errorf("after its content was replaced: %v", err)
	}
	link := filepath.Join(t.TempDir(), "link.sqlite")
	if err := errors.Join(os.Symlink(file, link), migrated("sqlite:"+link)); err != nil {
		t.Errorf("by another path: %v", err)
	}
	moved := file + ".moved"
	if err := os.Rename(file, moved); err != nil {
		t.Fatal(err)
	}
	if err := migrated("sqlite:" + moved); !errors.Is(err, identity.ErrCopy) {
		t.Errorf("moved: %v", err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := migrated(url); !errors.Is(err, identity.ErrCopy) {
		t.Errorf("another file in its place: %v", err)
	}
}

// If the user has no right to read the server's identifier, the identity is the database's oid and name.
func TestIdentityWithoutRight(t *testing.T) {
	t.Parallel()
	f, _, root := limited(t)
	root.MustExec("revoke execute on function pg_control_system() from public")
	id, err := f.s.Identity(f.ctx)
	f.must(err)
	if id.Server != "" || id.Database == "" || id.Name == "" {
		t.Errorf("the identity is %+v", id)
	}
	f.must(f.s.RecordIdentity(f.ctx))
	f.must(writes(f, sqltest.Open(t, f.url)))
	root.MustExec("grant execute on function pg_control_system() to public")
	f.must(writes(f, sqltest.Open(t, f.url)))
	f.do("update hhrecon_identity set database = '1'")
	if err := writes(f, sqltest.Open(t, f.url)); !errors.Is(err, identity.ErrCopy) {
		t.Errorf("another database: %v", err)
	}
}

// The documented user of the program can advance the run numbers. Run numbers that are too high for
// this database are ignored.
func TestNoteRestore(t *testing.T) {
	t.Parallel()
	f, _, _ := limited(t)
	f.must(f.s.RecordIdentity(f.ctx))
	first := f.wholeRun(reconcile.CorrectionApplied, verdict).ID
	noted := func(reported ...int64) int {
		f.must(f.s.NoteRestore(f.ctx, reported))
		return f.count("select count(*) from hhrecon_identity where restored_at is not null")
	}
	equal(f, "noted", noted(), 0)
	equal(f, "noted of runs that are known", noted(first, first-1, 12345678901), 0)
	equal(f, "noted of a later one", noted(first, first+6, first+2), 1)
	equal(f, "the next run", f.wholeRun(reconcile.CorrectionApplied, unchanged).ID, first+7)
}

// The first run in shadow reports a restore. The next run in shadow does not repeat this report, but other dry runs do.
func TestNoteRestoreInShadow(t *testing.T) {
	conform(t, func(f *fixture) {
		f.must(f.s.RecordIdentity(f.ctx))
		f.must(f.s.NoteRestore(f.ctx, []int64{7}))
		f.do("update hhrecon_identity set restored_at = ?", nightly("a").StartedAt.AddDate(0, 0, -1).Format(time.RFC3339))
		var reports []bool
		for i, shadow := range []bool{false, true, true} {
			n := nightly("a")
			n.DryRun, n.Project.Shadow, n.StartedAt = true, shadow, n.StartedAt.AddDate(0, 0, i)
			run, l := f.open(n)
			f.end(l, reconcile.CorrectionDryRun)
			reports = append(reports, len(run.Queries.Restored) > 0)
		}
		equal(f, "runs that report the restore", reports, []bool{true, true, false})
	})
}
