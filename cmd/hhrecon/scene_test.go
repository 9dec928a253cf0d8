package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// patience is how long a test waits for what must come. No verdict depends on it: it only ends a test
// that would hang.
const patience = 3 * time.Minute

// scene is a stand-in for HighHelp, a folder with the settings for it, and sample payins.
type scene struct {
	t       *testing.T
	dir     string
	box     *sandbox.Sandbox
	samples []sandbox.Sample
	env     []string // beside the database's URL and HighHelp's

	mu      sync.Mutex
	handler http.Handler // what HighHelp's address leads to
	url     string
}

// patient are a project's settings for tests in which HighHelp answers, however busy the machine is.
const patient = "rate: 5000, attempt_timeout: 25s, payin_timeout: 25s"

// steady takes out of samples what would cost patient settings their patience: the payins that HighHelp
// never answers about are left with a plain refusal to wait for.
func steady(samples []sandbox.Sample) []sandbox.Sample {
	return slices.DeleteFunc(samples, func(s sandbox.Sample) bool {
		if s.Outcome == "unreachable" && s.Fault.Name == "status" {
			s.Fault.RetryAfter = "86400"
			return false
		}
		return s.Outcome == "unreachable"
	})
}

// newScene makes a scene of one project with the given settings, in YAML's flow style.
func newScene(t *testing.T, project string, samples []sandbox.Sample) *scene {
	t.Helper()
	return newSceneWith(t, sandbox.Options{}, map[string]string{demoProject: project}, samples)
}

// newSceneWith makes a scene of several projects, which share their keys.
func newSceneWith(t *testing.T, options sandbox.Options, projects map[string]string, samples []sandbox.Sample) *scene {
	t.Helper()
	s := &scene{t: t, dir: t.TempDir(), samples: samples}
	keys := filepath.Join(s.dir, "keys")
	must(t, writeKeys(keys))
	s.settingsOf("schedules.yaml", projects)
	for id := range projects {
		register, err := (&sandboxCmd{Project: id, Keys: keys}).register()
		must(t, err)
		options.Registers = append(options.Registers, register)
	}
	box, err := sandbox.New(options)
	must(t, err)
	s.box = box
	must(t, s.box.Load(samples))
	s.handler = s.box
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		handler := s.handler
		s.mu.Unlock()
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(s.box.Close)
	s.url = server.URL
	return s
}

// writeKeys makes a folder of keys for the sandbox from two that are there: making them takes longer than most tests.
func writeKeys(dir string) error {
	request, err1 := os.ReadFile("../../highhelp/testdata/test_key.pem")
	alert, err2 := alertKey()
	return errors.Join(err1, err2, os.MkdirAll(dir, 0o700),
		os.WriteFile(filepath.Join(dir, "private_key.pem"), request, 0o600),
		os.WriteFile(filepath.Join(dir, "alert_private_key.pem"), alert, 0o600))
}

// alertKey is made once a process.
var alertKey = sync.OnceValues(func() ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
})

// settings writes a schedules file beside schedules.yaml for one project.
func (s *scene) settings(file, project string) {
	s.t.Helper()
	s.settingsOf(file, map[string]string{demoProject: project})
}

// zone puts another zone into schedules.yaml.
func (s *scene) zone(name string) {
	s.t.Helper()
	file := filepath.Join(s.dir, "schedules.yaml")
	text, err := os.ReadFile(file)
	must(s.t, err)
	must(s.t, os.WriteFile(file, bytes.Replace(text, []byte("Asia/Bishkek"), []byte(name), 1), 0o600))
}

func (s *scene) settingsOf(file string, projects map[string]string) {
	s.t.Helper()
	yaml := "timezone: Asia/Bishkek\nprojects:\n"
	for id, project := range projects {
		yaml += fmt.Sprintf("  - {id: %s, private_key_file: keys/private_key.pem, %s}\n", id, project)
	}
	must(s.t, os.WriteFile(filepath.Join(s.dir, file), []byte(yaml), 0o600))
}

// jobs adds schedules to schedules.yaml, one line each in YAML's flow style. Their cron expressions may have seconds.
func (s *scene) jobs(lines ...string) {
	s.t.Helper()
	s.env = append(s.env, cronSeconds+"=1")
	file := filepath.Join(s.dir, "schedules.yaml")
	text, err := os.ReadFile(file)
	must(s.t, err)
	before, _, _ := strings.Cut(string(text), "jobs:\n")
	must(s.t, os.WriteFile(file, []byte(before+"jobs:\n  - {"+strings.Join(lines, "}\n  - {")+"}\n"), 0o600))
}

