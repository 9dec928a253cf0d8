package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"hhrecon/sql/sqltest"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"bench": main}) }

// waitLimit is how long a test waits for a process or a condition.
const waitLimit = 3 * time.Minute

// process is a running process of the benchmark.
type process struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err output
	ended    chan struct{}
	status   int // exit status; valid after the end; -1 if a signal ended the process
}

// start starts a benchmark that creates its temporary files in dir.
func start(t *testing.T, dir, url string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command("bench", args...), ended: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "HHRECON_") })
	p.cmd.Env = append(p.cmd.Env, "HHRECON_DATABASE_URL="+url, "TMPDIR="+dir)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	must(t, p.cmd.Start())
	go func() {
		defer close(p.ended)
		var exit *exec.ExitError
		if err := p.cmd.Wait(); errors.As(err, &exit) {
			p.status = exit.ExitCode()
		} else if err != nil {
			p.status = -2
		}
	}()
	t.Cleanup(p.kill)
	return p
}

// kill sends SIGKILL and waits for the end of the process.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// wantStatus waits for the end of the process and fails the test if the exit status is different.
func (p *process) wantStatus(status int) *process {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(waitLimit):
		p.t.Fatalf("%q does not end:\n%s", p.cmd.Args, p.err.String())
	}
	if p.status != status {
		p.t.Fatalf("%q exits with status %d, want %d:\n%s%s", p.cmd.Args, p.status, status, p.out.String(), p.err.String())
	}
	return p
}

// wantOutput fails the test if the output and log of the process do not contain all texts.
func (p *process) wantOutput(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if all := p.out.String() + p.err.String(); !strings.Contains(all, text) {
			p.t.Errorf("%q does not print %q:\n%s", p.cmd.Args, text, all)
		}
	}
}

// waitFor waits for a condition while the process runs. waitFor returns false if the process ends first.
func (p *process) waitFor(condition func() bool) bool {
	for {
		select {
		case <-p.ended:
			return false
		case <-time.After(time.Millisecond):
		}
		if condition() {
			return true
		}
	}
}

// output is a buffer that is safe for concurrent use.
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

// waitUntil waits for a condition and fails the test if it does not become true.
func waitUntil(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(waitLimit); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("timed out waiting until %s", what)
		}
	}
}

func queryCount(t *testing.T, db *sqltest.Database, query string, args ...any) int64 {
	t.Helper()
	var n int64
	must(t, db.Get(&n, query, args...))
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
