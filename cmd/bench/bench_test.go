package main

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/pprof/profile"

	"hhrecon/highhelp/sandbox"
	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// nothingLeft fails the test if a benchmark has left a file, a process or a database.
func nothingLeft(t *testing.T, dir string, p *process, url string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	must(t, err)
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	pid, err := strconv.Atoi(word(t, p, `"bench: sandbox started","pid":(\d+)`))
	must(t, err)
	if runtime.GOOS == "linux" {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("the sandbox still runs: %v", err)
		}
	}
	if strings.HasPrefix(url, "postgres") {
		name := word(t, p, `"bench: database created","name":"(hhrecon_bench_[a-z0-9]+)"`)
		if n := queryCount(t, sqltest.DB(t, url), "select count(*) from pg_database where datname = '"+name+"'"); n != 0 {
			t.Errorf("the database %s still exists", name)
		}
	}
}

func word(t *testing.T, p *process, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(p.err.String())
	if found == nil {
		t.Fatalf("no %s in %s", pattern, p.err.String())
	}
	return found[1]
}

// TestBench checks that a benchmark prints all figures, does not change the given database, and removes everything it
// created.
func TestBench(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out what takes seconds")
	}
	sqltest.URLs(t, func(t *testing.T, url string) {
		dir := t.TempDir()
		database := "sqlite"
		if strings.HasPrefix(url, "postgres") {
			database = url
		}
		view := "--view=" + strconv.FormatBool(database != "sqlite")
		p := start(t, dir, url, "--payins", "200", "--latency", "1ms", "--json", view, "--database",
			database).wantStatus(exitOK)
		var r benchResult
		must(t, json.Unmarshal([]byte(p.out.String()), &r))
		if r.Payins != 200 || r.Percent <= 0 || r.Percent > 105 || r.PerSecond <= 0 || r.SigningPerSecond <= 0 ||
			r.Corrected == 0 {
			t.Errorf("%+v", r)
		}
		if r.CPUSeconds <= 0 || len(r.CPU) != len(cpuStages) || len(r.Wall) != 4 || r.Go != runtime.Version() {
			t.Errorf("%+v", r)
		}
		sum, wall := 0.0, 0.0
		for _, stage := range r.CPU {
			sum += stage.Seconds
		}
		for _, stage := range r.Wall {
			if wall += stage.Seconds; stage.Seconds < 0 {
				t.Errorf("%+v", stage)
			}
		}
		if sum < 0.99*r.CPUSeconds || sum > 1.01*r.CPUSeconds || wall < 0.99*r.Seconds || wall > 1.01*r.Seconds {
			t.Errorf("the stages add up to %f s of CPU and %f s: %+v", sum, wall, r)
		}
		if postgres := database != "sqlite"; postgres != (r.RoundTrips > 0) {
			t.Errorf("%d round trips to %s", r.RoundTrips, r.Database)
		}
		nothingLeft(t, dir, p, url)
		if db := sqltest.DB(t, url); queryCount(t, db, "select count(*) from payins")+queryCount(t, db,
			"select count(*) from hhrecon_run") != 0 {
			t.Error("the merchant's own database was written to")
		}
	})
}

// TestBenchInterrupted checks that an interrupted benchmark removes everything it created.
func TestBenchInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out what takes seconds")
	}
	sqltest.URLs(t, func(t *testing.T, url string) {
		dir := t.TempDir()
		database := "sqlite"
		if strings.HasPrefix(url, "postgres") {
			database = url
		}
		p := start(t, dir, url, "--payins", "2000", "--latency", "10s", "--signing", "rsa", "--database", database)
		p.waitFor(func() bool { return strings.Contains(p.err.String(), "run opened") })
		must(t, p.cmd.Process.Signal(os.Interrupt))
		p.wantStatus(exitFailed).wantOutput("interrupted")
		nothingLeft(t, dir, p, url)
	})
}

// TestBenchKilled checks that a benchmark removes the folder and database of a killed benchmark. The folders of running
// benchmarks, and folders that --keep keeps, must remain.
func TestBenchKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("folders of killed benchmarks are removed only on Linux")
	}
	url := sqltest.PostgresURL(t)
	db := sqltest.DB(t, url)
	dir := t.TempDir()
	begin := func(args ...string) (p *process, database string) {
		p = start(t, dir, url, append([]string{"--payins", "200", "--database", url}, args...)...)
		if !p.waitFor(func() bool { return strings.Contains(p.err.String(), "run opened") }) {
			t.Fatalf("the benchmark ended:\n%s", p.err.String())
		}
		return p, word(t, p, `"bench: database created","name":"(hhrecon_bench_[a-z0-9]+)"`)
	}
	kept, keptDatabase := begin("--latency", "1ms", "--keep")
	kept.wantStatus(exitOK)
	t.Cleanup(func() { db.MustExec("drop database " + keptDatabase) })
	killed, stale := begin("--latency", "10s")
	alive, used := begin("--latency", "10s")
	killed.kill()
	is := func(name string) int64 {
		return queryCount(t, db, "select count(*) from pg_database where datname = $1", name)
	}
	waitUntil(t, "its connections end", func() bool {
		return queryCount(t, db, "select count(*) from pg_stat_activity where datname = $1", stale) == 0
	})
	start(t, dir, url, "--payins", "200", "--latency", "1ms", "--database", url).wantStatus(exitOK).
		wantOutput("databases of killed benchmarks dropped", "folder of a killed benchmark removed")
	if is(stale) != 0 || is(used) != 1 || is(keptDatabase) != 1 {
		t.Errorf("databases of the killed, the running and the kept benchmark: %d, %d and %d", is(stale), is(used),
			is(keptDatabase))
	}
	must(t, alive.cmd.Process.Signal(os.Interrupt))
	alive.wantStatus(exitFailed)
	folders, err := os.ReadDir(dir)
	must(t, err)
	if len(folders) != 1 {
		t.Errorf("the folders are %v, want only the kept one", folders)
	}
}

