package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/highhelp/sandbox"
	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// thirdProject is the third project of a test.
const thirdProject = "a1a0c6c1-6a55-4c0c-9d0e-3c1f5b1d2e33"

// serveSchedules starts the service and waits until its schedules are active.
func (s *fixture) serveSchedules(url string) *process {
	s.t.Helper()
	p, _ := s.serve(url)
	if !p.waitFor(func() bool { return strings.Contains(p.err.String(), `"msg":"schedule is active"`) }) {
		s.t.Fatalf("serve ended:\n%s", p.err.String())
	}
	return p
}

// answerSlowly delays each answer.
func (s *fixture) answerSlowly(d time.Duration) {
	s.handleWith(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(d)
		s.box.ServeHTTP(w, r)
	}))
}

// occurrenceRow is a row of hhrecon_due. occurrenceRow contains one scheduled time of a job.
type occurrenceRow struct {
	Job   string
	DueAt time.Time `db:"due_at"`
	State string
	Note  string
}

func occurrenceRows(t *testing.T, db *sqltest.Database, where string) []occurrenceRow {
	t.Helper()
	var rows []occurrenceRow
	must(t, db.Select(&rows, `select job, due_at, state, note from hhrecon_due where `+where+` order by job, due_at`))
	return rows
}

// TestScheduledTimes runs three processes with the same schedules and ends them by SIGKILL and SIGTERM repeatedly. At
// least one process always runs. Each scheduled time must be executed once, by one run in each project. HHRECON_DUES is
// the number of scheduled times.
func TestScheduledTimes(t *testing.T) {
	t.Parallel()
	wanted := sizeFromEnv(t, "HHRECON_DUES", 12)
	projects := []string{demoProject, otherProject, thirdProject}
	settings := map[string]string{}
	var samples []sandbox.Sample
	for i, id := range projects {
		settings[id] = longTimeouts + ", concurrency: 4"
		samples = append(samples, forProject(id, limitUnreachable(sandbox.Samples(40, uint64(i+1), id, time.Now())))...)
	}
	s := newFixtureWith(t, sandbox.Options{}, settings, samples)
	url, db := s.postgres()
	payinsLog(t, db, false)
	s.answerSlowly(60 * time.Millisecond)
	jobs := map[string][]string{} // projects of each job
	var lines []string
	for i := range 10 { // the cron expression of one job has a scheduled time in each second
		name := fmt.Sprintf("job-%d", i)
		line := fmt.Sprintf("name: %s, cron: \"%d/10 * * * * *\", do: reconcile", name, i)
		jobs[name] = projects
		if i > 0 {
			jobs[name] = projects[i%3 : i%3+1]
			line += ", project: " + jobs[name][0]
		}
		lines = append(lines, line)
	}
	s.jobs(lines...)

	var all []*process
	group := make([]*process, 3)
	for i := range group {
		group[i] = s.serveSchedules(url)
		all = append(all, group[i])
	}
	ended := map[syscall.Signal]int{}
	for queryCount(t, db, `select count(*) from hhrecon_due where state = 'done'`) < int64(wanted) {
		time.Sleep(rand.N(2 * time.Second))
		victims := rand.Perm(len(group))[:1+rand.IntN(2)]
		if rand.IntN(2) == 0 {
			victims = workingProcesses(t, db, group)
		}
		for _, i := range victims {
			signal := syscall.SIGKILL
			if rand.IntN(4) == 0 {
				signal = syscall.SIGTERM
			}
			must(t, group[i].cmd.Process.Signal(signal))
			group[i].wait()
			ended[signal]++
		}
		for _, i := range victims {
			group[i] = s.serveSchedules(url)
			all = append(all, group[i])
		}
		if t.Failed() {
			return
		}
	}
	for _, p := range group {
		p.kill()
	}
	resting := slices.Clone(lines)
	for i := range resting {
		resting[i] = strings.Replace(resting[i], cronOf(lines, fmt.Sprintf("job-%d", i)), "0 0 0 1 1 *", 1)
	}
	s.jobs(resting...)
	last := s.serveSchedules(url) // the first process finishes the work of the killed processes
	waitUntil(t, "all scheduled times end", func() bool { return len(occurrenceRows(t, db, `state = 'claimed'`)) == 0 })
	last.stop()
	all = append(all, last)

	begun, taken := map[string]int{}, map[string]int{}
	for _, p := range all {
		for _, line := range p.lines("job begins") {
			begun[occurrenceOf(t, line)]++
		}
		for _, line := range p.lines("taking over the job of a dead process") {
			taken[occurrenceOf(t, line)]++
		}
		for _, line := range p.lines("cannot store the end of a job") {
			t.Errorf("two processes worked on %v: %v", line["job"], line)
		}
	}
	carried, overs := 0, 0
	for name, its := range jobs {
		rows := occurrenceRows(t, db, `job = '`+name+`'`)
		c, err := parseCronWithSeconds(cronOf(lines, name))
		must(t, err)
		for i, row := range rows {
			due := reconcile.OccurrenceName(name, row.DueAt)
			if i == 0 && row.State == "skipped" {
				continue // scheduled before the first process started
			}
			if i > 0 && !c.Next(rows[i-1].DueAt).Equal(row.DueAt) {
				t.Errorf("unexpected scheduled time after %s: %s", reconcile.OccurrenceName(name, rows[i-1].DueAt), due)
			}
			if row.State != "done" {
				t.Errorf("%s is %s: %s", due, row.State, row.Note)
				continue
			}
			carried++
			overs += taken[due]
			// There may be fewer log lines, because a process may be killed between its claim and its log line.
			if begun[due] < 1 || begun[due] > 1+taken[due] {
				t.Errorf("%s began %d times and was reclaimed %d times", due, begun[due], taken[due])
			}
			var of []string
			must(t, db.Select(&of, `select project_id from hhrecon_run where due = $1 and origin = 'schedule'
				and state in ('complete', 'held')`, due))
			slices.Sort(of)
			if want := slices.Sorted(slices.Values(its)); !slices.Equal(of, want) {
				t.Errorf("%s has closed runs of %s, want %s", due, of, want)
			}
		}
	}
	checkConsistency(t, db)
	if n := queryCount(t, db, `select count(*) from hhrecon_run
		where due not in (select job || ' ' || to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
		from hhrecon_due where state = 'done')`); n != 0 {
		t.Errorf("%d runs belong to no scheduled time", n)
	}
	if carried < wanted {
		t.Errorf("only %d scheduled times", carried)
	}
	t.Logf("%d scheduled times, %d runs; %d processes ended by SIGKILL and %d by SIGTERM; %d scheduled times and %d "+
		"runs were "+
		"reclaimed",
		carried, queryCount(t, db, `select count(*) from hhrecon_run`), ended[syscall.SIGKILL], ended[syscall.SIGTERM], overs,
		resumedRuns(all))
}

