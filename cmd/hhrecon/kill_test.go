package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// Minimum numbers of payins in a run that a test interrupts.
const (
	manyPayins = 2000
	somePayins = 1100 // enough for two settle transactions; tests with so few payins are faster
)

// TestKill kills runs by SIGKILL in every stage and continues them alternately with --resume and with the next run.
// TestKill compares the result with an uninterrupted run over the same payins. HHRECON_KILLS is the number of kills.
func TestKill(t *testing.T) {
	t.Parallel()
	killRuns(t, manyPayins, sizeFromEnv(t, "HHRECON_KILLS", 6), func(_ *testing.T, url string) string { return url })
}

// TestKillPooled runs the same test as TestKill, with connections through PgBouncer in transaction pooling mode.
func TestKillPooled(t *testing.T) {
	t.Parallel()
	killRuns(t, somePayins, sizeFromEnv(t, "HHRECON_KILLS_POOLED", 3),
		func(t *testing.T, url string) string { return sqltest.PgBouncerURL(t, url) })
}

func killRuns(t *testing.T, payins, n int, through func(*testing.T, string) string) {
	k := newInterrupter(t, payins, n, (*process).kill)
	for k.left > 0 && !t.Failed() {
		s := k.fixture(t)
		url, db := s.postgres()
		want := s.uninterruptedRun()
		payinsLog(t, db, true)
		url = through(t, url)
		k.interruptRuns(s, url, db)
		s.finishAndCompare(url, db, want)
	}
	k.report("kills")
}

// uninterruptedRun runs hhrecon once on a new database and returns the result.
func (s *fixture) uninterruptedRun() snapshot {
	s.t.Helper()
	url, db := s.postgres()
	payinsLog(s.t, db, false)
	s.start(url, "run").wantStatus(exitUntrusted)
	checkConsistency(s.t, db)
	return readSnapshot(s.t, db)
}

// finishAndCompare runs hhrecon once more and compares the result with the uninterrupted run.
func (s *fixture) finishAndCompare(url string, db *sqltest.Database, want snapshot) {
	s.t.Helper()
	s.start(url, "run").wantStatus(exitUntrusted)
	checkConsistency(s.t, db)
	compareSnapshots(s.t, readSnapshot(s.t, db), want)
	// The report is written only if its totals match the totals that SQL computes.
	first := queryCount(s.t, db, `select min(id) from hhrecon_run`)
	s.start(url, "report", "--run", fmt.Sprint(first), "--format", "csv", "--out", "tied.csv").wantStatus(exitOK)
}

// interrupter interrupts runs and counts the interruptions in each stage.
type interrupter struct {
	t         *testing.T
	payins    int
	interrupt func(*process)
	left      int
	done      int
	survived  int  // number of runs that were continued after an interruption
	resume    bool // whether the next interrupted run is continued with --resume
	stages    map[string]int
	ways      [2]int // number of runs continued by the next run and by --resume
}

func newInterrupter(t *testing.T, payins, n int, interrupt func(*process)) *interrupter {
	return &interrupter{t: t, payins: payins, interrupt: interrupt, left: n, stages: map[string]int{}}
}

// fixture returns a fixture with new samples.
func (k *interrupter) fixture(t *testing.T) *fixture {
	t.Helper()
	k.t = t
	return newFixture(t, longTimeouts,
		limitUnreachable(sandbox.Samples(k.payins+100, rand.Uint64(), demoProject, time.Now())))
}

// repeat runs a scenario until enough runs were interrupted, or until the scenario is skipped.
func (k *interrupter) repeat(t *testing.T, scenario func(t *testing.T)) {
	t.Helper()
	for skipped := false; k.left > 0 && !skipped && !t.Failed(); {
		t.Run("scenario", func(t *testing.T) {
			t.Cleanup(func() { skipped = t.Skipped() })
			scenario(t)
		})
	}
	k.t = t
}

// stagesOfRun are the stages in which a run is interrupted, in order. One run is interrupted several times.
var stagesOfRun = []string{"select", "ask", "ask", "settle", "settle", "close", "report", "select", "ask", "settle"}

