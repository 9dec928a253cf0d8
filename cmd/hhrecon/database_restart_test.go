package main

import (
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// waitsForDatabase reports whether the process has logged that it waits for the database.
func (p *process) waitsForDatabase() bool {
	return strings.Contains(p.err.String(), `"msg":"waiting for the database"`)
}

// TestDatabaseComesBack checks that a run survives a database that has no free connection at the start, or that stops
// before or during the run. `hhrecon serve` must wait for the database at the start.
func TestDatabaseComesBack(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts+", concurrency: 2", limitUnreachable(sandbox.Samples(60, 1, demoProject, time.Now())))
	want := s.uninterruptedRun()
	server := sqltest.KillablePostgres(t)
	s.load(server.URL)
	db := sqltest.DB(t, server.URL)
	db.SetMaxIdleConns(0) // do not keep connections to a stopped server
	payinsLog(t, db, true)
	db.MustExec(`create role few superuser login; alter role few nosuperuser connection limit 0;
		grant all on all tables in schema public to few; grant all on all sequences in schema public to few`)
	few := strings.Replace(server.URL, "postgres@", "few@", 1)
	for _, outage := range []struct {
		name       string
		url        string
		begin, end func()
	}{
		{"stopped", server.URL, server.Stop, server.Start},
		{"full", few, func() {}, func() { db.MustExec("alter role few connection limit 10") }},
	} {
		outage.begin()
		p := s.start(outage.url, "run", "--payment-id", "none")
		if !p.waitFor(p.waitsForDatabase) {
			t.Fatalf("%s: the run does not wait for the database:\n%s", outage.name, p.err.String())
		}
		outage.end()
		p.wantStatus(exitUsage).wantOutput("nothing was done")
	}

	s.answerSlowly(50 * time.Millisecond)
	requests := s.requestCount()
	p := s.start(server.URL, "run")
	if !p.waitFor(func() bool { return s.requestCount() > requests+20 }) {
		t.Fatalf("the run ended before the outage:\n%s", p.err.String())
	}
	server.Stop()
	p.waitFor(p.waitsForDatabase)
	server.Start()
	p.wantStatus(exitUntrusted)
	if runs := queryCount(t, db, `select count(*) from hhrecon_run`); runs != 1 {
		t.Errorf("%d runs", runs)
	}
	checkConsistency(t, db)
	compareSnapshots(t, readSnapshot(t, db), want)

	server.Stop()
	p = s.start(server.URL, "serve", "--listen", "127.0.0.1:0")
	if !p.waitFor(p.waitsForDatabase) {
		t.Fatalf("serve does not wait:\n%s", p.err.String())
	}
	server.Start()
	if !p.waitFor(func() bool { return strings.Contains(p.out.String(), "hhrecon serves at") }) {
		t.Errorf("serve does not start:\n%s", p.err.String())
	}
}

// TestLockedAtTheStart checks the error about a table that is locked at the start of a command. The error must
// not blame a setting.
func TestLockedAtTheStart(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, openPayins(1))
	url, db := s.postgres()
	lock, err := db.Beginx()
	must(t, err)
	lock.MustExec("lock table payins")
	s.start(url+"&statement_timeout=300ms",
		"run").wantStatus(exitFailed).wantOutput("another transaction may keep a table locked")
	must(t, lock.Rollback())
	s.start(url, "run").wantStatus(exitOK)
}
