package sqltest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// PgBouncerURL starts a PgBouncer in transaction pooling mode in front of a database's server. PgBouncerURL returns the
// URL of the database through PgBouncer. PgBouncer is stopped when the test ends. If PgBouncer is not installed, the
// test is skipped. With CI=true, the test fails instead.
func PgBouncerURL(t testing.TB, database string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; !installed(program) {
			const missing = "no PgBouncer for this test: pgbouncer is not installed (looked in PATH and /usr/sbin); " +
				"on Debian: apt-get install pgbouncer"
			if os.Getenv("CI") == "true" {
				t.Fatal(missing)
			}
			t.Skip(missing)
		}
	}
	at, err := startPgBouncer(t, program, database)
	check(t, err)
	return at
}

func installed(program string) bool {
	_, err := os.Stat(program)
	return err == nil
}

func startPgBouncer(t testing.TB, program, database string) (string, error) {
	dir, err := os.MkdirTemp("/tmp", "hhrecon-pool-")
	if err != nil {
		return "", err
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as, err := account(dir) // PgBouncer refuses to run as root
	if err != nil {
		return "", err
	}
	u, err := url.Parse(database)
	if err != nil {
		return "", errors.New("the database's URL is not valid")
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	// With auth_type=any, all clients log in as the user of the connection string. PgBouncer listens only on this
	// machine.
	settings := fmt.Sprintf("[databases]\n* = %s\n\n"+
		"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nunix_socket_dir =\n"+
		"auth_type = any\npool_mode = transaction\nmax_client_conn = 200\ndefault_pool_size = 10\n", backend(u), port)
	file := filepath.Join(dir, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		return "", err
	}
	if as != nil {
		if err := os.Chown(file, int(as.uid), int(as.gid)); err != nil {
			return "", err
		}
	}
	pool := command(as, dir, program, file)
	if _, err := startPinned(pool, dir); err != nil {
		return "", err
	}
	t.Cleanup(func() { _ = pool.Process.Kill() })
	seen := url.URL{Scheme: "postgres", User: url.User(u.User.Username()), Host: "127.0.0.1:" + strconv.Itoa(port),
		Path: u.Path, RawQuery: "sslmode=disable"}
	return seen.String(), await(seen.String(), dir)
}

// backend converts a URL to a connection string for PgBouncer's settings.
func backend(u *url.URL) string {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	host, port := u.Hostname(), u.Port()
	if host == "" {
		host = u.Query().Get("host")
	}
	if port == "" {
		port = "5432"
	}
	text := "host=" + quote(host) + " port=" + port + " user=" + quote(u.User.Username())
	if password, ok := u.User.Password(); ok {
		text += " password=" + quote(password)
	}
	return text
}

// freePort returns a port without a listener.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