// workingProcesses returns the indexes of processes that execute a scheduled time. workingProcesses
// omits the first process.
func workingProcesses(t *testing.T, db *sqltest.Database, group []*process) []int {
	t.Helper()
	var owners []int
	must(t, db.Select(&owners, `select distinct owner_pid from hhrecon_due where state = 'claimed'`))
	var found []int
	for i, p := range group[1:] {
		if slices.Contains(owners, p.cmd.Process.Pid) {
			found = append(found, i+1)
		}
	}
	return found
}

// forProject limits the faults of samples to their project.
func forProject(id string, samples []sandbox.Sample) []sandbox.Sample {
	for _, s := range samples {
		if s.Fault != nil {
			s.Fault.ProjectID = id
		}
	}
	return samples
}

// occurrenceOf returns the name of the scheduled time in a log line.
func occurrenceOf(t *testing.T, line map[string]any) string {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(line["due"]))
	must(t, err)
	return reconcile.OccurrenceName(fmt.Sprint(line["job"]), at)
}

func resumedRuns(all []*process) (n int) {
	for _, p := range all {
		n += len(p.lines("run resumed"))
	}
	return n
}

func cronOf(lines []string, name string) string {
	for _, line := range lines {
		if _, rest, ok := strings.Cut(line, "name: "+name+", cron: \""); ok {
			cron, _, _ := strings.Cut(rest, "\"")
			return cron
		}
	}
	return ""
}

