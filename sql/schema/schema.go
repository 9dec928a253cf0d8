// Package schema creates and migrates hhrecon's own tables, and checks their version.
package schema

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/sql/db"
	"hhrecon/sql/identity"
)

// table is the name of the table with the versions of all applied migrations.
const table = "hhrecon_schema"

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// Migrator migrates hhrecon's own tables in a database.
type Migrator struct {
	*db.DB
	Migrations embed.FS                        // the folders migrations/postgres and migrations/sqlite
	Sample     string                          // the statements that create the default table payins
	After      func(ctx context.Context) error // function that runs after the migrations
}

// Options lists the objects that Migrate creates in addition to hhrecon's own tables.
type Options struct {
	SampleSchema bool // create the default table payins, unless a table with this name exists
}

// LockWait is the time limit for waiting for locks of other processes. The limit is short because other statements
// queue behind a waiting Migrate. Tests set a shorter time.
var LockWait = 10 * time.Second

// Migrate creates or migrates hhrecon's own tables in one transaction. If Migrate fails, nothing changes. Several
// processes may call Migrate at the same time. If another process holds a lock for longer than LockWait, Migrate
// returns an error of kind db.ErrLocked that names the process.
func (s Migrator) Migrate(ctx context.Context, o Options) error {
	ctx = db.Unguarded(ctx) // the tables of a copy may be migrated too
	err := s.CheckSchema(ctx)
	if errors.Is(err, ErrNewer) {
		return err
	}
	var done []string
	err = s.WhileLocked(ctx, func(tx *sqlx.Tx) (err error) {
		if done, err = s.migrateUp(ctx, tx); err != nil || !o.SampleSchema {
			return err
		}
		return s.createSample(ctx, tx)
	})
	if err == nil {
		for _, file := range done {
			s.Log.InfoContext(ctx, "migrated", "migration", file)
		}
		err = cmp.Or(identity.Guard{DB: s.DB}.RecordIdentity(ctx), s.After(ctx))
	}
	return s.WrapError(ctx, err)
}

// lockPause is the time between two attempts to get the lock for migrations.
const lockPause = 50 * time.Millisecond

