package sql_test

import (
	"log/slog"
	"strings"
	"testing"

	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// A scratch database is one of its own, and gone after it is dropped, whoever is still connected to it.
func TestScratch(t *testing.T) {
	server := sqltest.PostgresURL(t)
	d, err := sql.CreateScratch(t.Context(), server, "hhrecon_scratch_")
	if err != nil {
		t.Fatal(err)
	}
	s, err := sql.Open(t.Context(), d.URL, sql.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // whose connections Drop has ended
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if name, err := s.Server(t.Context()); err != nil || !strings.HasPrefix(name, "PostgreSQL ") {
		t.Errorf("%q, %v", name, err)
	}
	// A question is one round trip, beside those of signing in.
	before := s.RoundTrips()
	for range 10 {
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := s.RoundTrips() - before; before < 2 || n != 10 {
		t.Errorf("%d round trips, and %d for ten questions", before, n)
	}
	if err := d.Drop(t.Context()); err != nil {
		t.Error(err)
	}
	var left int
	if err := sqltest.DB(t, server).Get(&left, "select count(*) from pg_database where datname = '"+d.Name+"'"); err != nil || left != 0 {
		t.Errorf("%d left, %v", left, err)
	}
	if _, err := sql.CreateScratch(t.Context(), "sqlite:x", "hhrecon_scratch_"); err == nil {
		t.Error("SQLite has no server")
	}
}
