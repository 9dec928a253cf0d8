package main

import (
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// waitsForDatabase tells whether the process has said that it waits for the database.
func (p *process) waitsForDatabase() bool {
	return strings.Contains(p.err.String(), `"msg":"waiting for the database"`)
}

// TestDatabaseComesBack: a database costs no run if it is stopped when the run begins, or while it asks, or if it is
// full of connections. serve waits for it at its start.
func TestDatabaseComesBack(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts+", concurrency: 2", limitUnreachable(sandbox.Samples(60, 1, demoProject, time.Now())))
	want := s.uninterruptedRun()
	server := sqltest.MortalPostgres(t)
	s.load(server.URL)
	db := sqltest.DB(t, server.URL)
	db.SetMaxIdleConns(0) // no connection outlives a server
	payinsLog(t, db, true)
	db.MustExec(`create role few superuser login; alter role few nosuperuser connection limit 0;
		grant all on all tables in schema public to few; grant all on all sequences in schema public to few`)
	few := strings.Replace(server.URL, "postgres@", "few@", 1)
	for _, away := range []struct {
		name       string
		url        string
		gone, back func()
	}{
		{"stopped", server.URL, server.Stop, server.Start},
		{"full", few, func() {}, func() { db.MustExec("alter role few connection limit 10") }},
	} {
		away.gone()
		p := s.start(away.url, "run", "--payment-id", "none")
		if !p.waitFor(p.waitsForDatabase) {
			t.Fatalf("%s: it does not wait:\n%s", away.name, p.err.String())
		}
		away.back()
		p.wantStatus(exitUsage).wantOutput("nothing was done")
	}

	s.answerSlowly(50 * time.Millisecond)
	asked := s.requestCount()
	p := s.start(server.URL, "run")
	if !p.waitFor(func() bool { return s.requestCount() > asked+20 }) {
		t.Fatalf("it ends before it is disturbed:\n%s", p.err.String())
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

// TestLockedAtTheStart: a table that is locked is no wrong setting.
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
