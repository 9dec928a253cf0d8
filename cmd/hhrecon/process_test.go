package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is one hhrecon, a whole process of its own.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    output
	err    output
	ended  chan struct{}
	status int // once ended; -1 where a signal ended it
}

// start starts hhrecon in the fixture's folder.
func (s *fixture) start(url string, args ...string) *process {
	s.t.Helper()
	p := &process{t: s.t, cmd: exec.Command(cmp.Or(s.program, "hhrecon"), args...), ended: make(chan struct{})}
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
	case <-time.After(waitLimit):
		p.t.Fatalf("%q does not end:\n%s", p.cmd.Args, p.err.String())
	}
	return p.status
}

// wantStatus fails the test where the process does not end with one of the statuses.
func (p *process) wantStatus(statuses ...int) *process {
	p.t.Helper()
	if got := p.wait(); !slices.Contains(statuses, got) {
		p.t.Fatalf("%q exits %d, not %d:\n%s%s", p.cmd.Args, got, statuses, p.out.String(), p.err.String())
	}
	return p
}

// wantOutput fails the test where what the process wrote does not contain a text.
func (p *process) wantOutput(texts ...string) *process {
	p.t.Helper()
	for _, text := range texts {
		if all := p.out.String() + p.err.String(); !strings.Contains(all, text) {
			p.t.Errorf("%q does not say %q:\n%s", p.cmd.Args, text, all)
		}
	}
	return p
}

// waitFor waits for a condition for as long as the process runs, and tells whether it came.
func (p *process) waitFor(condition func() bool) bool {
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

// stop asks the process to stop and waits until it has.
func (p *process) stop() {
	p.t.Helper()
	must(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	p.wantStatus(exitOK)
}

// lines are what the process has logged under a message.
func (p *process) lines(message string) []map[string]any {
	var found []map[string]any
	for scan := bufio.NewScanner(strings.NewReader(p.err.String())); scan.Scan(); {
		var line map[string]any
		if json.Unmarshal(scan.Bytes(), &line) == nil && line["msg"] == message {
			found = append(found, line)
		}
	}
	return found
}

// signal sends one to a process.
func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	must(p.t, p.cmd.Process.Signal(s))
}

// waitUntil waits for a condition that must come.
func waitUntil(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(waitLimit); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: it does not come to that", what)
		}
	}
}
