package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// TestDatabaseDies stops or kills PostgreSQL in every stage of a run. TestDatabaseDies restarts PostgreSQL immediately
// or after the run has failed. TestDatabaseDies compares the result with the result of an uninterrupted run.
// HHRECON_STOPS is the number of stops.
func TestDatabaseDies(t *testing.T) {
	t.Parallel()
	var server *sqltest.KillableServer
	stops := 0
	k := newInterrupter(t, somePayins, sizeFromEnv(t, "HHRECON_STOPS", 4), func(p *process) {
		stop := server.Stop
		if stops%2 == 1 {
			stop = server.Kill
		}
		stop()
		if stops/2%2 == 0 {
			p.wait() // without a database the run cannot continue
		}
		server.Start()
		stops++
	})
	k.repeat(t, func(t *testing.T) {
		server = sqltest.KillablePostgres(t)
		s := k.fixture(t)
		want := s.uninterruptedRun()
		s.load(server.URL)
		db := sqltest.DB(t, server.URL)
		db.SetMaxIdleConns(0) // do not keep connections to a stopped server
		payinsLog(t, db, true)
		k.interruptRuns(s, server.URL, db)
		s.finishAndCompare(server.URL, db, want)
	})
	k.report("stops of PostgreSQL")
}

// TestConnectionsBreak executes runs through a proxy that cuts, blocks or slows all connections to PostgreSQL.
// HHRECON_CUTS is the number of interruptions.
func TestConnectionsBreak(t *testing.T) {
	t.Parallel()
	var between *proxy
	breaks := 0
	k := newInterrupter(t, somePayins, sizeFromEnv(t, "HHRECON_CUTS", 4), func(*process) {
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
	k.repeat(t, func(t *testing.T) {
		s := k.fixture(t)
		want := s.uninterruptedRun()
		url, db := s.postgres()
		payinsLog(t, db, true)
		between, url = newProxy(t, url)
		k.interruptRuns(s, url, db)
		between.slow(0)
		s.finishAndCompare(url, db, want)
	})
	k.report("breaks of connections")
}

// TestConnectionsVanish blocks all connections to PostgreSQL permanently. hhrecon must end, and the next run must
// finish the interrupted run.
func TestConnectionsVanish(t *testing.T) {
	t.Parallel()
	if sizeFromEnv(t, "HHRECON_CUTS", 0) == 0 {
		t.Skip("it takes a minute: set HHRECON_CUTS")
	}
	s := newFixture(t, longTimeouts, limitUnreachable(sandbox.Samples(somePayins, 1, demoProject, time.Now())))
	want := s.uninterruptedRun()
	direct, db := s.postgres()
	payinsLog(t, db, true)
	between, url := newProxy(t, direct)
	asked := s.requestCount()
	p := s.start(url+"&statement_timeout=5s", "run", "--database-wait", "0s")
	if !p.waitFor(func() bool { return s.requestCount() > asked+somePayins/2 }) {
		t.Fatalf("the run ended before the fault:\n%s", p.err.String())
	}
	between.hold()
	began := time.Now()
	p.wantStatus(exitFailed)
	t.Logf("exit %d, %s after the last byte", p.status, time.Since(began).Round(time.Second))
	between.release()
	s.finishAndCompare(url, db, want)
}

// TestDatabaseDown checks that the error about an unavailable database does not blame a setting.
func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, nil)
	s.start("postgres://hhrecon@127.0.0.1:1/shop?sslmode=disable", "run", "--database-wait", "1s").
		wantStatus(exitFailed).wantOutput("connection refused", "waiting for the database")
}

