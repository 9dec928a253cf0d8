package main

import (
	"math/rand/v2"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// TestDatabaseDies stops PostgreSQL immediately, or kills it, in every stage of a run and starts it again,
// at once or after the run has given up, and compares what comes out with an undisturbed run. The number
// of stops is HHRECON_STOPS.
func TestDatabaseDies(t *testing.T) {
	t.Parallel()
	var server *sqltest.Mortal
	stops := 0
	k := newKiller(t, somePayins, fromEnv(t, "HHRECON_STOPS", 4), func(p *process) {
		stop := server.Stop
		if stops%2 == 1 {
			stop = server.Kill
		}
		stop()
		if stops/2%2 == 0 {
			p.wait() // without a database there is nothing left to do
		}
		server.Start()
		stops++
	})
	k.stories(t, func(t *testing.T) {
		server = sqltest.MortalPostgres(t)
		s := k.scene(t)
		want := s.undisturbed()
		s.load(server.URL)
		db := sqltest.DB(t, server.URL)
		db.SetMaxIdleConns(0) // no connection outlives a server
		payinsLog(t, db, true)
		k.story(s, server.URL, db)
		s.epilogue(server.URL, db, want)
	})
	k.report("stops of PostgreSQL")
}

// TestConnectionsBreak puts a proxy between hhrecon and PostgreSQL which cuts all connections, or lets
// nothing through for a while, or little. The number of breaks is HHRECON_CUTS.
func TestConnectionsBreak(t *testing.T) {
	t.Parallel()
	var between *proxy
	breaks := 0
	k := newKiller(t, somePayins, fromEnv(t, "HHRECON_CUTS", 4), func(*process) {
		switch breaks % 4 {
		case 0, 2:
			between.cut()
		case 1:
			between.hold()
			time.Sleep(rand.N(3 * time.Second))
			between.release()
		case 3:
			between.slow(20 * time.Millisecond)
		}
		breaks++
	})
	k.stories(t, func(t *testing.T) {
		s := k.scene(t)
		want := s.undisturbed()
		url, db := s.postgres()
		payinsLog(t, db, true)
		between, url = newProxy(t, url)
		k.story(s, url, db)
		between.slow(0)
		s.epilogue(url, db, want)
	})
	k.report("breaks of connections")
}

// TestConnectionsVanish lets nothing through any more, for good: hhrecon does not wait for ever, and the
// next run finishes what it began.
func TestConnectionsVanish(t *testing.T) {
	t.Parallel()
	if fromEnv(t, "HHRECON_CUTS", 0) == 0 {
		t.Skip("it takes a minute: set HHRECON_CUTS")
	}
	s := newScene(t, patient, steady(sandbox.Samples(somePayins, 1, demoProject, time.Now())))
	want := s.undisturbed()
	direct, db := s.postgres()
	payinsLog(t, db, true)
	between, url := newProxy(t, direct)
	asked := s.asked()
	p := s.start(url+"&statement_timeout=5s", "run", "--database-wait", "0s")
	if !p.until(func() bool { return s.asked() > asked+somePayins/2 }) {
		t.Fatalf("it ends before it is disturbed:\n%s", p.err.String())
	}
	between.hold()
	began := time.Now()
	p.want(exitFailed)
	t.Logf("exit %d, %s after the last byte", p.status, time.Since(began).Round(time.Second))
	between.release()
	s.epilogue(url, db, want)
}

// TestDatabaseDown tells a database that is down from a wrong setting: a later try may go well.
func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	s := newScene(t, patient, nil)
	s.start("postgres://hhrecon@127.0.0.1:1/shop?sslmode=disable", "run", "--database-wait", "1s").
		want(exitFailed).says("connection refused", "waiting for the database")
}
