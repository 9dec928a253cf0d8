package main

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// TestWorkers runs a queued run with four workers and kills two of them. HHRECON_WORKERS is the number of payins,
// HHRECON_WORKERS_RATE the project's rate.
func TestWorkers(t *testing.T) {
	t.Parallel()
	const few = 2200
	payins, rate := sizeFromEnv(t, "HHRECON_WORKERS", few), sizeFromEnv(t, "HHRECON_WORKERS_RATE", 400)
	f := newWorkerGroup(t, sandbox.Options{}, payins, false)
	f.limit(rate)
	began := time.Now()
	run := f.queue()
	f.startWorkers(4)
	for kill := range 2 {
		at := int64(payins) * int64(kill+1) / 3
		if !run.waitFor(func() bool { return f.judgedUpTo() >= at }) {
			f.logWorkers()
			t.Fatalf("the run ended before workers were killed:\n%s", run.err.String())
		}
		f.workers[kill].kill()
	}
	killed := time.Now()
	var dead []string
	for _, p := range f.workers[:2] {
		dead = append(dead, fmt.Sprintf("%%:%d", p.cmd.Process.Pid))
	}
	f.waitForRow("others take what the dead had",
		`select 1 - least(1, count(*)) from hhrecon_batch where state = 'working' and (worker like $1 or worker like $2)`,
		dead[0], dead[1])
	free := time.Since(killed)
	run.wantStatus(exitUntrusted)
	took := time.Since(began)
	f.stopWorkers()
	f.check()
	stats := f.box.Stats()
	most := 1.5 // on a busy machine, the test counts requests late
	if payins > few {
		most = 1.05
	}
	if float64(stats.MostInASecond) > float64(rate)*most {
		t.Errorf("%d requests in a second, at a rate of %d", stats.MostInASecond, rate)
	}
	t.Logf("%d payins, %d requests in %s, %.1f a second; at most %d in any second at a rate of %d; others had what the "+
		"dead had %s after the last kill; %d batches of %d were tried again",
		run.results()[0].Selected, stats.Total, took.Round(time.Millisecond), float64(stats.Total)/took.Seconds(),
		stats.MostInASecond, rate,
		free.Round(time.Millisecond), queryCount(t, f.db, `select count(*) from hhrecon_batch where attempt > 1`),
		queryCount(t, f.db, `select count(*) from hhrecon_batch`))
}

// TestWorkersKilledClosing kills the worker that finalises the run, while it settles and while it writes the report.
func TestWorkersKilledClosing(t *testing.T) {
	t.Parallel()
	f := newWorkerGroup(t, sandbox.Options{}, somePayins, true)
	f.db.MustExec(`
		create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(2); return new; end $$;
		create trigger announce before insert on hhrecon_report for each row execute function dawdle();`)
	run := f.queue()
	f.startWorkers(3)
	f.waitForRow("the run settles", `select count(*) from hhrecon_finding`)
	f.finalisingWorker().kill()
	f.waitForRow("another worker has closed the run", `select count(*) from hhrecon_run where closed_at is not null`)
	f.finalisingWorker().kill()
	run.wantStatus(exitUntrusted)
	f.stopWorkers()
	f.check()
	if n := queryCount(t, f.db, `select attempt from hhrecon_batch where number = 0`); n < 3 {
		t.Errorf("finalising was attempted %d times", n)
	}
}

// TestWorkersAllKilled kills all workers and starts a new one.
func TestWorkersAllKilled(t *testing.T) {
	t.Parallel()
	f := newWorkerGroup(t, sandbox.Options{}, somePayins, false)
	f.limit(400)
	run := f.queue()
	f.startWorkers(2)
	if !run.waitFor(func() bool { return f.judgedUpTo() > 0 }) {
		t.Fatalf("the run ended too early:\n%s", run.err.String())
	}
	for _, p := range f.workers {
		p.kill()
	}
	f.startWorkers(1)
	run.wantStatus(exitUntrusted)
	f.stopWorkers()
	f.check()
}

// TestWorkersStopped stops a worker by SIGTERM. Another worker must get the stopped worker's batches immediately. All
// connections use PgBouncer in transaction pooling mode.
func TestWorkersStopped(t *testing.T) {
	t.Parallel()
	f := newWorkerGroup(t, sandbox.Options{}, somePayins, false)
	f.url = sqltest.PgBouncerURL(t, f.url)
	f.limit(400)
	run := f.queue()
	f.startWorkers(1)
	if !run.waitFor(func() bool { return f.judgedUpTo() > 0 }) {
		t.Fatalf("the run ended too early:\n%s", run.err.String())
	}
	f.startWorkers(1)
	f.workers[0].stop()
	f.workers[0].wantOutput("batch released")
	run.wantStatus(exitUntrusted)
	page := f.metrics(f.workers[1])
	f.stopWorkers()
	f.check()
	if n := queryCount(t, f.db, `select count(*) from hhrecon_batch where attempt > 1`); n != 0 {
		t.Errorf("%d batches have two attempts", n)
	}
	labels := `{project="` + demoProject + `",project_id="` + demoProject + `"`
	for _, line := range []string{
		`hhrecon_batches_total` + labels + `,result="taken_over"} 0`,
		`hhrecon_river_jobs{queue="hhrecon_` + demoProject + `",state="completed"} `,
		`hhrecon_river_jobs_fetched_total` + labels + `} `,
	} {
		if !strings.Contains(page, line) {
			t.Errorf("/metrics does not contain %q:\n%s", line, page)
		}
	}
}

