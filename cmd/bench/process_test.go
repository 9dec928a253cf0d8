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

// patience is how long a test waits for the end of a process that hangs.
const patience = 3 * time.Minute

// process is one benchmark, in a process of its own.
type process struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err output
	ended    chan struct{}
	status   int // once ended; -1 if a signal ended it
}

// start starts a benchmark whose temporary files are in dir.
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

// kill ends the process by SIGKILL and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// want fails the test if the process does not end with the status.
func (p *process) want(status int) *process {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("%q does not end:\n%s", p.cmd.Args, p.err.String())
	}
	if p.status != status {
		p.t.Fatalf("%q exits %d, not %d:\n%s%s", p.cmd.Args, p.status, status, p.out.String(), p.err.String())
	}
	return p
}

// says fails the test if what the process wrote does not contain a text.
func (p *process) says(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if all := p.out.String() + p.err.String(); !strings.Contains(all, text) {
			p.t.Errorf("%q does not say %q:\n%s", p.cmd.Args, text, all)
		}
	}
}

// until waits for a condition for as long as the process runs, and is true if it came.
func (p *process) until(condition func() bool) bool {
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

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

func number(t *testing.T, db *sqltest.Database, query string, args ...any) int64 {
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
