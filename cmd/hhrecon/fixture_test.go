package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/summary"
	"hhrecon/highhelp"
	"hhrecon/highhelp/sandbox"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// Exit statuses of commands.
const (
	exitOK        = exit.OK
	exitFailed    = exit.Failed
	exitUsage     = exit.Usage
	exitUntrusted = exit.Untrusted
	exitBusy      = exit.Busy
	exitHeld      = exit.Held
)

// runResult is the JSON that a run prints with --json.
type runResult = summary.Run

// waitLimit is the maximum time for which a test waits for an expected event. Only a test that would never
// end reaches this limit.
const waitLimit = 3 * time.Minute

// fixture is a HighHelp sandbox, a folder with its settings, and sample payins.
type fixture struct {
	t       *testing.T
	dir     string
	box     *sandbox.Sandbox
	samples []sandbox.Sample
	env     []string // environment variables in addition to the URLs of the database and HighHelp
	program string   // path of the program; the default is this test binary

	mu      sync.Mutex
	handler http.Handler // answers at HighHelp's address
	url     string
}

// longTimeouts contains a project's settings for tests in which HighHelp always answers, even on a busy machine. Only
// open payins are selected.
const longTimeouts = "rate: 5000, attempt_timeout: 25s, payin_timeout: 25s, recheck: 0s"

// withoutHold is a project's setting with which no run is held. The samples need more corrections than an ordinary run.
const withoutHold = ", hold_above: {share: 1}"

// limitUnreachable removes samples that get no answer, because their queries take minutes with longTimeouts.
// limitUnreachable keeps samples with the answer 503. limitUnreachable adds a long Retry-After to these answers, and
// the queries then fail immediately.
func limitUnreachable(samples []sandbox.Sample) []sandbox.Sample {
	return slices.DeleteFunc(samples, func(s sandbox.Sample) bool {
		if s.Outcome == "unreachable" && s.Fault.Name == "status" {
			s.Fault.RetryAfter = "86400"
			return false
		}
		return s.Outcome == "unreachable"
	})
}

// newFixture returns a fixture with one project. The argument project contains the project's settings
// in YAML's flow style.
func newFixture(t *testing.T, project string, samples []sandbox.Sample) *fixture {
	t.Helper()
	return newFixtureWith(t, sandbox.Options{}, map[string]string{demoProject: project}, samples)
}

// skipIfShort skips a slow test if -short is set.
func skipIfShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped by -short: takes seconds")
	}
}

// newFixtureWith returns a fixture with several projects, which share their keys.
func newFixtureWith(t *testing.T, options sandbox.Options, projects map[string]string,
	samples []sandbox.Sample) *fixture {
	t.Helper()
	skipIfShort(t)
	s := &fixture{t: t, dir: t.TempDir(), samples: samples}
	keys := filepath.Join(s.dir, "keys")
	must(t, writeKeys(keys))
	s.settingsOf("schedules.yaml", projects)
	for id := range projects {
		project, err := (&sandboxCmd{Project: id, Keys: keys}).project()
		must(t, err)
		options.Projects = append(options.Projects, project)
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

// writeKeys writes the sandbox's keys to a folder. writeKeys reuses keys, because generating them takes
// longer than most tests.
func writeKeys(dir string) error {
	request, err1 := os.ReadFile("../../highhelp/testdata/test_key.pem")
	alert, err2 := alertKey()
	return errors.Join(err1, err2, os.MkdirAll(dir, 0o700),
		os.WriteFile(filepath.Join(dir, "private_key.pem"), request, 0o600),
		os.WriteFile(filepath.Join(dir, "alert_private_key.pem"), alert, 0o600))
}

// alertKey returns a key that is generated once for each process.
var alertKey = sync.OnceValues(func() ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
})

// settings writes a schedules file with one project.
func (s *fixture) settings(file, project string) {
	s.t.Helper()
	s.settingsOf(file, map[string]string{demoProject: project})
}

// zone sets the time zone in schedules.yaml.
func (s *fixture) zone(name string) {
	s.t.Helper()
	file := filepath.Join(s.dir, "schedules.yaml")
	text, err := os.ReadFile(file)
	must(s.t, err)
	must(s.t, os.WriteFile(file, bytes.Replace(text, []byte("Asia/Bishkek"), []byte(name), 1), 0o600))
}

// settingsOf writes a schedules file with the projects. The projects sign requests with HMAC, because RSA would take
// half of a run's CPU time. The scripts in testdata/script test RSA.
func (s *fixture) settingsOf(file string, projects map[string]string) {
	s.t.Helper()
	yaml := "timezone: Asia/Bishkek\nprojects:\n"
	for id, project := range projects {
		yaml += fmt.Sprintf("  - {id: %s, private_key_file: keys/private_key.pem, %s, ", id, project) +
			"hmac_secret_file: keys/hmac_private_key.txt, signature: {algorithm: " + highhelp.AlgorithmHMAC + "}}\n"
	}
	must(s.t, os.WriteFile(filepath.Join(s.dir, file), []byte(yaml), 0o600))
}

// jobs replaces the jobs in schedules.yaml. Each line is one job in YAML's flow style. Cron expressions may have
// seconds.
func (s *fixture) jobs(lines ...string) {
	s.t.Helper()
	s.env = append(s.env, cronSeconds+"=1")
	file := filepath.Join(s.dir, "schedules.yaml")
	text, err := os.ReadFile(file)
	must(s.t, err)
	before, _, _ := strings.Cut(string(text), "jobs:\n")
	must(s.t, os.WriteFile(file, []byte(before+"jobs:\n  - {"+strings.Join(lines, "}\n  - {")+"}\n"), 0o600))
}

// testClock is a clock that differs from the machine's clock by an offset.
type testClock struct {
	mu sync.Mutex
	by time.Duration
}

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.by)
}

func (c *testClock) set(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by = by
}

// handleWith sets the handler that answers at HighHelp's address.
func (s *fixture) handleWith(h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = h
}

// requestCount returns the number of requests to HighHelp.
func (s *fixture) requestCount() int { return s.box.Stats().Total }

// load inserts the merchant's rows of the samples into a database.
func (s *fixture) load(url string) {
	s.t.Helper()
	ctx := context.Background()
	store, err := sql.Open(ctx, url, sql.Options{})
	must(s.t, err)
	defer store.Close()
	_, err = store.SavePayins(ctx, merchantRows(s.samples))
	must(s.t, err)
}

func queryCount(t *testing.T, db *sqltest.Database, query string, args ...any) int64 {
	t.Helper()
	var n int64
	must(t, db.Get(&n, query, args...))
	return n
}

// sizeFromEnv returns the size of a test. The size is the value of an environment variable, or small if the
// variable is not set.
func sizeFromEnv(t *testing.T, name string, small int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return small
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// postgres creates a database with the fixture's payins. postgres returns its URL and a connection for checks.
func (s *fixture) postgres() (string, *sqltest.Database) {
	s.t.Helper()
	url := sqltest.PostgresURL(s.t)
	s.load(url)
	return url, sqltest.DB(s.t, url)
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}
