package sqltest

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/lib/pq" // the driver "postgres"
)

var errNoPostgres = errors.New("no PostgreSQL for this test: HHRECON_TEST_DATABASE_URL is not set, and initdb and " +
	"postgres are not installed (looked in PATH, /usr/lib/postgresql/*/bin and pg_config --bindir); " +
	"on Debian: apt-get install postgresql")

// start creates a database cluster in a folder and starts its server. The server listens only on a socket in the
// folder. The server is stopped when stop is called or when this process ends.
func start(as *credential, dir string) (at string, stop func(), err error) {
	bin, err := binaries()
	if err != nil {
		return "", nil, err
	}
	if err := initCluster(as, bin, dir); err != nil {
		return "", nil, err
	}
	server := postgresCommand(as, bin, dir,
		"-c", "synchronous_commit=off", "-c", "max_connections=300", "-c", "autovacuum=off")
	ended, err := startPinned(server, dir)
	if err != nil {
		return "", nil, err
	}
	at = socketURL(dir)
	return at, func() { _ = server.Process.Signal(syscall.SIGQUIT); <-ended }, await(at, dir)
}

func initCluster(as *credential, bin, dir string) error {
	initdb := command(as, dir, filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"),
		"-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// socketURL returns the URL of a cluster's default database. The URL uses the socket in the cluster's folder.
func socketURL(dir string) string {
	at := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: "sslmode=disable&host=" + url.QueryEscape(dir)}
	return at.String()
}

// postgresCommand prepares the command that starts the server of a cluster. The server logs into the cluster's folder.
// A power failure may lose the server's data, but killing the server does not.
func postgresCommand(as *credential, bin, dir string, options ...string) *exec.Cmd {
	args := []string{
		"-D", filepath.Join(dir, "data"), "-k", dir,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off",
		"-c", "dynamic_shared_memory_type=mmap", // a killed server leaves nothing in /dev/shm
	}
	return command(as, dir, filepath.Join(bin, "postgres"), append(args, options...)...)
}

// startPinned starts a program that logs into a folder. The kernel ends the program when the thread that started the
// program ends (see endWithParent). Therefore startPinned uses a thread that waits until the program ends. The returned
// channel is closed when the program ends.
func startPinned(c *exec.Cmd, dir string) (<-chan struct{}, error) {
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	c.Stdout, c.Stderr = log, log
	started, ended := make(chan error), make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread()
		err := c.Start()
		started <- err
		if err == nil {
			_ = c.Wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Path, err)
	}
	return ended, nil
}

// await waits until the server answers.
func await(at, dir string) error {
	db, err := stdsql.Open("postgres", at)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return fmt.Errorf("the server does not start: %w: %s", err, log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// binaries returns the folder with the programs initdb and postgres of the newest installed version.
func binaries() (string, error) {
	var folders []string
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		folders = append(folders, filepath.Dir(path))
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(debian, func(a, b string) int { return version(b) - version(a) })
	folders = append(folders, debian...)
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	for _, folder := range folders {
		_, err1 := os.Stat(filepath.Join(folder, "initdb"))
		_, err2 := os.Stat(filepath.Join(folder, "postgres"))
		if err1 == nil && err2 == nil {
			return folder, nil
		}
	}
	return "", errNoPostgres
}

// version returns PostgreSQL's version in a path, for example 15 for /usr/lib/postgresql/15/bin.
func version(folder string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
	return n
}

// credential contains the user and group that run the server; nil means the current user.
type credential struct{ uid, gid uint32 }

// unprivileged is the usual ID of the user and group without rights.
const unprivileged = 65534

// account returns the user that runs the server, because PostgreSQL refuses to run as root. account makes that user the
// owner of the folder. It returns nil if the current user is not root.
func account(dir string) (*credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	uid, gid := uint64(unprivileged), uint64(unprivileged)
	if u, err := user.Lookup("postgres"); err == nil {
		var err1, err2 error
		uid, err1 = strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 = strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
	}
	return &credential{uint32(uid), uint32(gid)}, os.Chown(dir, int(uid), int(gid))
}
