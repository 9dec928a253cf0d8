// Package schema creates hhrecon's own tables, brings them up to date, and tells which version they are of.
package schema

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"hhrecon/sql/db"
)

// table is where goose notes which migrations were applied.
const table = "hhrecon_schema"

//go:embed queries
var queryFiles embed.FS

// Files are the package's statements.
var Files = db.NewQueries(queryFiles)

var (
	lockSchemaQuery    = Files.Load("lock_schema")
	schemaVersionQuery = Files.Load("schema_version")
	tableExistsQuery   = Files.Load("table_exists")
	unpartitionQuery   = Files.Load("unpartition")
)

// Migrator keeps the tables of a database up to date.
type Migrator struct {
	*db.DB
	Migrations embed.FS                        // in folders migrations/postgres and migrations/sqlite
	Sample     string                          // the statements that create the default table payins
	After      func(ctx context.Context) error // completes what migrations did
}

// Options say what Migrate makes beside hhrecon's own tables.
type Options struct {
	SampleSchema bool // the default table payins, where there is no table of that name
}

// Migrate creates hhrecon's own tables, or brings them up to date. Any number of processes may do it at
// once.
func (s Migrator) Migrate(ctx context.Context, o Options) error {
	err := s.CheckSchema(ctx)
	if errors.Is(err, ErrNewer) {
		return err
	}
	err = s.migrate(ctx)
	for try := 1; err != nil && s.Dialect == db.SQLite && try < db.MaxTries && ctx.Err() == nil; try++ {
		// SQLite has no lock to hold over several transactions: another process may have been faster,
		// and then there is nothing left to do. What is truly wrong fails again.
		time.Sleep(time.Duration(try) * 20 * time.Millisecond)
		err = s.migrate(ctx)
	}
	if err == nil {
		err = s.After(ctx)
	}
	if err == nil && o.SampleSchema {
		err = s.WhileLocked(ctx, func(tx *sqlx.Tx) error { return s.createSample(ctx, tx) })
	}
	return s.WrapError(ctx, err)
}

func (s Migrator) migrate(ctx context.Context) error {
	if s.Dialect == db.SQLite {
		return s.goUp(ctx, database.DialectSQLite3, "migrations/sqlite")
	}
	// Others wait for the end of this transaction, while goose works on a connection of its own.
	return s.WhileLocked(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, "set local idle_in_transaction_session_timeout = 0"); err != nil {
			return err
		}
		return s.goUp(ctx, database.DialectPostgres, "migrations/postgres")
	})
}

// lockPause is how long a process waits before it asks again whether another one still migrates.
const lockPause = 50 * time.Millisecond

// WhileLocked runs f in a transaction that no other process's runs beside.
func (s Migrator) WhileLocked(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	if s.Dialect == db.SQLite { // it has one writer anyway
		return s.WithTx(ctx, db.RetryConflict, f)
	}
	for {
		var locked bool
		err := s.WithTx(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
			if err := s.Get(ctx, tx, &locked, lockSchemaQuery.Postgres, nil); err != nil || !locked {
				return err
			}
			return f(tx)
		})
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

func (s Migrator) goUp(ctx context.Context, d database.Dialect, folder string) error {
	files, err := fs.Sub(s.Migrations, folder)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(d, s.Conn.DB, files, goose.WithTableName(table),
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return err
	}
	results, err := provider.Up(ctx)
	for _, r := range results {
		s.Log.InfoContext(ctx, "migrated", "migration", r.Source.Path, "duration", r.Duration)
	}
	return err
}

func (s Migrator) createSample(ctx context.Context, tx *sqlx.Tx) error {
	var there bool
	if err := s.Get(ctx, tx, &there, tableExistsQuery.In(s.Dialect), db.Args{"name": "payins"}); err != nil || there {
		return err
	}
	_, err := tx.ExecContext(ctx, s.Sample)
	return err
}

// ErrNewer is the kind of the error that says that a newer hhrecon has migrated the database.
var ErrNewer = errors.New("the database is newer than the program")

// CheckSchema tells whether hhrecon's tables are there and of the version that this program knows. Newer ones are
// ErrNewer: this program would write what they no longer mean.
func (s Migrator) CheckSchema(ctx context.Context) error {
	const cure = `run "hhrecon migrate"`
	newest, err := s.newestVersion()
	if err != nil {
		return err
	}
	var version int64
	err = s.Get(ctx, s.Conn, &version, schemaVersionQuery.In(s.Dialect), nil)
	switch {
	case db.IsMissingTable(err):
		err = db.Errorf("the database has no tables of hhrecon's; %s", cure)
	case err == nil && version < newest:
		err = db.Errorf("hhrecon's tables are of version %d, this hhrecon needs %d; %s", version, newest, cure)
	case err == nil && version > newest:
		err = &db.UserError{Kind: ErrNewer, Text: fmt.Sprintf("hhrecon's tables are of version %d, "+
			"this hhrecon knows versions up to %d: a newer hhrecon has migrated this database; install that one here, "+
			"or point HHRECON_DATABASE_URL to another database (a migration is not taken back)", version, newest)}
	}
	return s.WrapError(ctx, err)
}

// UnpartitionScript returns the SQL that makes hhrecon_finding one table again; "" if it is one. Earlier versions could
// partition it by month. PostgreSQL inserts the findings of all later runs into the last partition, which has no upper
// end.
func (s Migrator) UnpartitionScript(ctx context.Context) (string, error) {
	if s.Dialect == db.SQLite {
		return "", nil
	}
	var script string
	err := s.Get(ctx, s.Conn, &script, unpartitionQuery.Postgres, nil)
	return script, s.WrapError(ctx, err)
}

// newestVersion is the version of the newest migration.
func (s Migrator) newestVersion() (int64, error) {
	folder := "migrations/postgres"
	if s.Dialect == db.SQLite {
		folder = "migrations/sqlite"
	}
	files, err := s.Migrations.ReadDir(folder)
	if err != nil {
		return 0, err
	}
	if len(files) == 0 {
		return 0, errors.New("there is no migration")
	}
	return goose.NumericComponent(files[len(files)-1].Name())
}
