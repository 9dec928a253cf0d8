package sql_test

import (
	"log/slog"
	"testing"

	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// A question is one round trip, beside those of signing in.
func TestRoundTrips(t *testing.T) {
	s, err := sql.Open(t.Context(), sqltest.PostgresURL(t), sql.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := s.RoundTrips()
	for range 10 {
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := s.RoundTrips() - before; before < 2 || n != 10 {
		t.Errorf("%d round trips, and %d for ten questions", before, n)
	}
}
