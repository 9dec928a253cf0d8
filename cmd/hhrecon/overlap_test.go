package main

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// otherProject is the second project of a test.
const otherProject = "0d3f9c52-3f0e-4a4e-9f0b-5f0f3f1c2a77"

// directAndPooled runs a test with a direct connection to PostgreSQL, and through PgBouncer in transaction pooling
// mode.
func directAndPooled(t *testing.T, test func(t *testing.T, s *fixture, url string, db *sqltest.Database),
	s func(t *testing.T) *fixture) {
	for name, through := range map[string]func(*testing.T, string) string{
		"direct":    func(_ *testing.T, url string) string { return url },
		"pgbouncer": func(t *testing.T, url string) string { return sqltest.PgBouncerURL(t, url) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := s(t)
			url, db := s.postgres()
			payinsLog(t, db, false)
			test(t, s, through(t, url), db)
		})
	}
}

// blockAnswers blocks HighHelp's answers until unblock is called.
func (s *fixture) blockAnswers() (unblock func()) {
	unblocked := make(chan struct{})
	unblock = sync.OnceFunc(func() { close(unblocked) })
	s.t.Cleanup(unblock)
	s.handleWith(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-unblocked
		s.box.ServeHTTP(w, r)
	}))
	return unblock
}

// TestOverlap starts ten runs of one project at the same time. One process must execute a run. The other processes must
// name the first process and exit with status 4.
func TestOverlap(t *testing.T) {
	t.Parallel()
	directAndPooled(t, func(t *testing.T, s *fixture, url string, db *sqltest.Database) {
		unblock := s.blockAnswers() // HighHelp's answers are blocked until the other nine processes have ended
		began := time.Now()
		var all []*process
		for range 10 {
			all = append(all, s.start(url, "run"))
		}
		var running []*process
		for deadline := time.Now().Add(waitLimit); ; time.Sleep(5 * time.Millisecond) {
			running = slices.DeleteFunc(slices.Clone(all), func(p *process) bool { return !p.running() })
			if len(running) <= 1 {
				break
			}
			if n := queryCount(t, db, `select count(*) from hhrecon_run`); n > 1 || time.Now().After(deadline) {
				t.Fatalf("%d processes run, but %d runs are open", len(running), n)
			}
		}
		took := time.Since(began)
		if len(running) != 1 {
			t.Fatalf("no process runs; the log of the first:\n%s", all[0].err.String())
		}
		var run struct {
			ID   int64
			Host string `db:"owner_host"`
			PID  int    `db:"owner_pid"`
		}
		must(t, db.Get(&run, `select id, owner_host, owner_pid from hhrecon_run`))
		if run.PID != running[0].cmd.Process.Pid {
			t.Errorf("the run belongs to process %d, but process %d runs", run.PID, running[0].cmd.Process.Pid)
		}
		for _, p := range all {
			if p != running[0] {
				p.wantStatus(exitBusy)
				log := p.err.String()
				for _, word := range []string{" is working on project " + demoProject + ": started ",
					"by process " + strconv.Itoa(run.PID) + " on " + run.Host, "last heartbeat "} {
					if !strings.Contains(log, word) {
						t.Errorf("a refused run does not print %q:\n%s", word, log)
					}
				}
			}
		}
		unblock()
		running[0].wantStatus(exitUntrusted)
		checkConsistency(t, db)
		if n := queryCount(t, db, `select count(*) from hhrecon_run`); n != 1 {
			t.Errorf("%d runs are stored", n)
		}
		t.Logf("10 processes at once: 1 ran, 9 exited %d within %s", exitBusy, took.Round(time.Millisecond))
	}, func(t *testing.T) *fixture {
		return newFixture(t, longTimeouts, limitUnreachable(sandbox.Samples(120, 1, demoProject, time.Now())))
	})
}