// skew is a clock that goes wrong.
type skew struct {
	mu sync.Mutex
	by time.Duration
}

func (c *skew) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.by)
}

func (c *skew) set(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by = by
}

// answerBy puts another handler before the sandbox.
func (s *scene) answerBy(h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = h
}

// asked is how often HighHelp was asked anything.
func (s *scene) asked() int { return s.box.Stats().Total }

// load puts the merchant's side of the samples into a database.
func (s *scene) load(url string) {
	s.t.Helper()
	ctx := context.Background()
	store, err := sql.Open(ctx, url, sql.Options{})
	must(s.t, err)
	defer store.Close()
	_, err = store.SavePayins(ctx, merchantRows(s.samples))
	must(s.t, err)
}

// process is one hhrecon, a whole process of its own.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    output
	err    output
	ended  chan struct{}
	status int // once ended; -1 where a signal ended it
}

// start starts hhrecon in the scene's folder.
func (s *scene) start(url string, args ...string) *process {
	s.t.Helper()
	p := &process{t: s.t, cmd: exec.Command("hhrecon", args...), ended: make(chan struct{})}
	p.cmd.Dir = s.dir
	p.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "HHRECON_") })
	p.cmd.Env = append(p.cmd.Env, "HHRECON_DATABASE_URL="+url, "HHRECON_API_URL="+s.url)
	p.cmd.Env = append(p.cmd.Env, s.env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	must(s.t, p.cmd.Start())
	go func() {
		defer close(p.ended)
		var exit *exec.ExitError
		if err := p.cmd.Wait(); errors.As(err, &exit) {
			p.status = exit.ExitCode()
		} else if err != nil {
			p.status = -2
		}
	}()
	s.t.Cleanup(p.kill)
	return p
}

// kill ends the process by SIGKILL and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// wait waits for the process's end and returns its exit status.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("%q does not end:\n%s", p.cmd.Args, p.err.String())
	}
	return p.status
}

// want fails the test where the process does not end with one of the statuses.
func (p *process) want(statuses ...int) *process {
	p.t.Helper()
	if got := p.wait(); !slices.Contains(statuses, got) {
		p.t.Fatalf("%q exits %d, not %d:\n%s%s", p.cmd.Args, got, statuses, p.out.String(), p.err.String())
	}
	return p
}

// says fails the test where what the process wrote does not contain a text.
func (p *process) says(texts ...string) *process {
	p.t.Helper()
	for _, text := range texts {
		if all := p.out.String() + p.err.String(); !strings.Contains(all, text) {
			p.t.Errorf("%q does not say %q:\n%s", p.cmd.Args, text, all)
		}
	}
	return p
}

