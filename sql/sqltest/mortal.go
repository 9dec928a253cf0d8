package sqltest

import (
	"context"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// Mortal is a PostgreSQL of a test's own, which can be stopped and started again. Its transactions are
// as lasting as in production, short of a power cut.
type Mortal struct {
	URL string // a database, migrated and with the sample table

	t       testing.TB
	as      *credential
	bin     string
	dir     string
	process *exec.Cmd
	ended   <-chan struct{}
}

// MortalPostgres starts a server that ends with the test. It needs installed programs, whatever
// HHRECON_TEST_DATABASE_URL names.
func MortalPostgres(t testing.TB) *Mortal {
	t.Helper()
	skipShort(t)
	m := &Mortal{t: t}
	var err error
	m.bin, err = binaries()
	check(t, err)
	m.dir, err = os.MkdirTemp(fastFolder(), "hhrecon-mortal-")
	check(t, err)
	t.Cleanup(func() {
		if m.process != nil {
			m.Kill()
		}
		_ = os.RemoveAll(m.dir)
	})
	m.as, err = account(m.dir)
	check(t, err)
	check(t, initCluster(m.as, m.bin, m.dir))
	m.URL = socketURL(m.dir)
	m.Start()
	check(t, migrate(m.URL))
	return m
}

// Start starts the server after Stop or Kill, and waits until it answers.
func (m *Mortal) Start() {
	m.t.Helper()
	// After Kill the server's children may still be ending; until then a new server refuses to start.
	for deadline := time.Now().Add(time.Minute); ; {
		m.process = postgresCommand(m.as, m.bin, m.dir)
		var err error
		m.ended, err = startPinned(m.process, m.dir)
		check(m.t, err)
		if m.answers() {
			return
		}
		if time.Now().After(deadline) {
			check(m.t, await(m.URL, m.dir))
		}
	}
}

// answers waits until the server answers, or has ended.
func (m *Mortal) answers() bool {
	db := DB(m.t, m.URL)
	defer func() { _ = db.Close() }()
	for {
		if db.PingContext(context.Background()) == nil {
			return true
		}
		select {
		case <-m.ended:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop is pg_ctl stop -m immediate: the server ends at once, without a word to its clients' transactions.
func (m *Mortal) Stop() {
	m.t.Helper()
	check(m.t, m.process.Process.Signal(syscall.SIGQUIT))
	<-m.ended
}

// Kill ends the server by SIGKILL.
func (m *Mortal) Kill() {
	_ = m.process.Process.Kill()
	<-m.ended
}
