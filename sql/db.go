package sql

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"github.com/jmoiron/sqlx"
)

// DB is a PostgreSQL or SQLite database, with its connections.
type DB struct {
	db      *sqlx.DB
	dialect dialect
	log     *slog.Logger

	writer chan struct{}    // SQLite's one writer: who holds the token writes
	trips  atomic.Int64     // round trips
	known  func(error) bool // an error that callers act on, which stays as it is
}

// openDB prepares the database that url names: postgres://… or postgresql://…, all that lib/pq takes,
// or sqlite:FILE. It connects to nothing yet, which Ping does. An error names the fault and never the password.
// Errors for which known is true pass unchanged through explain.
func openDB(url string, log *slog.Logger, known func(error) bool) (*DB, error) {
	if log == nil {
		log = slog.Default()
	}
	s := &DB{log: log, writer: make(chan struct{}, 1), known: known}
	var err error
	switch {
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		s.dialect = postgres
		s.db, err = openPostgres(url, log, &s.trips)
	case strings.HasPrefix(url, "sqlite:"):
		s.dialect = sqlite
		s.db, err = openSQLite(strings.TrimPrefix(url, "sqlite:"))
	case url == "":
		err = errors.New("no database: set HHRECON_DATABASE_URL to postgres://… or sqlite:FILE")
	default:
		err = errors.New("the database's URL must begin with postgres://, postgresql:// or sqlite:") //nolint:staticcheck // the colon is part of the URL
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Close gives all connections up.
func (s *DB) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// Ping connects to the database, or says why it cannot.
func (s *DB) Ping(ctx context.Context) error {
	var one int
	return s.explain(ctx, s.db.QueryRowxContext(ctx, "select 1").Scan(&one))
}

// RoundTrips is how often this process waited for an answer of PostgreSQL so far: a statement, or a transaction's begin
// or end. 0 for SQLite, which is in the process.
func (s *DB) RoundTrips() int64 { return s.trips.Load() }
