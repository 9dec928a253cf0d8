package main

import (
	"strings"
	"testing"

	"hhrecon/sql/sqltest"
)

// TestTempDatabase checks that drop removes the database even if a connection to it is open.
func TestTempDatabase(t *testing.T) {
	server := sqltest.PostgresURL(t)
	d, err := createTempDatabase(t.Context(), server, "hhrecon_temp_")
	must(t, err)
	db, err := connect(d.url)
	must(t, err)
	defer func() { _ = db.Close() }() // drop also closes the connections of db
	must(t, db.PingContext(t.Context()))
	if name, err := databaseVersion(t.Context(), d.url); err != nil || !strings.HasPrefix(name, "PostgreSQL ") {
		t.Errorf("%q, %v", name, err)
	}
	must(t, d.drop(t.Context()))
	if n := queryCount(t, sqltest.DB(t, server), "select count(*) from pg_database where datname = '"+d.name+"'"); n != 0 {
		t.Errorf("%d databases left", n)
	}
	if _, err := createTempDatabase(t.Context(), "sqlite:x", "hhrecon_temp_"); err == nil {
		t.Error("a URL without a server is accepted")
	}
}