func TestBenchRefusesWrongUse(t *testing.T) {
	for _, args := range [][]string{
		{"--payins", "1"}, {"--latency", "-1s"}, {"--concurrency", "0"}, {"--rate", "-1"}, {"--database", "mysql://h/d"},
	} {
		dir := t.TempDir()
		start(t, dir, "", args...).wantStatus(exitUsage)
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%v leaves %v behind", args, left)
		}
	}
}

// TestBenchChecksTheRun checks that the benchmark fails if the run has a wrong result.
func TestBenchChecksTheRun(t *testing.T) {
	right := func() *runOutcome {
		return &runOutcome{
			run: reconcile.Run{State: reconcile.Complete, ClosedAt: time.Now(), Selected: 3,
				Impact: reconcile.ImpactSummary{Answered: 3}},
			workbook: "x.xlsx",
			totals: []reconcile.Total{
				{Outcome: "confirmed", Count: 1, Applied: 1}, {Outcome: "different_amount", Count: 1, Applied: 1},
				{Outcome: "not_found", Count: 1},
			},
		}
	}
	sample := func(outcome, status string, row sandbox.MerchantRow) (*sandbox.Sample, *reconcile.Payin) {
		s := &sandbox.Sample{Outcome: outcome, Merchant: row, Gateway: &sandbox.Payin{Status: status, Amount: 100}}
		p := merchantRow(s)
		return s, &p
	}
	want := expectation{outcomes: map[string]int64{}}
	want.add(sample("confirmed", "success", sandbox.MerchantRow{Status: "new"}))
	want.add(sample("different_amount", "success", sandbox.MerchantRow{Status: "success"}))
	want.add(sample("not_found", "", sandbox.MerchantRow{Status: "new"}))
	want.add(sample("", "success", sandbox.MerchantRow{Status: "new"}))
	if err := want.check(right()); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*runOutcome){
		"partial":    func(r *runOutcome) { r.run.Impact.Answered = 2 },
		"selected":   func(r *runOutcome) { r.run.Selected = 2 },
		"findings":   func(r *runOutcome) { r.totals = r.totals[1:] },
		"outcome":    func(r *runOutcome) { r.totals[0].Outcome = "declined" },
		"corrected":  func(r *runOutcome) { r.totals[0].Applied = 0 },
		"superseded": func(r *runOutcome) { r.totals[0].Superseded = 1 },
		"workbook":   func(r *runOutcome) { r.workbook = "" },
	} {
		wrong := right()
		if spoil(wrong); want.check(wrong) == nil {
			t.Errorf("%s: not detected", name)
		}
	}
}

func TestCPUOfStages(t *testing.T) {
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "samples"}, {Type: "cpu", Unit: "nanoseconds"}}}
	for _, s := range []struct {
		ns    int64
		stack string // names of a stack's functions, innermost first
	}{
		{1, "crypto/sha512.blockAVX2 hhrecon/highhelp.Signing.signText hhrecon/highhelp.(*Client).try " +
			"hhrecon/reconcile/run.(*Engine).queryPayin"},
		{2, "syscall.write net/http.(*persistConn).writeLoop"},
		{4, "runtime.mallocgc hhrecon/reconcile.Judge hhrecon/reconcile/run.(*Engine).query"},
		{8, "internal/poll.read database/sql.query hhrecon/sql.(*runStore).SaveVerdicts " +
			"hhrecon/reconcile/run.(*Engine).saveVerdicts.func1"},
		{16, "hhrecon/sql.(*runStore).Settle hhrecon/reconcile/run.(*Engine).settle"},
		{32, "hhrecon/sql.(*reportStore).Findings.func1 hhrecon/reports/workbook.Write"},
		{64, "runtime.scanobject runtime.gcBgMarkWorker runtime.systemstack"},
		{128, "runtime.futex runtime.findRunnable runtime.mcall"},
		{256, "main.measure"},
		{512, "hhrecon/sql.(*runStore).OpenRun"},
		{1024, "runtime.scanobject runtime.gcAssistAlloc runtime.mallocgc hhrecon/reconcile.Judge"},
	} {
		sample := &profile.Sample{Value: []int64{1, s.ns}}
		for name := range strings.FieldsSeq(s.stack) {
			sample.Location = append(sample.Location,
				&profile.Location{Line: []profile.Line{{Function: &profile.Function{Name: name}}}})
		}
		p.Sample = append(p.Sample, sample)
	}
	run := benchRun{profile: p, used: 2 * 2047} // twice the CPU time of the profile's samples
	want := map[string]int64{"sign": 1, "ask": 2, "judge": 4, "keep": 8, "settle": 16, "workbook": 32,
		"runtime": 64 + 128 + 1024, "other": 256, "select": 512}
	for _, stage := range run.cpu(1) {
		if got := int64(stage.Seconds*1e9 + 0.5); got != 2*want[stage.Stage] {
			t.Errorf("%s: %d ns, want %d", stage.Stage, got, 2*want[stage.Stage])
		}
	}
}

func TestIdeal(t *testing.T) {
	for _, c := range []struct {
		cmd   benchCmd
		ideal float64
	}{
		{benchCmd{Latency: 50e6, Concurrency: 64}, 1280},
		{benchCmd{Latency: 50e6, Concurrency: 64, Rate: 100}, 100},
		{benchCmd{Latency: 0, Concurrency: 64}, 2000},
	} {
		if got, by := c.cmd.ideal(2000); got != c.ideal || by == "" {
			t.Errorf("%+v: %f by %s", c.cmd, got, by)
		}
	}
}
