package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// child is the sandbox in a process of its own, so that its work is not taken for ours.
type child struct {
	cmd   *exec.Cmd
	log   string // what it wrote on standard error
	url   chan string
	ended chan struct{}
}

// startChild starts this very program with other arguments.
func startChild(args []string, dir string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	c := &child{cmd: exec.Command(program, args...), log: filepath.Join(dir, "sandbox.log"), url: make(chan string, 1), ended: make(chan struct{})}
	c.cmd.Args[0] = os.Args[0]
	c.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "HHRECON_") })
	c.cmd.SysProcAttr = mortal()
	log, err := os.Create(c.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c.cmd.Stderr = log
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	started := make(chan error)
	go c.live(started, out)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	return c, nil
}

// live starts the process and waits for its end, on a thread that stays until then: the kernel ends the child when the
// thread that started it ends.
func (c *child) live(started chan<- error, out io.Reader) {
	defer close(c.ended)
	runtime.LockOSThread()
	err := c.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if url, ok := strings.CutPrefix(lines.Text(), "export HHRECON_API_URL="); ok {
			c.url <- url
		}
	}
	_ = c.cmd.Wait() // it is stopped by a signal
}

// ready waits until the sandbox answers, and returns its address.
func (c *child) ready(ctx context.Context) (string, error) {
	select {
	case url := <-c.url:
		return url, nil
	case <-ctx.Done():
		return "", ctx.Err()
	case <-c.ended:
		said, _ := os.ReadFile(c.log)
		return "", fmt.Errorf("the sandbox ended before it answered: %.500s", said)
	}
}

// stop ends the process, by force where it takes its time, and waits until it is gone.
func (c *child) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(2 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
}
