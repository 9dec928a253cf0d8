package sql

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

// Options are what Open needs beside the database.
type Options struct {
	SQLDir string       // the merchant's own queries (HHRECON_SQL_DIR); empty: the defaults
	Logger *slog.Logger // nil: slog.Default
	// Sentence renders a reason in English, to be kept beside its code and arguments; nil: reconcile.Reason.String.
	Sentence func(reconcile.Reason) string
}

// Store keeps runs, selections, findings and the merchant's payins in one database.
type Store struct {
	db       *sqlx.DB
	dialect  dialect
	log      *slog.Logger
	merchant merchant
	sentence func(reconcile.Reason) string
	writer   chan struct{} // SQLite's one writer: who holds the token writes

	searchDepth int   // how many findings a text is looked for in
	pruneSize   int64 // how many rows are taken out in one transaction
	trips       atomic.Int64
}

var (
	_ reconcile.Store     = (*Store)(nil)
	_ reconcile.Archive   = (*Store)(nil)
	_ reconcile.Steward   = (*Store)(nil)
	_ reconcile.Inbox     = (*Store)(nil)
	_ reconcile.Timetable = (*Store)(nil)
	_ reconcile.Ledger    = (*Store)(nil)
	_ reconcile.Finder    = (*Store)(nil)
	_ reconcile.Queue     = (*Store)(nil)
)

// Open prepares the database that url names: postgres://… or postgresql://…, all that lib/pq takes,
// or sqlite:FILE. It connects to nothing yet, which Ping does, and reads the merchant's queries, whose
// faults CheckQueries reports. An error names the fault and never the password.
func Open(_ context.Context, url string, o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Sentence == nil {
		o.Sentence = reconcile.Reason.String
	}
	s := &Store{
		log:         o.Logger,
		sentence:    o.Sentence,
		writer:      make(chan struct{}, 1),
		searchDepth: searchDepth,
		pruneSize:   pruneSize,
	}
	var err error
	switch {
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		s.dialect = postgres
		s.db, err = openPostgres(url, o.Logger, &s.trips)
	case strings.HasPrefix(url, "sqlite:"):
		s.dialect = sqlite
		s.db, err = openSQLite(strings.TrimPrefix(url, "sqlite:"))
	case url == "":
		err = errors.New("no database: set HHRECON_DATABASE_URL to postgres://… or sqlite:FILE")
	default:
		err = errors.New("the database's URL must begin with postgres://, postgresql:// or sqlite:") //nolint:staticcheck // the colon is part of the URL
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	s.merchant = readMerchant(o.SQLDir, s.dialect)
	return s, nil
}

// Close gives all connections up.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// Ping connects to the database, or says why it cannot.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.explain(ctx, s.db.QueryRowxContext(ctx, "select 1").Scan(&one))
}

// RoundTrips is how often this store waited for an answer of PostgreSQL so far: a statement, or a transaction's begin
// or end. 0 for SQLite, which is in the process.
func (s *Store) RoundTrips() int64 { return s.trips.Load() }
