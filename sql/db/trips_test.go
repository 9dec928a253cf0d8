package db_test

import (
	"testing"

	"hhrecon/sql/db"
	"hhrecon/sql/sqltest"
)

// A query is one round trip. The login takes additional round trips.
func TestRoundTrips(t *testing.T) {
	s, err := db.Open(sqltest.PostgresURL(t), nil, nil)
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