var watchedAt = regexp.MustCompile(`http://\S+/metrics`)

// metrics returns a worker's /metrics page.
func (f *workerGroup) metrics(p *process) string {
	f.t.Helper()
	answer, err := http.Get(watchedAt.FindString(p.out.String()))
	must(f.t, err)
	text, err := io.ReadAll(answer.Body)
	must(f.t, err)
	must(f.t, answer.Body.Close())
	return string(text)
}

// TestWorkersRefused makes HighHelp refuse the keys. All workers must stop sending requests, and the run's payins must
// be unreachable. With correct keys, the next run must request the same payins.
func TestWorkersRefused(t *testing.T) {
	t.Parallel()
	clock := &testClock{by: time.Hour}
	f := newWorkerGroup(t, sandbox.Options{Now: clock.now}, somePayins, false)
	run := f.queue()
	f.startWorkers(2)
	run.wantStatus(exitFailed).wantOutput("HighHelp refuses the keys", "without an answer about",
		"before the next run queries HighHelp again")
	f.waitForRow("no worker is busy", `select 1 - least(1, count(*)) from river_job where state = 'running'`)
	if asked := f.requestCount(); asked > 2*2*32 { // only requests in progress may follow the refusal
		t.Errorf("HighHelp received %d requests", asked)
	}
	clock.set(0)
	f.queue().wantStatus(exitUntrusted)
	f.waitForRow("no job is left",
		`select 1 - least(1, count(*)) from river_job where state not in ('completed', 'discarded', 'cancelled')`)
	f.stopWorkers()
	if n := queryCount(t, f.db,
		`select count(*) from hhrecon_finding where run_id = 1 and outcome <> 'unreachable'`); n != 0 {
		t.Errorf("%d payins are not unreachable", n)
	}
	checkConsistency(t, f.db)
}

// TestWorkersFrozen suspends a worker until other workers reclaim its batches. After the worker resumes, the worker
// must not change anything.
func TestWorkersFrozen(t *testing.T) {
	if sizeFromEnv(t, "HHRECON_WORKERS", 0) == 0 {
		t.Skip("the server keeps the transaction of a stopped worker for a long time: set HHRECON_WORKERS")
	}
	t.Parallel()
	f := newWorkerGroup(t, sandbox.Options{}, somePayins, false)
	f.limit(400)
	run := f.queue()
	f.startWorkers(1)
	if !run.waitFor(func() bool { return f.judgedUpTo() > 0 }) {
		t.Fatalf("the run ended too early:\n%s", run.err.String())
	}
	f.workers[0].signal(syscall.SIGSTOP)
	f.startWorkers(1)
	run.wantStatus(exitUntrusted)
	f.workers[0].signal(syscall.SIGCONT)
	// The worker detects that it has lost the lease at its current statement or at the next statement.
	noticed := regexp.MustCompile(`"msg":"batch (lost to another process|failed)"`)
	if !f.workers[0].waitFor(func() bool { return noticed.MatchString(f.workers[0].err.String()) }) {
		t.Error("the suspended worker does not detect that it lost its batch")
	}
	f.stopWorkers()
	f.check()
}

// TestQueueCommands checks the conditions under which hhrecon does not queue a run. It also checks a run for
// which no process waits.
func TestQueueCommands(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, limitUnreachable(sandbox.Samples(60, 1, demoProject, time.Now())))
	url, db := s.postgres()
	payinsLog(t, db, false)
	for _, args := range [][]string{{"run", "--queue"}, {"worker"},
		{"serve", "--workers", "1", "--listen", "127.0.0.1:0"}} {
		s.start(url, args...).wantStatus(exitUsage).wantOutput(`run "hhrecon migrate --queue"`)
	}
	s.start("sqlite:"+t.TempDir()+"/hhrecon.sqlite", "migrate",
		"--queue").wantStatus(exitUsage).wantOutput("queued runs need PostgreSQL")
	s.start(url, "run", "--no-wait").wantStatus(exitUsage).wantOutput("--no-wait requires --queue")
	s.start(url, "run", "--queue", "--resume", "1").wantStatus(exitUsage).wantOutput("--resume")
	s.start(url, "run", "--queue", "--report",
		"here.xlsx").wantStatus(exitUsage).wantOutput("the worker that closes the run writes " +
		"the workbook")
	s.start(url, "migrate", "--queue").wantStatus(exitOK)
	s.start(url, "run", "--queue", "--no-wait").wantStatus(exitOK).wantOutput("Run 1 of project "+demoProject+" is queued",
		"hhrecon show 1")
	s.start(url, "run").wantStatus(exitBusy).wantOutput("run 1 is working on project")
	// The heartbeat is too old, so another process may reclaim the run.
	db.MustExec(`update hhrecon_run set beat_at = now() - interval '2 minutes'`)
	s.start(url, "run").wantStatus(exitUntrusted)
	checkConsistency(t, db)
	if n := queryCount(t, db, `select count(*) from hhrecon_batch`); n != 0 {
		t.Errorf("%d batches are left of a run that one process finished", n)
	}
}
