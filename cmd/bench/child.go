package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"hhrecon/highhelp"
	"hhrecon/highhelp/sandbox"
)

// sandboxArg is the argument that starts this program as the sandbox.
const sandboxArg = "sandbox"

// boxOptions are the options of the sandbox. The benchmark sends these options to the sandbox's process as JSON.
type boxOptions struct {
	Key     []byte // private key in PEM
	Secret  []byte // HMAC key
	Latency time.Duration
	Payins  int
	Until   time.Time // reference time of the sample payins
}

// serveSandbox runs the sandbox in a separate process, so the CPU time of the sandbox is not measured.
// serveSandbox reads the options from standard input, writes the sandbox's address to standard output, and serves
// until the context ends.
func (a *app) serveSandbox(ctx context.Context) error {
	var o boxOptions
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		return err
	}
	key, err := highhelp.ParsePrivateKey(o.Key)
	if err != nil {
		return err
	}
	box, err := sandbox.New(sandbox.Options{Latency: o.Latency, Projects: []sandbox.Project{
		{ProjectID: benchProject, PublicKey: &key.PublicKey, Secret: o.Secret},
	}})
	if err != nil {
		return err
	}
	defer box.Close()
	for sample := range sandbox.SamplesSeq(o.Payins, 1, benchProject, o.Until) {
		if err := box.Load([]sandbox.Sample{sample}); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "http://%s\n", listener.Addr())
	server := &http.Server{Handler: box, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// child is the process of the sandbox.
type child struct {
	cmd   *exec.Cmd
	log   string // file that receives the standard error of the process
	url   chan string
	ended chan struct{}
}

// startChild starts this program again as the sandbox.
func startChild(options boxOptions, dir string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	input, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	c := &child{
		cmd: exec.Command(program, sandboxArg), log: filepath.Join(dir, "sandbox.log"),
		url: make(chan string, 1), ended: make(chan struct{}),
	}
	c.cmd.Args[0] = os.Args[0]
	c.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "HHRECON_") })
	c.cmd.SysProcAttr = endsWithParent()
	c.cmd.Stdin = strings.NewReader(string(input))
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

// live starts the child and waits until the child ends. live locks its thread, because the kernel kills the child when
// the thread that started it ends.
func (c *child) live(started chan<- error, out io.Reader) {
	defer close(c.ended)
	runtime.LockOSThread()
	err := c.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	if lines := bufio.NewScanner(out); lines.Scan() {
		c.url <- lines.Text()
	}
	_ = c.cmd.Wait() // this error says only that a signal ended the process
}

// ready waits until the sandbox has started, and returns the sandbox's address.
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

// stop sends SIGTERM, and SIGKILL two seconds later. It returns when the process has ended.
func (c *child) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(2 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
}
