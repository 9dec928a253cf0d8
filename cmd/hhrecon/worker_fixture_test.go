package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// workerGroup is a group of worker processes that share a database. Each process listens on a different loopback
// address.
type workerGroup struct {
	*fixture
	url     string
	db      *sqltest.Database
	workers []*process
	want    snapshot // the result of a run by one process over the same payins
}

// newWorkerGroup returns a fixture for a queued run. If slow is set, triggers delay some steps, see payinsLog.
func newWorkerGroup(t *testing.T, options sandbox.Options, payins int, slow bool) *workerGroup {
	t.Helper()
	samples := limitUnreachable(sandbox.Samples(payins+100, rand.Uint64(), demoProject, time.Now()))
	f := &workerGroup{fixture: newFixtureWith(t, options, map[string]string{demoProject: longTimeouts}, samples)}
	f.env = append(f.env, fastRequeue+"=1")
	if options.Now == nil { // if its clock differs, HighHelp refuses the requests
		url, db := f.postgres()
		payinsLog(t, db, false)
		f.start(url, "run", "--report", filepath.Join(t.TempDir(), "alone.xlsx")).wantStatus(exitUntrusted)
		f.want = readSnapshot(t, db)
	}
	f.url, f.db = f.postgres()
	f.start(f.url, "migrate", "--queue").wantStatus(exitOK)
	payinsLog(t, f.db, slow)
	f.db.MustExec("grant select, insert on payins_log to public")
	f.url, _ = sqltest.TwoUsers(t, f.url) // workers need only the rights of the runtime user
	f.limit(5000)
	f.box.ResetStats()
	return f
}

// limit sets the rate of the project's requests, and the recipient of the project's reports.
func (f *workerGroup) limit(rate int) {
	f.t.Helper()
	f.settings("schedules.yaml", fmt.Sprintf("rate: %d, attempt_timeout: 25s, payin_timeout: 25s, recheck: 0s", rate))
	file, err := os.OpenFile(filepath.Join(f.dir, "schedules.yaml"), os.O_APPEND|os.O_WRONLY, 0)
	must(f.t, err)
	_, err = file.WriteString("jobs:\n  - {name: nightly, cron: \"30 2 * * *\", do: reconcile, email: " +
		"[accounting@merchant.example]}\n")
	must(f.t, err)
	must(f.t, file.Close())
}

// startWorkers starts workers.
func (f *workerGroup) startWorkers(n int) {
	f.t.Helper()
	for range n {
		f.workers = append(f.workers, f.start(f.url, "worker", "--listen", fmt.Sprintf("127.0.0.%d:0", 2+len(f.workers))))
	}
}

// queue starts a process that queues a run and waits for the end of the run.
func (f *workerGroup) queue() *process {
	f.t.Helper()
	return f.start(f.url, "run", "--queue", "--json")
}

// stopWorkers stops all running workers by SIGTERM.
func (f *workerGroup) stopWorkers() {
	f.t.Helper()
	for _, p := range f.workers {
		if p.running() {
			p.stop()
		}
	}
}

// judgedUpTo returns the number of payins with an outcome or a finding.
func (f *workerGroup) judgedUpTo() int64 {
	return queryCount(f.t, f.db,
		`select (select count(*) from hhrecon_selection where outcome is not null) + (select count(*) from hhrecon_finding)`)
}

// waitForRow waits until a query returns a number other than 0.
func (f *workerGroup) waitForRow(what, query string, args ...any) {
	f.t.Helper()
	for deadline := time.Now().Add(waitLimit); queryCount(f.t, f.db, query,
		args...) == 0; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.logWorkers()
			f.t.Fatalf("timed out waiting until %s", what)
		}
	}
}

// logWorkers writes the workers' logs to the log of the test.
func (f *workerGroup) logWorkers() {
	for _, p := range f.workers {
		f.t.Logf("log of %q:\n%s", p.cmd.Args, p.err.String())
	}
}

// finalisingWorker returns the worker that finalises the run.
func (f *workerGroup) finalisingWorker() *process {
	f.t.Helper()
	var name string
	must(f.t, f.db.Get(&name, `select worker from hhrecon_batch where number = 0`))
	for _, p := range f.workers {
		if strings.HasSuffix(name, ":"+strconv.Itoa(p.cmd.Process.Pid)) {
			return p
		}
	}
	f.t.Fatalf("no worker is named %q", name)
	return nil
}

// check fails the test if the result differs from that of a run by one process.
func (f *workerGroup) check() {
	f.t.Helper()
	checkConsistency(f.t, f.db)
	compareSnapshots(f.t, readSnapshot(f.t, f.db), f.want)
	for what, query := range map[string]string{
		"runs in addition to the one": `select count(*) - 1 from hhrecon_run`,
		"batches that are not done":   `select count(*) from hhrecon_batch where state <> 'done'`,
		"reports not published":       `select count(*) from hhrecon_run where announce`,
		"reports, minus one":          `select count(*) - 1 from hhrecon_report`,
		"deliveries, minus one":       `select count(*) - 1 from hhrecon_delivery`,
	} {
		if n := queryCount(f.t, f.db, query); n != 0 {
			f.t.Errorf("%s: %d", what, n)
		}
	}
	books, err := filepath.Glob(filepath.Join(f.dir, "reports-out", "*.xlsx"))
	must(f.t, err)
	if len(books) != 1 {
		f.t.Errorf("the workbooks are %q, want one", books)
	}
	if f.t.Failed() {
		f.logWorkers()
	}
}