// until waits for a condition for as long as the process runs, and tells whether it came.
func (p *process) until(condition func() bool) bool {
	for p.running() {
		if condition() {
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

// results are the runs that `hhrecon run --json` wrote.
func (p *process) results() []runResult {
	p.t.Helper()
	var all []runResult
	for d := json.NewDecoder(strings.NewReader(p.out.String())); d.More(); {
		var r runResult
		must(p.t, d.Decode(&r))
		all = append(all, r)
	}
	return all
}

// output is a buffer that is written and read at once.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// payinsLog is a table with every update of payins in their order: by whom, and from what to what.
// Where slow is set, triggers also widen the moments of opening, of settling, between a correction and
// its finding most of all, and of closing.
func payinsLog(t *testing.T, db *sqltest.Database, slow bool) {
	t.Helper()
	db.MustExec(`
		create table payins_log (
			id bigint generated always as identity primary key, project_id text, payment_id text, actor text,
			status_before text, updated_before timestamptz, status_after text, updated_after timestamptz);
		create index on payins_log (project_id, payment_id);
		create function payins_log() returns trigger language plpgsql as $$
		begin
			insert into payins_log (
				project_id, payment_id, actor, status_before, updated_before, status_after, updated_after
			)
			values (
				new.project_id, new.payment_id, current_setting('application_name'),
				old.status, old.updated_at, new.status, new.updated_at
			);
			return null;
		end $$;
		create trigger payins_log after update on payins for each row execute function payins_log();`)
	if slow {
		db.MustExec(`
			create function snail() returns trigger language plpgsql as $$ begin perform pg_sleep(0.1); return new; end $$;
			create function snails() returns trigger language plpgsql as $$
			begin
				if hashtext(new.payment_id) % 16 = 0 then perform pg_sleep(0.002); end if;
				return new;
			end $$;
			create trigger open before insert on hhrecon_run for each row execute function snail();
			create trigger close before update on hhrecon_run for each row
				when (new.state = 'complete' and old.state = 'running') execute function snail();
			create trigger find before insert on hhrecon_finding for each statement execute function snail();
			create trigger settle before update on payins for each row
				when (current_setting('application_name') = 'hhrecon') execute function snails();`)
	}
}

// ledger is all that must come out the same, however often a run broke off.
type ledger struct {
	Rows     []string
	Findings []string // of the first run
}

// readLedger reads the merchant's rows and the first run's findings, without the moments of writing.
func readLedger(t *testing.T, db *sqltest.Database) ledger {
	t.Helper()
	var l ledger
	must(t, db.Select(&l.Rows, `
		select concat_ws('|', project_id, payment_id, amount, currency, status, coalesce(sub_status, '-'),
			coalesce(settled_amount, -1), coalesce(lifetime, -1), created_at)
		from payins
		order by project_id, payment_id`))
	must(t, db.Select(&l.Findings, `
		select concat_ws('|', payment_id, outcome, causes, merchant_amount, coalesce(initial_amount, -1),
			coalesce(old_amount, -1), coalesce(amount, -1), currency, status_before, coalesce(sub_status_before, '-'),
			coalesce(settled_amount_before, -1), updated_at, coalesce(provider_status, '-'),
			coalesce(provider_sub_status, '-'), status_after, coalesce(sub_status_after, '-'),
			coalesce(settled_amount_after, -1), correction, harmful, result)
		from hhrecon_finding
		where run_id = (select min(id) from hhrecon_run)
		order by payment_id`))
	return l
}

// checkBooks fails the test where the database's books do not tie: a run with other findings than
// it selected payins, a payin left over, a correction without its update or an update without its correction.
func checkBooks(t *testing.T, db *sqltest.Database) {
	t.Helper()
	db.MustExec(`analyze`) // the queries below join large tables, which have no statistics yet
	for what, query := range map[string]string{
		"runs that are not closed": `
			select count(*)
			from hhrecon_run
			where state not in ('complete', 'held')`,
		"payins left in the selection": `
			select count(*)
			from hhrecon_selection`,
		"runs with payins lost or doubled": `
			select count(*)
			from hhrecon_run r
			where selected <> (select count(distinct payment_id) from hhrecon_finding f where f.run_id = r.id)
				or selected <> (select count(*) from hhrecon_finding f where f.run_id = r.id)`,
		"runs whose answers do not add up": `
			select count(*)
			from hhrecon_run r
			where answered <> (
				select count(*)
				from hhrecon_finding f
				where f.run_id = r.id and f.result not in ('unreachable', 'not_asked')
			)`,
		"payins corrected twice": `
			select count(*)
			from (
				select 1
				from payins_log
				where actor = 'hhrecon'
				group by project_id, payment_id
				having count(*) > 1
			) as twice`,
		"corrections without their update": `
			select count(*)
			from hhrecon_finding f
			where correction = 'applied' and 1 <> (
				select count(*)
				from payins_log l
				where actor = 'hhrecon' and l.project_id = f.project_id and l.payment_id = f.payment_id
					and l.updated_before = f.updated_at and l.status_before = f.status_before
					and l.status_after = f.status_after and l.updated_after = f.corrected_at
			)`,
		"updates without their correction": `
			select (select count(*) from payins_log where actor = 'hhrecon')
				- (select count(*) from hhrecon_finding where correction = 'applied')`,
	} {
		if n := number(t, db, query); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

// checkLedger fails the test where two databases tell different stories.
func checkLedger(t *testing.T, got, want ledger) {
	t.Helper()
	if diff := cmp.Diff(want.Rows, got.Rows); diff != "" {
		t.Errorf("the merchant's rows differ from those of the undisturbed run (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Findings, got.Findings); diff != "" {
		t.Errorf("the findings differ from those of the undisturbed run (-want +got):\n%s", diff)
	}
}

func number(t *testing.T, db *sqltest.Database, query string, args ...any) int64 {
	t.Helper()
	var n int64
	must(t, db.Get(&n, query, args...))
	return n
}

// fromEnv is a test's size: small unless the environment says otherwise.
func fromEnv(t *testing.T, name string, small int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return small
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// postgres names a fresh database with the scene's payins in it, and opens it to look at.
func (s *scene) postgres() (string, *sqltest.Database) {
	s.t.Helper()
	url := sqltest.PostgresURL(s.t)
	s.load(url)
	return url, sqltest.DB(s.t, url)
}
