// Package db is what the package sql stands on: connections to PostgreSQL or SQLite, statements with named
// parameters, rows read into structs by the names of their columns, transactions that run again after a passing
// error, times and raw values as a column has them, and errors in words for people. It knows no table.
//
// Open comes first. A statement is loaded from a file (Queries.Load) or parsed (Parse), and runs with Args by
// DB.List, DB.Get, DB.Exec or DB.SaveEach in a transaction of DB.Write, DB.WithTx or DB.Read. WithTx and Read
// return the driver's error; WrapError makes one for people of it.
package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// DB is a PostgreSQL or SQLite database, with its connections.
type DB struct {
	Conn    *sqlx.DB
	Dialect Dialect
	Log     *slog.Logger
	Now     func() time.Time // this machine's clock

	writer chan struct{} // SQLite's one writer: who holds the token writes
	trips  atomic.Int64  // round trips

	// Guard is asked before a transaction writes, and again after a minute; its error refuses it. Nil: nothing.
	Guard    func(context.Context) error
	writable atomic.Pointer[time.Time] // when the server and Guard let transactions write, last
	warned   atomic.Pointer[time.Time] // of clocks that are apart, last
	known    func(error) bool          // an error that callers act on, which stays as it is
}

// Open prepares the database that url names: postgres://… or postgresql://…, all that lib/pq takes,
// or sqlite:FILE. It connects to nothing yet, which Ping does. An error names the fault and never the password.
// Errors for which known is true pass unchanged through explain.
func Open(url string, log *slog.Logger, known func(error) bool) (*DB, error) {
	if log == nil {
		log = slog.Default()
	}
	d := &DB{Log: log, Now: time.Now, writer: make(chan struct{}, 1), known: known}
	var err error
	switch {
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		d.Dialect = Postgres
		d.Conn, err = openPostgres(url, log, &d.trips)
	case strings.HasPrefix(url, "sqlite:"):
		d.Dialect = SQLite
		d.Conn, err = openSQLite(strings.TrimPrefix(url, "sqlite:"))
	case url == "":
		err = errors.New("no database: set HHRECON_DATABASE_URL to postgres://… or sqlite:FILE")
	default:
		err = errors.New("the database's URL must begin with sqlite:, postgres:// or postgresql://")
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Close gives all connections up.
func (d *DB) Close() error {
	if err := d.Conn.Close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// Ping connects to the database, or says why it cannot.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	return d.WrapError(ctx, d.Conn.QueryRowxContext(ctx, "select 1").Scan(&one))
}

// RoundTrips is how often this process waited for an answer of PostgreSQL so far: a statement, or a transaction's begin
// or end. 0 for SQLite, which is in the process.
func (d *DB) RoundTrips() int64 { return d.trips.Load() }
