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

// process is a running hhrecon command.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    output
	err    output
	ended  chan struct{}
	status int // exit status; -1 if a signal ended the process
}

// start starts an hhrecon command in the fixture's folder.
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

// kill sends SIGKILL and waits for the end of the process.
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

// wait waits for the end of the process and returns its exit status.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(waitLimit):
		p.t.Fatalf("%q does not end:\n%s", p.cmd.Args, p.err.String())
	}
	return p.status
}

// wantStatus waits for the end of the process and fails the test if its exit status is not one of statuses.
func (p *process) wantStatus(statuses ...int) *process {
	p.t.Helper()
	if got := p.wait(); !slices.Contains(statuses, got) {
		p.t.Fatalf("%q exits with status %d, want %d:\n%s%s", p.cmd.Args, got, statuses, p.out.String(), p.err.String())
	}
	return p
}

// wantOutput fails the test if the output or log of the process does not contain all texts.
func (p *process) wantOutput(texts ...string) *process {
	p.t.Helper()
	for _, text := range texts {
		if all := p.out.String() + p.err.String(); !strings.Contains(all, text) {
			p.t.Errorf("%q does not print %q:\n%s", p.cmd.Args, text, all)
		}
	}
	return p
}

// waitFor waits for a condition while the process runs. waitFor returns false if the process ended first.
func (p *process) waitFor(condition func() bool) bool {
	for p.running() {
		if condition() {
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

// results returns the runs that `hhrecon run --json` printed.
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

// output is a buffer that is safe for simultaneous reads and writes.
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

// stop sends SIGTERM and waits for a successful end.
func (p *process) stop() {
	p.t.Helper()
	must(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	p.wantStatus(exitOK)
}

// lines returns the log lines with a message.
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

// signal sends a signal to the process.
func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	must(p.t, p.cmd.Process.Signal(s))
}

// waitUntil waits for a condition. waitUntil fails the test if the condition does not become true.
func waitUntil(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(waitLimit); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timed out waiting until %s", what)
		}
	}
}