// TestNewerSchema checks that all commands refuse tables that a newer hhrecon has migrated.
func TestNewerSchema(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, openPayins(1))
	url := sqltest.SQLiteURL(t)
	db := sqltest.DB(t, url)
	before := queryCount(t, db, "select max(version_id) from hhrecon_schema")
	db.MustExec("insert into hhrecon_schema (version_id, is_applied) values (900, true)")
	for _, line := range []string{
		"migrate", "migrate --sample-schema", "run", "run --dry-run", "run --resume 1", "check", "runs", "show 1",
		"report --run 1", "deliver", "release 1", "discard 1", "undo 1", "undo 1 --dry-run",
		"decide --payment-id P --keep --note n --by b", "support list", "support mark sent --all new --by b", "verify",
		"replay 1", "prune", "schedules", "user list", "user remove x", "serve --listen 127.0.0.1:0", "worker",
	} {
		versions := fmt.Sprintf("version 900, but this hhrecon knows versions up to %d", before)
		s.refuses(url, line, versions, "install the newer hhrecon")
	}
	if n := queryCount(t, db, "select count(*) from hhrecon_run"); n != 0 {
		t.Errorf("%d runs", n)
	}
}

// TestMigratedWhileServing checks that a service runs nothing after a newer hhrecon has migrated the tables.
func TestMigratedWhileServing(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	s := newFixture(t, longTimeouts, openPayins(1))
	url := sqltest.SQLiteURL(t)
	db := sqltest.DB(t, url)
	s.load(url)
	s.jobs(`name: nightly, cron: "* * * * * *", do: reconcile`)
	p, _ := s.serve(url)
	waitForCount(t, p, db, 1, "select count(*) > 0 from hhrecon_run where closed_at is not null")
	db.MustExec("insert into hhrecon_schema (version_id, is_applied) values (900, true)")
	const refusal = "tables have version 900, but this hhrecon knows versions up to"
	deadline := time.Now().Add(waitLimit)
	p.waitFor(func() bool { return strings.Contains(p.err.String(), refusal) || time.Now().After(deadline) })
	p.wantOutput(refusal)
	const runs = "select count(*) from hhrecon_run"
	before, began := queryCount(t, db, runs), time.Now()
	db.MustExec("update hhrecon_run set state = 'interrupted', closed_at = null where id = 1")
	p.waitFor(func() bool { return time.Since(began) > 2500*time.Millisecond })
	p.stop()
	if after := queryCount(t, db, runs+" where state <> 'interrupted'"); after != before-1 {
		t.Errorf("%d runs, then %d besides the interrupted one", before, after)
	}
}

// refuses runs a command in this process. The command must exit with status 2 and print the texts.
func (s *fixture) refuses(url, line string, texts ...string) {
	s.t.Helper()
	env := map[string]string{"HHRECON_DATABASE_URL": url, "HHRECON_API_URL": s.url}
	args := append([]string{"--schedules", filepath.Join(s.dir, "schedules.yaml")}, strings.Fields(line)...)
	var out bytes.Buffer
	status := run(s.t.Context(), args, func(name string) string { return env[name] }, &out, &out)
	for _, text := range texts {
		if status != exitUsage || !strings.Contains(out.String(), text) {
			s.t.Errorf("%s: exits with status %d and does not print %q:\n%s", line, status, text, out.String())
		}
	}
}

// TestReadOnly sets default_transaction_read_only in several places. Commands that write must exit with an error, and
// commands that only read must work. A dry run must have its usual result.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, limitUnreachable(sandbox.Samples(60, 1, demoProject, time.Now())))
	url, db := s.postgres()
	want := s.start(url, "run", "--dry-run", "--json").wantStatus(exitOK, exitUntrusted, exitHeld).results()[0]
	before := queryCount(t, db, "select count(*) from hhrecon_finding")
	byURL := url + "&default_transaction_read_only=on"
	const says = "default_transaction_read_only is on"
	for _, line := range []string{
		"migrate", "run", "serve --listen 127.0.0.1:0", "worker", "undo 1", "user remove x", "check",
		"support mark sent --all new --by b",
	} {
		s.refuses(byURL, line, says)
	}
	for _, line := range []string{"runs", "show 1", "report --run 1 --out r.xlsx", "verify", "support list"} {
		s.start(byURL, strings.Fields(line)...).wantStatus(exitOK)
	}
	var name string
	must(t, db.Get(&name, "select quote_ident(current_database())"))
	db.MustExec("alter database " + name + " set default_transaction_read_only = on")
	s.start(url, "run").wantStatus(exitUsage).wantOutput(says)
	p := s.start(url, "run", "--dry-run", "--json").wantStatus(exitOK, exitUntrusted, exitHeld)
	got := p.wantOutput("works on a copy of the payins").results()[0]
	if got.Selected != want.Selected || got.Headline != want.Headline || !reflect.DeepEqual(got.Outcomes, want.Outcomes) ||
		got.Corrections != want.Corrections {
		t.Errorf("read-only: %+v\nwritable: %+v", got, want)
	}
	if n := queryCount(t, db, "select count(*) from hhrecon_finding"); n != before {
		t.Errorf("%d findings, before: %d", n, before)
	}
}

