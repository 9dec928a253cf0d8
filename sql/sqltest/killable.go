package sqltest

import (
	"context"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// KillableServer is a PostgreSQL server for one test. The test can stop and start the server. Committed transactions
// survive a stop, but not a power failure.
type KillableServer struct {
	URL string // URL of a migrated database with the sample table

	t       testing.TB
	as      *credential
	bin     string
	dir     string
	process *exec.Cmd
	ended   <-chan struct{}
}

// KillablePostgres starts a server that is stopped when the test ends. PostgreSQL's programs must be installed on this
// machine, even if HHRECON_TEST_DATABASE_URL is set.
func KillablePostgres(t testing.TB) *KillableServer {
	t.Helper()
	skipShort(t)
	s := &KillableServer{t: t}
	var err error
	s.bin, err = binaries()
	check(t, err)
	s.dir, err = os.MkdirTemp(fastFolder(), "hhrecon-killable-")
	check(t, err)
	t.Cleanup(func() {
		if s.process != nil {
			s.Kill()
		}
		_ = os.RemoveAll(s.dir)
	})
	s.as, err = account(s.dir)
	check(t, err)
	check(t, initCluster(s.as, s.bin, s.dir))
	s.URL = socketURL(s.dir)
	s.Start()
	check(t, migrate(s.URL))
	return s
}

// Start starts the server, and waits until it answers. Start can be called again after Stop or Kill.
func (s *KillableServer) Start() {
	s.t.Helper()
	// After Kill, child processes may still be ending. A new server refuses to start until they have ended.
	for deadline := time.Now().Add(time.Minute); ; {
		s.process = postgresCommand(s.as, s.bin, s.dir)
		var err error
		s.ended, err = startPinned(s.process, s.dir)
		check(s.t, err)
		if s.answers() {
			return
		}
		if time.Now().After(deadline) {
			check(s.t, await(s.URL, s.dir))
		}
	}
}

// answers waits until the server answers. answers returns false if the server ends.
func (s *KillableServer) answers() bool {
	db := DB(s.t, s.URL)
	defer func() { _ = db.Close() }()
	for {
		if db.PingContext(context.Background()) == nil {
			return true
		}
		select {
		case <-s.ended:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop stops the server like "pg_ctl stop -m immediate". The server does not wait for its clients' transactions.
func (s *KillableServer) Stop() {
	s.t.Helper()
	check(s.t, s.process.Process.Signal(syscall.SIGQUIT))
	<-s.ended
}

// Kill ends the server with SIGKILL.
func (s *KillableServer) Kill() {
	_ = s.process.Process.Kill()
	<-s.ended
}
