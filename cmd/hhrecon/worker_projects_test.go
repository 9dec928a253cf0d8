package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// stopRun stops run 1, as a user does on the page.
func (f *workerGroup) stopRun() {
	f.t.Helper()
	must(f.t, sqltest.Open(f.t, f.url).RequestStop(context.Background(), 1, "Aida"))
}

// resume finishes the stopped run with new workers, and compares the result with a run by one process.
func (f *workerGroup) resume() {
	f.t.Helper()
	f.waitForRow("no worker is busy", `select 1 - least(1, count(*)) from river_job where state = 'running'`)
	f.stopWorkers()
	f.limit(5000)
	f.startWorkers(2)
	again := f.queue()
	if runs := again.wantStatus(exitUntrusted).results(); len(runs) != 2 || runs[0].Run != 1 || runs[1].Run != 2 {
		f.t.Errorf("the results of the next run are %+v", runs)
	}
	f.stopWorkers()
	checkConsistency(f.t, f.db)
	compareSnapshots(f.t, readSnapshot(f.t, f.db), f.want)
	if f.t.Failed() {
		f.logWorkers()
	}
}

// TestWorkersRunStopped stops a queued run while workers execute it. The run must be interrupted without losing
// verdicts, and the next run must continue the interrupted run.
func TestWorkersRunStopped(t *testing.T) {
	t.Parallel()
	f := newWorkerGroup(t, sandbox.Options{}, 700, false)
	f.limit(100)
	run := f.queue()
	f.startWorkers(2)
	if !run.waitFor(func() bool { return f.judgedUpTo() > 0 }) {
		t.Fatalf("the run ended too early:\n%s", run.err.String())
	}
	f.start(f.url, "show", "1").wantStatus(exitOK).wantOutput("judged, 0 settled; the run is running, 0 rows corrected "+
		"so far",
		"Forecast: ", "/s, expected to end at ")
	var shown runResult
	must(t, json.Unmarshal([]byte(f.start(f.url, "show", "1", "--json").wantStatus(exitOK).out.String()), &shown))
	if shown.Judged == 0 || shown.Judged >= shown.Selected || shown.Settled != 0 || shown.Forecast == nil ||
		shown.Forecast.Payins != shown.Selected-shown.Judged || shown.Forecast.DoneAt == nil {
		t.Errorf("a running run shows %+v", shown)
	}
	f.stopRun()
	run.wantStatus(exitFailed).wantOutput("stopped by Aida",
		`"hhrecon run --resume 1" or the next "hhrecon run" continues the run`)
	if f.judgedUpTo() == 0 {
		t.Error("the judged payins are lost")
	}
	f.resume()
}

// TestWorkersRunStoppedBetween stops a queued run while no worker has one of its batches. The first worker interrupts
// the run and does not reclaim it.
func TestWorkersRunStoppedBetween(t *testing.T) {
	t.Parallel()
	f := newWorkerGroup(t, sandbox.Options{}, 60, false)
	f.start(f.url, "run", "--queue", "--no-wait").wantStatus(exitOK)
	f.stopRun()
	f.db.MustExec(`update hhrecon_run set beat_at = now() - interval '2 minutes'`)
	f.startWorkers(1)
	f.waitForRow("the run is interrupted", `select count(*) from hhrecon_run where state = 'interrupted'`)
	if requests := f.requestCount(); requests > 0 {
		t.Errorf("HighHelp received %d requests", requests)
	}
	f.resume()
}

// TestWorkersShadow sets a project in shadow while its queued run waits. The worker must interrupt the run and write
// nothing.
func TestWorkersShadow(t *testing.T) {
	t.Parallel()
	f := newWorkerGroup(t, sandbox.Options{}, 60, false)
	f.start(f.url, "run", "--queue", "--no-wait").wantStatus(exitOK)
	f.settings("schedules.yaml", "shadow: true")
	f.startWorkers(1)
	f.waitForRow("the run is interrupted", `select count(*) from hhrecon_run where state = 'interrupted'`)
	if rows := queryCount(t, f.db, "select count(*) from payins_log"); rows > 0 || f.requestCount() > 0 {
		t.Errorf("%d rows were written, and HighHelp received %d requests", rows, f.requestCount())
	}
	f.start(f.url, "show", "1").wantStatus(exitOK).wantOutput("interrupted", "the project is in shadow")
}