// parseCronWithSeconds parses a cron expression with seconds, as the processes of these tests do.
func parseCronWithSeconds(expression string) (config.CronSchedule, error) {
	schedule, err := cronWithSeconds(expression)
	if err != nil {
		return config.CronSchedule{}, err
	}
	spec := schedule.(*cron.SpecSchedule)
	spec.Location = time.UTC
	return config.CronSchedule{Spec: spec, Zone: time.UTC}, nil
}

// TestServeStops stops serve during a run. Requests in progress are finished, and the next process resumes the same run
// for the same scheduled time.
func TestServeStops(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts+", concurrency: 2", limitUnreachable(sandbox.Samples(60, 1, demoProject, time.Now())))
	url, db := s.postgres()
	payinsLog(t, db, false)
	s.answerSlowly(50 * time.Millisecond)
	s.jobs(`name: often, cron: "*/2 * * * * *", do: reconcile`)
	p := s.serveSchedules(url)
	if !p.waitFor(func() bool { return s.requestCount() > 10 }) {
		t.Fatal("serve ended by itself")
	}
	s.jobs(`name: often, cron: "0 0 0 1 1 *", do: reconcile`) // the new job runs only once a year
	p.stop()
	if n := queryCount(t, db, `select count(*) from hhrecon_run where state = 'interrupted'`); n != 1 {
		t.Errorf("%d runs are interrupted:\n%s", n, p.err.String())
	}
	claimed := occurrenceRows(t, db, `state = 'claimed'`)
	if len(claimed) == 0 {
		t.Fatalf("no scheduled time was interrupted:\n%s", p.err.String())
	}
	p = s.serveSchedules(url)
	waitUntil(t, "the scheduled times are done",
		func() bool { return len(occurrenceRows(t, db, `state = 'claimed'`)) == 0 })
	p.stop()
	if n := len(p.lines("run resumed")); n != 1 {
		t.Errorf("%d runs were resumed:\n%s", n, p.err.String())
	}
	for _, d := range claimed {
		if n := queryCount(t, db, `select count(*) from hhrecon_run where due = $1 and state = 'complete'`,
			reconcile.OccurrenceName(d.Job, d.DueAt)); n != 1 {
			t.Errorf("%d runs for %s", n, reconcile.OccurrenceName(d.Job, d.DueAt))
		}
	}
	checkConsistency(t, db)
}

// TestServeReloads reloads an invalid file, which must change nothing. It then reloads a valid file.
func TestServeReloads(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, limitUnreachable(sandbox.Samples(10, 1, demoProject, time.Now())))
	url, db := s.postgres()
	done := func(job string) func() bool {
		n := queryCount(t, db, `select count(*) from hhrecon_due where state = 'done' and job = $1`, job)
		return func() bool {
			return queryCount(t, db, `select count(*) from hhrecon_due where state = 'done' and job = $1`, job) > n
		}
	}
	s.jobs(`name: first, cron: "* * * * * *", do: reconcile`)
	p := s.serveSchedules(url)
	waitUntil(t, "the first schedule runs", done("first"))
	s.jobs(`name: second, cron: "* * * * 25 *", do: reconcile`)
	must(t, p.cmd.Process.Signal(syscall.SIGHUP))
	waitUntil(t, "the fault is logged", func() bool { return strings.Contains(p.err.String(), "schedules.yaml:5: cron") })
	waitUntil(t, "the first schedule still runs", done("first"))
	s.settings("schedules.yaml", longTimeouts+", alert_public_key_file: keys/missing.pem")
	s.jobs(`name: second, cron: "* * * * * *", do: reconcile`)
	must(t, p.cmd.Process.Signal(syscall.SIGHUP))
	waitUntil(t, "the missing key is logged", func() bool { return strings.Contains(p.err.String(), "missing.pem") })
	waitUntil(t, "the first schedule runs after the second fault", done("first"))
	s.settings("schedules.yaml", longTimeouts)
	s.jobs(`name: second, cron: "* * * * * *", do: reconcile`)
	must(t, p.cmd.Process.Signal(syscall.SIGHUP))
	waitUntil(t, "the second schedule runs", done("second"))
	p.stop()
	last := occurrenceRows(t, db, `job = 'first'`)
	begun := occurrenceRows(t, db, `job = 'second'`)
	if end := last[len(last)-1].DueAt; end.After(begun[1].DueAt) {
		t.Errorf("the first schedule ran until %s, the second one from %s", end, begun[1].DueAt)
	}
}