// TestTwoProjects runs two projects at the same time. The payins of both projects have the same IDs, but HighHelp gives
// different answers. The runs must not influence each other.
func TestTwoProjects(t *testing.T) {
	t.Parallel()
	projects := []string{demoProject, otherProject}
	directAndPooled(t, func(t *testing.T, s *fixture, url string, db *sqltest.Database) {
		unblock := s.blockAnswers()
		var runs []*process
		for _, project := range projects {
			runs = append(runs, s.start(url, "run", "--json", "--project", project))
		}
		for deadline := time.Now().Add(waitLimit); queryCount(t, db,
			`select count(*) from hhrecon_run where state = 'running'`) < 2; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the two do not run at the same time:\n%s%s", runs[0].err.String(), runs[1].err.String())
			}
		}
		unblock() // both runs are in progress
		books := map[string]bool{}
		for i, p := range runs {
			r := p.wantStatus(exitOK, exitUntrusted).results()[0]
			if r.Project != projects[i] {
				t.Errorf("the run of project %s is reported as one of %s", projects[i], r.Project)
			}
			books[r.Workbook] = true
			text := workbookText(t, filepath.Join(s.dir, r.Workbook))
			if !strings.Contains(text, projects[i]) || strings.Contains(text, projects[1-i]) {
				t.Errorf("the workbook of project %s contains another project", projects[i])
			}
		}
		if len(books) != 2 {
			t.Errorf("two runs wrote the workbooks %v", books)
		}
		checkConsistency(t, db)
		for _, project := range projects {
			checkOutcomes(t, db, s.samples, project)
		}
		if n := queryCount(t, db,
			`select count(*) from hhrecon_finding f join hhrecon_run r on r.id = f.run_id
			where r.project_id <> f.project_id`); n != 0 {
			t.Errorf("%d findings are in a run of the other project", n)
		}
	}, func(t *testing.T) *fixture {
		now := time.Now()
		samples := limitUnreachable(sandbox.Samples(90, 1, demoProject, now))
		for _, other := range limitUnreachable(sandbox.Samples(90, 1, otherProject, now)) {
			if other.Outcome == "confirmed" && !other.Merchant.Final() {
				other.Gateway.Status, other.Gateway.SubStatus = "decline", ""
				other.Outcome = "declined"
			}
			if other.Fault != nil {
				other.Fault.ProjectID = otherProject
			}
			samples = append(samples, other)
		}
		return newFixtureWith(t, sandbox.Options{},
			map[string]string{demoProject: longTimeouts + withoutHold, otherProject: longTimeouts + withoutHold}, samples)
	})
}

// checkOutcomes fails the test if a project's finding does not match its sample.
func checkOutcomes(t *testing.T, db *sqltest.Database, samples []sandbox.Sample, project string) {
	t.Helper()
	var found []struct {
		ID      string `db:"payment_id"`
		Outcome string
	}
	must(t, db.Select(&found, `select payment_id, outcome from hhrecon_finding where project_id = $1`, project))
	got := map[string]string{}
	for _, f := range found {
		got[f.ID] = f.Outcome
	}
	for _, s := range samples {
		want := s.Outcome
		if s.Merchant.Final() { // a final payin is selected only with --recheck
			want = ""
		}
		if s.Merchant.ProjectID == project && got[s.Merchant.PaymentID] != want {
			t.Errorf("project %s, payin %q: %q, want %q", project, s.Merchant.PaymentID, got[s.Merchant.PaymentID], want)
		}
	}
}

// workbookText returns the whole text of a workbook as XML.
func workbookText(t *testing.T, file string) string {
	t.Helper()
	book, err := zip.OpenReader(file)
	must(t, err)
	defer func() { _ = book.Close() }()
	var text bytes.Buffer
	for _, part := range book.File {
		content, err := part.Open()
		must(t, err)
		_, err = io.Copy(&text, content)
		must(t, err)
		must(t, content.Close())
	}
	return text.String()
}