// WhileLocked runs f in a transaction. Only one process at a time runs WhileLocked. WhileLocked waits at most LockWait
// for this turn, and each statement in f waits at most LockWait for a lock.
func (s Migrator) WhileLocked(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	ctx = db.Unguarded(ctx)
	if s.Dialect == db.SQLite {
		return s.whileWriting(ctx, f)
	}
	for began := time.Now(); ; {
		var locked bool
		err := s.WithTx(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
			if err := s.Get(ctx, tx, &locked, query("lock_schema").Postgres, nil); err != nil || !locked {
				return err
			}
			const limits = "set local idle_in_transaction_session_timeout = 0; set local lock_timeout = "
			if _, err := tx.ExecContext(ctx, limits+strconv.FormatInt(LockWait.Milliseconds(), 10)); err != nil {
				return err
			}
			return s.whileWatched(ctx, tx, f)
		})
		if err == nil && !locked && time.Since(began) > LockWait {
			blockers, err := s.blockers(ctx, 0)
			return cmp.Or(err, lockTimeout(blockers))
		}
		if err != nil || locked {
			return err
		}
		select {
		case <-time.After(lockPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// whileWriting runs f as SQLite's only writer.
func (s Migrator) whileWriting(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	conn, err := s.Conn.Connx(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	limit := func(ctx context.Context, wait time.Duration) error {
		_, err := conn.ExecContext(ctx, "pragma busy_timeout = "+strconv.FormatInt(wait.Milliseconds(), 10))
		return err
	}
	if err := limit(ctx, LockWait); err != nil {
		return err
	}
	defer func() { _ = limit(context.WithoutCancel(ctx), db.SQLiteWait) }()
	tx, err := conn.BeginTxx(ctx, nil)
	if err == nil {
		defer func() { _ = tx.Rollback() }() // does nothing after Commit
		if err = f(tx); err == nil {
			err = tx.Commit()
		}
	}
	if errors.Is(db.Kind(err), db.ErrLocked) {
		return lockTimeout("another process that writes to the file")
	}
	return err
}

// whileWatched runs f, and logs the processes for which f waits.
func (s Migrator) whileWatched(ctx context.Context, tx *sqlx.Tx, f func(tx *sqlx.Tx) error) error {
	var pid int64
	if err := tx.GetContext(ctx, &pid, "select pg_backend_pid()"); err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	lastBlockers := make(chan string)
	go func() {
		last := ""
		defer func() { lastBlockers <- last }()
		for watching.Err() == nil {
			blockers, err := s.blockers(watching, pid)
			if err == nil && blockers != "" && blockers != last {
				last = blockers
				s.Log.WarnContext(ctx, "migrate waits for a lock", "held_by", blockers, "at_most", LockWait.String())
			}
			select {
			case <-time.After(LockWait / 20):
			case <-watching.Done():
			}
		}
	}()
	err := f(tx)
	stop()
	if blockers := <-lastBlockers; blockers != "" && errors.Is(db.Kind(err), db.ErrLocked) {
		return lockTimeout(blockers)
	}
	return err
}

// blockers describes the processes for which a PostgreSQL process waits. If pid is 0, it describes the process that
// migrates.
func (s Migrator) blockers(ctx context.Context, pid int64) (string, error) {
	var names []string
	err := s.List(ctx, s.Conn, &names, query("blockers").Postgres, db.Args{"pid": pid})
	return strings.Join(names, ", "), err
}

// lockTimeout returns the error for a lock that was not released within LockWait.
func lockTimeout(blockers string) error {
	return &db.UserError{Kind: db.ErrLocked, Text: fmt.Sprintf("%s holds a lock: hhrecon waited %s and changed nothing; "+
		"end that process, and migrate again", cmp.Or(blockers, "a process that has ended since"), LockWait)}
}

// migrateUp applies the migrations that are newer than the tables' version. migrateUp returns the migrations' file
// names.
func (s Migrator) migrateUp(ctx context.Context, tx *sqlx.Tx) (done []string, err error) {
	var there bool
	if err := s.Get(ctx, tx, &there, query("table_exists").In(s.Dialect), db.Args{"name": table}); err != nil {
		return nil, err
	}
	if !there {
		if _, err := s.Exec(ctx, tx, query("create_schema").In(s.Dialect), nil); err != nil {
			return nil, err
		}
		if _, err := s.Exec(ctx, tx, query("save_version").In(s.Dialect), db.Args{"version": 0}); err != nil {
			return nil, err
		}
	}
	var version int64
	if err := s.Get(ctx, tx, &version, query("schema_version").In(s.Dialect), nil); err != nil {
		return nil, err
	}
	files, err := s.files()
	for _, file := range files {
		if err != nil || file.version <= version {
			continue
		}
		var text []byte
		if text, err = s.Migrations.ReadFile(file.path); err == nil {
			_, err = tx.ExecContext(ctx, string(text))
		}
		if err == nil {
			_, err = s.Exec(ctx, tx, query("save_version").In(s.Dialect), db.Args{"version": file.version})
		}
		done = append(done, path.Base(file.path))
	}
	if err != nil && strings.Contains(err.Error(), "hhrecon_user_lower_name") {
		return nil, db.Errorf("the names of two users of the page differ only in upper and lower case: " +
			"remove one of them from the table hhrecon_user, and migrate again")
	}
	return done, err
}

func (s Migrator) createSample(ctx context.Context, tx *sqlx.Tx) error {
	var there bool
	if err := s.Get(ctx, tx, &there, query("table_exists").In(s.Dialect), db.Args{"name": "payins"}); err != nil || there {
		return err
	}
	_, err := tx.ExecContext(ctx, s.Sample)
	return err
}

// ErrNewer is the kind of the error if a newer hhrecon has migrated the database.
var ErrNewer = errors.New("the database is newer than the program")

// CheckSchema checks that hhrecon's tables exist and have the version that this program needs. CheckSchema returns
// ErrNewer if the tables are newer, because this program could write wrong data into them.
func (s Migrator) CheckSchema(ctx context.Context) error {
	const cure = `run "hhrecon migrate"`
	newest, err := s.newestVersion()
	if err != nil {
		return err
	}
	var version int64
	err = s.Get(ctx, s.Conn, &version, query("schema_version").In(s.Dialect), nil)
	switch {
	case db.IsMissingTable(err):
		err = db.Errorf("the database has no hhrecon tables; %s", cure)
	case err == nil && version < newest:
		err = db.Errorf("hhrecon's tables have version %d, but this hhrecon needs %d; %s", version, newest, cure)
	case err == nil && version > newest:
		err = &db.UserError{Kind: ErrNewer, Text: fmt.Sprintf("hhrecon's tables have version %d, "+
			"but this hhrecon knows versions up to %d: a newer hhrecon has migrated this database; install the newer "+
			"hhrecon here, or set HHRECON_DATABASE_URL to another database (a migration cannot be reverted)", version, newest)}
	}
	return s.WrapError(ctx, err)
}

// UnpartitionScript returns the SQL that turns a partitioned hhrecon_finding back into one table. UnpartitionScript
// returns "" if the table is not partitioned. Earlier versions could partition the table by month. The last partition
// has no upper bound, so PostgreSQL inserts the findings of all later runs there.
func (s Migrator) UnpartitionScript(ctx context.Context) (string, error) {
	if s.Dialect == db.SQLite {
		return "", nil
	}
	var script string
	err := s.Get(ctx, s.Conn, &script, query("unpartition").Postgres, nil)
	return script, s.WrapError(ctx, err)
}

// newestVersion returns the version of the newest migration.
func (s Migrator) newestVersion() (int64, error) {
	files, err := s.files()
	if err != nil {
		return 0, err
	}
	return files[len(files)-1].version, nil
}

type migration struct {
	version int64
	path    string
}

// files returns the migrations, oldest first. A file name begins with its three-digit version.
func (s Migrator) files() ([]migration, error) {
	folder := "migrations/postgres"
	if s.Dialect == db.SQLite {
		folder = "migrations/sqlite"
	}
	entries, err := s.Migrations.ReadDir(folder)
	if err != nil || len(entries) == 0 {
		return nil, cmp.Or(err, errors.New("there is no migration"))
	}
	files := make([]migration, len(entries))
	for i, entry := range entries {
		number, _, _ := strings.Cut(entry.Name(), "_")
		files[i].path = path.Join(folder, entry.Name())
		if files[i].version, err = strconv.ParseInt(number, 10, 64); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// RefreshStatistics updates PostgreSQL's statistics of the selection. Without them, the planner could read the
// merchant's whole table for each batch of corrections. RefreshStatistics covers only the necessary columns, because
// the run waits until it ends. If it fails, it logs the error and the run continues.
func (s Migrator) RefreshStatistics(ctx context.Context) {
	if s.Dialect != db.Postgres {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if _, err := s.Conn.ExecContext(ctx, "select hhrecon_analyze_selection()"); err != nil {
		s.Log.WarnContext(ctx, "cannot refresh PostgreSQL's statistics of the table "+
			"hhrecon_selection", "reason", strings.TrimSpace(err.Error()))
	}
}
