// Package db connects to PostgreSQL or SQLite for the packages in sql. It has statements with named parameters, rows
// that are read into structs by column names, transactions that are retried after transient errors, times and raw
// column values, and errors with messages for people. Package db does not use any table.
//
// Call Open first. A statement is loaded from a file (Queries.Load) or parsed (Parse). DB.List, DB.Get, DB.Exec and
// DB.SaveEach run it with Args, in a transaction of DB.Write, DB.WithTx or DB.Read. WithTx and Read return the driver's
// error. WrapError turns that error into a message for people.
package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// DB is a PostgreSQL or SQLite database with its connections.
type DB struct {
	Conn    *sqlx.DB
	Dialect Dialect
	Log     *slog.Logger
	Now     func() time.Time // this machine's clock
	Setting string           // the setting that contains the URL, for messages; default HHRECON_DATABASE_URL

	user   string        // PostgreSQL's user
	writer chan struct{} // for SQLite, a semaphore with one slot for the transaction that writes
	trips  atomic.Int64  // number of round trips

	// Guard is called before a transaction writes, unless Guard has succeeded within the last minute. If Guard returns
	// an error, the transaction is rejected. A nil Guard allows all transactions.
	Guard    func(context.Context) error
	writable atomic.Pointer[time.Time] // when the server and Guard last allowed writing
	warned   atomic.Pointer[time.Time] // when CheckClock last logged a warning
	known    func(error) bool          // errors that WrapError returns unchanged
}

// Open prepares a connection pool for url: postgres://… or postgresql://… with all options of lib/pq, or sqlite:FILE.
// Open does not connect. Ping connects. An error describes the cause and never contains the password. WrapError returns
// an error unchanged if the function known returns true for that error.
func Open(url string, log *slog.Logger, known func(error) bool) (*DB, error) {
	if log == nil {
		log = slog.Default()
	}
	d := &DB{Log: log, Now: time.Now, writer: make(chan struct{}, 1), known: known}
	var err error
	switch {
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		d.Dialect = Postgres
		d.Conn, d.user, err = openPostgres(url, log, &d.trips)
	case strings.HasPrefix(url, "sqlite:"):
		d.Dialect = SQLite
		d.Conn, err = openSQLite(strings.TrimPrefix(url, "sqlite:"))
	case url == "":
		err = errors.New("no database: set HHRECON_DATABASE_URL to postgres://… or sqlite:FILE")
	case otherDatabase.MatchString(url):
		err = fmt.Errorf("hhrecon needs PostgreSQL, and cannot use a database at %s: set HHRECON_DATABASE_URL to "+
			"postgres://…", otherDatabase.FindString(url))
	default:
		err = errors.New("the database's URL must begin with sqlite:, postgres:// or postgresql://")
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// otherDatabase matches the URLs of databases that merchants often have.
var otherDatabase = regexp.MustCompile(`^(?i:mysql|mariadb|sqlserver|mssql|oracle|mongodb)\b[^:]*://`)

// Close closes all connections.
func (d *DB) Close() error {
	if err := d.Conn.Close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// Ping connects to the database, or returns an error that says why the connection failed.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	return d.WrapError(ctx, d.Conn.QueryRowxContext(ctx, "select 1").Scan(&one))
}

// About connects to the database and describes it for people. A warning says what is wrong with the database.
func (d *DB) About(ctx context.Context) (about, warning string, err error) {
	if d.Dialect == SQLite {
		err = d.Conn.QueryRowxContext(ctx, "select file from pragma_database_list where name = 'main'").Scan(&about)
		about = "the SQLite file " + about + ". It stays in WAL mode: copy it together with its files -wal and -shm. " +
			"Times are text such as 2006-01-02T15:04:05.000000Z. worker, run --queue, init and migrate --grants need PostgreSQL"
		return about, "", d.WrapError(ctx, err)
	}
	var row struct{ Version, Role, Encoding string }
	err = d.Conn.QueryRowxContext(ctx, "select current_setting('server_version') as version, "+
		"cast(current_user as text) as role, current_setting('server_encoding') as encoding").StructScan(&row)
	if err == nil && row.Encoding != "UTF8" {
		warning = "the database's encoding is " + row.Encoding + ", which cannot store every text of HighHelp: " +
			"create the database with encoding 'UTF8' and template template0"
	}
	return "PostgreSQL " + row.Version + " as user " + row.Role, warning, d.WrapError(ctx, err)
}

// RoundTrips returns how often this process has waited for an answer of PostgreSQL. The number includes each statement,
// and each begin and end of a transaction. The number is 0 for SQLite, which runs in the process.
func (d *DB) RoundTrips() int64 { return d.trips.Load() }