// TestServeWaits starts a job while another run holds the lock on the project. The job waits and then runs.
func TestServeWaits(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, limitUnreachable(sandbox.Samples(20, 1, demoProject, time.Now())))
	url, db := s.postgres()
	unblock := s.blockAnswers()
	busy := s.start(url, "run")
	waitUntil(t, "the manual run has the project",
		func() bool { return queryCount(t, db, `select count(*) from hhrecon_run`) == 1 })
	s.jobs(`name: often, cron: "*/2 * * * * *", do: reconcile`)
	p := s.serveSchedules(url)
	if !p.waitFor(func() bool { return strings.Contains(p.err.String(), "must wait") }) {
		t.Fatal("serve ended by itself")
	}
	unblock()
	busy.wantStatus(exitOK, exitUntrusted)
	waitUntil(t, "the job's run is complete", func() bool {
		return queryCount(t, db, `select count(*) from hhrecon_run where origin = 'schedule' and state = 'complete'`) > 0
	})
	p.stop()
	if failed := occurrenceRows(t, db, `state = 'failed'`); len(failed) > 0 {
		t.Errorf("failed: %v", failed)
	}
}

// TestReportJob runs a job that writes a report of yesterday to the report folder.
func TestReportJob(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, limitUnreachable(sandbox.Samples(20, 1, demoProject, time.Now())))
	url, db := s.postgres()
	s.start(url, "run").wantStatus(exitOK, exitUntrusted)
	db.MustExec(`update hhrecon_run set started_at = started_at - interval '1 day'`)
	s.jobs(`name: daily, cron: "* * * * * *", do: report, period: yesterday`)
	p := s.serveSchedules(url)
	waitUntil(t, "the report is written", func() bool { return len(occurrenceRows(t, db, `state = 'done'`)) > 0 })
	p.stop()
	done := occurrenceRows(t, db, `state = 'done'`)[0]
	if info, err := os.Stat(s.dir + "/" + done.Note); err != nil || info.Size() == 0 {
		t.Errorf("%q: %v", done.Note, err)
	}
	if text := workbookText(t, s.dir+"/"+done.Note); !strings.Contains(text, "confirmed by HighHelp") {
		t.Error("the report does not mention verified successes")
	}
	day := done.DueAt.In(zone(t, "Asia/Bishkek")).AddDate(0, 0, -1).Format(time.DateOnly)
	if !strings.Contains(done.Note, day+"-to-"+day) {
		t.Errorf("yesterday was %s, but the report is %s", day, done.Note)
	}
}

// TestShadowJob checks that a job with shadow: true writes nothing, although its project is not in shadow.
func TestShadowJob(t *testing.T) {
	t.Parallel()
	samples := limitUnreachable(sandbox.Samples(20, 1, demoProject, time.Now()))
	s := newFixtureWith(t, sandbox.Options{}, map[string]string{demoProject: longTimeouts}, samples)
	url, db := s.postgres()
	const changed = `select count(*) from hhrecon_finding as f join payins as p on p.payment_id = f.payment_id
		where p.status <> f.status_before`
	s.jobs(`name: often, cron: "* * * * * *", do: reconcile, shadow: true`)
	p := s.serveSchedules(url)
	waitUntil(t, "a shadow run", func() bool {
		return queryCount(t, db, `select count(*) from hhrecon_run where dry_run and rules::text like '%"shadow":true%'
			and closed_at is not null and not announce`) > 0
	})
	p.stop()
	runs, rows := queryCount(t, db, `select count(*) from hhrecon_run where not dry_run`), queryCount(t, db, changed)
	if runs != 0 || rows != 0 {
		t.Errorf("%d runs could write, and %d rows were changed", runs, rows)
	}
}
