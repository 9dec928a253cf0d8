//go:build unix

package sqltest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// All test processes of one "go test" have the same parent, and share a folder that is named by the parent's process
// ID. Each process holds a shared lock on the file "lock" in the folder until the process ends. The first process
// starts this program again as the keeper of a server. The keeper waits for an exclusive lock on the file, and gets the
// lock after the last test process has ended. The keeper then stops the server and removes the folder.

// keeperFolder is the environment variable that contains the folder of a keeper process.
const keeperFolder = "HHRECON_TEST_KEEPER"

func init() {
	if dir := os.Getenv(keeperFolder); dir != "" {
		if err := keep(dir); err != nil {
			fmt.Fprintln(os.Stdout, err)
			_ = os.RemoveAll(filepath.Join(dir, "data")) // the folder may be in memory
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// used is the locked file of this process. The variable prevents the garbage collector from closing the file.
var used *os.File

// shared returns the URL of the server that the processes of this "go test" share, and starts the server if necessary.
var shared = sync.OnceValues(func() (string, error) {
	if _, err := binaries(); err != nil {
		return "", err
	}
	dir := filepath.Join(fastFolder(), fmt.Sprintf("hhrecon-pg-%d-%d", os.Geteuid(), os.Getppid()))
	var err error
	for used == nil && err == nil {
		used, err = lockFolder(dir, syscall.LOCK_SH)
	}
	if err != nil {
		return "", err
	}
	// Only one process at a time checks whether the server runs.
	starting, err := os.OpenFile(filepath.Join(dir, "starting"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { _ = starting.Close() }()
	if err := syscall.Flock(int(starting.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	if at, err := os.ReadFile(filepath.Join(dir, "url")); err == nil && run(string(at), "select 1") == nil {
		return string(at), nil
	}
	return startKeeper(dir)
})

// lockFolder creates a folder and locks its file "lock". lockFolder returns nil if the folder was removed meanwhile.
func lockFolder(dir string, how int) (*os.File, error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	name := filepath.Join(dir, "lock")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	locked, err1 := f.Stat()
	now, err2 := os.Stat(name)
	if err1 != nil || err2 != nil || !os.SameFile(locked, now) {
		return nil, f.Close()
	}
	return f, nil
}

// startKeeper starts the keeper, waits for its server, and returns the server's URL.
func startKeeper(dir string) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	keeper := exec.Command(program)
	keeper.Dir = dir
	keeper.Env = append(os.Environ(), keeperFolder+"="+dir)
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // Ctrl-C reaches only the tests
	out, err := keeper.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := keeper.Start(); err != nil {
		return "", err
	}
	reader := bufio.NewReader(out)
	at, err := reader.ReadString('\n')
	if at = strings.TrimSpace(at); err == nil && strings.HasPrefix(at, "postgres:") {
		return at, nil
	}
	more, _ := io.ReadAll(reader)
	return "", fmt.Errorf("no server in %s: %s%s: %w", dir, at, more, errors.Join(err, keeper.Wait()))
}

// keep starts a server with the template database in a folder. It stops the server when no test uses the server.
func keep(dir string) error {
	as, err := account(dir)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(dir, "data")); err != nil { // a killed server may have left data
		return err
	}
	at, stop, err := start(as, dir)
	if err != nil {
		return err
	}
	if err := makeTemplate(at, sharedTemplate); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "url"), []byte(at), 0o600); err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, at)
	lock, err := lockFolder(dir, syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	stop()
	return os.RemoveAll(dir)
}