// TestClocks checks that a run warns if the clocks of the machine and the database differ by more than a minute. The
// run must not start if the clocks differ by more than an hour. `hhrecon check` must report the same difference.
func TestClocks(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, openPayins(1))
	url, db := s.postgres()
	env := s.env
	for _, c := range []struct {
		ahead         string
		status, check int
		says          string
	}{
		{"50s", exitOK, exitOK, ""},
		{"-50s", exitOK, exitOK, ""},
		{"70s", exitOK, exitOK, "the database server's clock is 1m10s behind this machine's clock"},
		{"-59m", exitOK, exitOK, "the database server's clock is 59m0s ahead of this machine's clock"},
		{"61m", exitUsage, exitUsage, "the database server's clock is 1h1m0s behind this machine's clock"},
		{"-61m", exitUsage, exitUsage, "the database server's clock is 1h1m0s ahead of this machine's clock"},
	} {
		before := queryCount(t, db, "select count(*) from hhrecon_run")
		s.env = append(env, clockOffset+"="+c.ahead)
		p := s.start(url, "run").wantStatus(c.status)
		check := s.start(url, "check").wantStatus(c.check)
		if c.says != "" {
			p.wantOutput(c.says)
			check.wantOutput(map[int]string{exitOK: "WARN", exitUsage: "FAIL"}[c.check] + "  the database's clock: " + c.says)
		} else if strings.Contains(p.err.String()+check.out.String(), "clock is") {
			t.Errorf("%s: %s%s", c.ahead, p.err.String(), check.out.String())
		}
		if more := queryCount(t, db, "select count(*) from hhrecon_run") - before; (more == 1) != (c.status == exitOK) {
			t.Errorf("%s: %d runs", c.ahead, more)
		}
	}
	s.env = append(env, clockOffset+"=61m")
	db.MustExec("update hhrecon_run set state = 'interrupted', closed_at = null where id = 1")
	s.start(url, "run", "--resume", "1").wantStatus(exitUsage).wantOutput("clocks are more than an hour apart")
}

// TestChangedDefaults checks that `hhrecon check` and the first run after an upgrade report the defaults that differ
// from the last run.
func TestChangedDefaults(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts+", hold_above: {count: 7}", openPayins(1))
	url := sqltest.SQLiteURL(t)
	s.load(url)
	db := sqltest.DB(t, url)
	const run, check, change = "first run after an upgrade", "defaults changed since the last run", "accept_within was"
	silent := func(p *process) {
		t.Helper()
		if text := p.wantStatus(exitOK).out.String() + p.err.String(); strings.Contains(text, change) {
			t.Errorf("%q: %s", p.cmd.Args, text)
		}
	}
	silent(s.start(url, "check"))
	silent(s.start(url, "run"))
	silent(s.start(url, "run"))
	// Replace the rules of the stored runs by the rules of an old version.
	db.MustExec(`update hhrecon_run set rules = '{"grace": 900000000000, "different_amount": "hold"}'`)
	s.start(url, "check").wantStatus(exitOK).wantOutput(check, change, "without limit and is 10.00 %")
	p := s.start(url, "run").wantStatus(exitOK).wantOutput(run, change)
	if strings.Contains(p.err.String(), "hold_above count") {
		t.Errorf("a setting is reported as a changed default: %s", p.err.String())
	}
	silent(s.start(url, "run"))
	silent(s.start(url, "check"))
}