// TestWorkersHeld executes a held run with several workers and releases the held corrections. The result must match a
// run by one process.
func TestWorkersHeld(t *testing.T) {
	t.Parallel()
	samples := limitUnreachable(sandbox.Samples(700, 1, demoProject, time.Now()))
	s := newFixture(t, longTimeouts+", hold_above: {count: 10, share: 0.05, times_usual: 3}", samples)
	result := func(run ...string) snapshot {
		must(t, os.RemoveAll(filepath.Join(s.dir, "reports-out"))) // remove the workbooks of the other database
		url, db := s.postgres()
		payinsLog(t, db, false)
		s.start(url, "migrate", "--queue").wantStatus(exitOK)
		f := &workerGroup{fixture: s, url: url, db: db}
		if run[1:] != nil {
			f.startWorkers(3)
		}
		s.start(url, run...).wantStatus(exitHeld).wantOutput("HELD")
		f.stopWorkers()
		held := `select count(*) from payins_log where payment_id in (select payment_id from hhrecon_finding
			where correction = 'held')`
		if n := queryCount(t, db, held); n != 0 {
			t.Errorf("%d rows were changed while their corrections were held", n)
		}
		if books, err := filepath.Glob(filepath.Join(s.dir, "reports-out", "*.xlsx")); err != nil || len(books) == 0 {
			t.Errorf("the workbooks are %q, %v", books, err)
		}
		s.start(url, "release", "1", "--by", "Aida").wantStatus(exitOK).wantOutput("Run 1 is released")
		s.start(url, "verify").wantStatus(exitOK)
		for what, query := range map[string]string{
			"payins without exactly one finding": `select count(*) - count(distinct payment_id) + abs(count(*) - (select
				selected from hhrecon_run)) from hhrecon_finding`,
			"batches that are not done": `select count(*) from hhrecon_batch where state <> 'done'`,
			"payins corrected twice":    `select count(*) - count(distinct payment_id) from payins_log`,
			"corrections without an update": `select count(*) - (select count(*) from payins_log)
				from hhrecon_finding where correction in ('applied', 'held')`,
		} {
			if n := queryCount(t, db, query); n != 0 {
				t.Errorf("%s: %d", what, n)
			}
		}
		return readSnapshot(t, db)
	}
	want := result("run")
	compareSnapshots(t, result("run", "--queue"), want)
}

// newProjectGroup returns a fixture with three projects. Two projects are fast, and otherProject is limited to 20
// requests a second.
func newProjectGroup(t *testing.T) (*workerGroup, []string) {
	t.Helper()
	projects := []string{otherProject, demoProject, thirdProject} // list the slow project first
	settings := map[string]string{
		otherProject: "rate: 20, attempt_timeout: 25s, payin_timeout: 25s, recheck: 0s" + withoutHold,
		demoProject:  longTimeouts + withoutHold, thirdProject: longTimeouts + withoutHold,
	}
	var samples []sandbox.Sample
	for i, id := range projects {
		samples = append(samples, forProject(id, limitUnreachable(sandbox.Samples(40, uint64(i+1), id, time.Now())))...)
	}
	s := newFixtureWith(t, sandbox.Options{}, settings, samples)
	s.env = append(s.env, fastRequeue+"=1")
	f := &workerGroup{fixture: s}
	f.url, f.db = s.postgres()
	payinsLog(t, f.db, false)
	s.start(f.url, "migrate", "--queue").wantStatus(exitOK)
	return f, projects
}

// checkProjects fails the test if a fast project's first run waited for the slow project, or if the slow project
// exceeded its rate.
func (f *workerGroup) checkProjects() {
	f.t.Helper()
	checkConsistency(f.t, f.db)
	for what, query := range map[string]string{
		"runs that waited for the slow project": `select count(*) from hhrecon_run as r where project_id <> $1
			and due is not distinct from (select min(due) from hhrecon_run)
			and closed_at > (select min(closed_at) from hhrecon_run where project_id = $1)`,
		"runs that exceeded the slow project's rate": `select count(*) from hhrecon_run where project_id = $1
			and selected > 20
			and extract(epoch from closed_at - started_at) < (selected - 20) / 20.5`,
	} {
		if n := queryCount(f.t, f.db, query, otherProject); n != 0 {
			f.t.Errorf("%s: %d", what, n)
		}
	}
	if f.t.Failed() {
		f.logWorkers()
	}
}

// TestWorkersOfProjects queues runs of three projects with different rates. The slow project must not
// delay the other projects.
func TestWorkersOfProjects(t *testing.T) {
	t.Parallel()
	f, _ := newProjectGroup(t)
	run := f.queue()
	f.startWorkers(2)
	if runs := run.wantStatus(exitOK, exitUntrusted).results(); len(runs) != 3 {
		t.Errorf("%d results", len(runs))
	}
	f.stopWorkers()
	f.checkProjects()
}

// TestServeWorkers runs two services with workers and one schedule for three projects. Each scheduled time gives one
// run in each project, and no run waits for the slow project.
func TestServeWorkers(t *testing.T) {
	t.Parallel()
	f, projects := newProjectGroup(t)
	f.jobs(`name: nightly, cron: "*/5 * * * * *", do: reconcile`)
	for range 2 {
		p, _ := f.serve(f.url, "--workers", "2")
		f.workers = append(f.workers, p)
	}
	f.waitForRow("two scheduled times are done", `select greatest(0, count(*) - 1) from hhrecon_due where state = 'done'`)
	f.jobs(`name: nightly, cron: "0 0 0 1 1 *", do: reconcile`)
	for _, p := range f.workers {
		p.signal(syscall.SIGHUP)
		waitUntil(t, "the other schedule is active", func() bool { return len(p.lines("schedule is active")) == 2 })
	}
	f.waitForRow("no scheduled time is claimed", `select 1 - least(1, count(*)) from hhrecon_due where state = 'claimed'`)
	f.stopWorkers()
	f.checkProjects()
	slices.Sort(projects)
	for _, row := range occurrenceRows(t, f.db, `state <> 'skipped'`) {
		var of []string
		must(t,
			f.db.Select(&of, `select project_id from hhrecon_run where due = $1 and origin = 'schedule' order by 1`,
				reconcile.OccurrenceName("nightly", row.DueAt)))
		if row.State != "done" || !slices.Equal(of, projects) {
			t.Errorf("%s is %s: %s, with runs of %s", row.DueAt, row.State, row.Note, of)
		}
	}
	if n := queryCount(t, f.db, `select count(*) from hhrecon_run where origin <> 'schedule'`); n != 0 {
		t.Errorf("%d runs belong to no schedule", n)
	}
}