// interruptRuns interrupts a project's runs in every stage. It ends earlier if enough runs were interrupted.
func (k *interrupter) interruptRuns(s *fixture, url string, db *sqltest.Database) {
	stages := stagesOfRun
	switch { // even a short test interrupts runs in many stages
	case k.left < 4:
		stages = []string{"ask", "settle", "close"}
	case k.left < len(stages):
		stages = []string{"select", "ask", "settle", "settle", "close", "report"}
	}
	for _, stage := range stages {
		if k.left == 0 {
			return
		}
		p := s.start(url, append(k.command(db), "--database-wait", "2s")...)
		interrupted := p.waitFor(k.moment(s, db, p, stage))
		if interrupted {
			k.interrupt(p)
		}
		switch p.wait() {
		case -1, exitFailed:
			if !interrupted {
				k.t.Fatalf("%q exits with status %d by itself:\n%s%s", p.cmd.Args, p.status, p.out.String(), p.err.String())
			}
			k.stages[stageOfRun(k.t, db, p)]++
		case exitOK, exitUntrusted:
			if !interrupted {
				continue // the run ended before the chosen stage
			}
			k.survived++
		default:
			k.t.Fatalf("%q exits with status %d:\n%s%s", p.cmd.Args, p.status, p.out.String(), p.err.String())
		}
		k.left--
		k.done++
	}
}

// command continues an interrupted run, alternately with --resume and with the next run.
func (k *interrupter) command(db *sqltest.Database) []string {
	var open []int64
	must(k.t, db.Select(&open, `select id from hhrecon_run where state in ('running', 'interrupted')`))
	if len(open) == 0 {
		return []string{"run"}
	}
	k.resume = !k.resume
	if !k.resume {
		k.ways[0]++
		return []string{"run"}
	}
	k.ways[1]++
	return []string{"run", "--resume", fmt.Sprint(open[0])}
}

// moment returns a function that reports whether a random time within a stage has come.
func (k *interrupter) moment(s *fixture, db *sqltest.Database, p *process, stage string) func() bool {
	base := s.requestCount()
	ask := base + 1 + rand.IntN(k.payins)
	after := func(began func() bool, longest time.Duration) func() bool {
		var since time.Time
		wait := rand.N(longest)
		return func() bool {
			if since.IsZero() && began() {
				since = time.Now()
			}
			return !since.IsZero() && time.Since(since) >= wait
		}
	}
	is := func(query string) func() bool { return func() bool { return queryCount(k.t, db, query) > 0 } }
	switch stage {
	case "select":
		return after(func() bool { return true }, 220*time.Millisecond)
	case "ask":
		open := queryCount(k.t, db, `select count(*) from hhrecon_selection where outcome is null`)
		if open > 0 {
			ask = base + 1 + rand.IntN(int(open))
		}
		return func() bool { return s.requestCount() >= ask }
	case "settle":
		return after(is(`select count(*) from hhrecon_run where state = 'running' and decision <> ''`), 600*time.Millisecond)
	case "close":
		return after(is(`select count(*) from hhrecon_run r where state = 'running' and selected = (select count(*)
			from hhrecon_finding f where f.run_id = r.id)`), 120*time.Millisecond)
	}
	return after(func() bool { return strings.Contains(p.err.String(), `"msg":"run closed"`) }, 300*time.Millisecond)
}

// stageOfRun returns the stage that a killed process had reached.
func stageOfRun(t *testing.T, db *sqltest.Database, p *process) string {
	t.Helper()
	var run struct {
		State, Decision                            string
		Selected, Waiting, Judged, Settled, Closed int64
	}
	if queryCount(t, db, `select count(*) from hhrecon_run`) == 0 {
		return "1 selecting"
	}
	must(t, db.Get(&run, `select state, decision, selected,
		(select count(*) from hhrecon_selection s where s.run_id = r.id) as waiting,
		(select count(*) from hhrecon_selection s where s.run_id = r.id and outcome is not null) as judged,
		(select count(*) from hhrecon_finding f where f.run_id = r.id) as settled,
		(select count(*) from hhrecon_run where state = 'complete') as closed
		from hhrecon_run r order by id desc limit 1`))
	opened := strings.Contains(p.err.String(), `"msg":"run opened"`) ||
		strings.Contains(p.err.String(), `"msg":"run resumed"`)
	switch {
	case run.State == "complete" && strings.Contains(p.err.String(), `"msg":"run closed"`):
		return "6 reporting"
	case run.State == "complete" && opened:
		return "5 closing"
	case !opened:
		return "1 selecting"
	case run.Settled == run.Selected:
		return "5 closing"
	case run.Decision != "":
		return "4 settling"
	case run.Judged == run.Waiting:
		return "3 computing the impact"
	}
	return "2 asking"
}

func (k *interrupter) report(what string) {
	k.t.Logf("%d %s in runs over more than %d payins, continued %d times by the next run and %d times by --resume",
		k.done, what, k.payins, k.ways[0], k.ways[1])
	for _, stage := range slices.Sorted(maps.Keys(k.stages)) {
		k.t.Logf("  interrupted while %s: %d", stage[2:], k.stages[stage])
	}
	if k.survived > 0 {
		k.t.Logf("  ended in spite of the interruption: %d", k.survived)
	}
}
