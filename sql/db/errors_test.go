package db_test

import (
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hhrecon/sql/db"
	"hhrecon/sql/sqltest"
)

// TestCures checks that each error of a connection says which setting to correct, and how.
func TestCures(t *testing.T) {
	t.Parallel()
	at := sqltest.EmptyPostgresURL(t)
	folder := t.TempDir()
	file := filepath.Join(folder, "no-database")
	if err := os.WriteFile(file, []byte(strings.Repeat("this is a text ", 300)), 0o600); err != nil {
		t.Fatal(err)
	}
	user, _ := sqltest.TwoUsers(t, at)
	role := user[strings.Index(user, "//")+2 : strings.Index(user, "@")]
	sqltest.DB(t, at).MustExec("create table orders (id bigint); create schema shop; create table shop.orders (id bigint)")
	refuses := func(code, message string) string {
		fields := "SFATAL\x00C" + code + "\x00M" + message + "\x00\x00"
		return "postgres://u@" + answer(t, "E"+string(binary.BigEndian.AppendUint32(nil, uint32(4+len(fields))))+fields) +
			"/d?sslmode=disable"
	}
	for _, test := range []struct{ url, statement, says string }{
		{"postgres://u@127.0.0.1:1/d", "", "connection refused; start PostgreSQL, or correct host and port in OWN_URL"},
		{"postgres:///d?host=/no/such/folder", "", "; start PostgreSQL, or correct host and port in OWN_URL"},
		{strings.Replace(at, "postgres@", "no_such_role@", 1), "", "; check the user in OWN_URL [28000]"},
		{strings.Replace(at, "/hhrecon_test", "/no_test", 1), "", "; create the database, or correct OWN_URL [3D000]"},
		{refuses("28P01", "password authentication failed"), "", "; check the user and password in OWN_URL [28P01]"},
		{refuses("28000", "no pg_hba.conf entry for host"), "", "; add a line for this user, database and address to"},
		{refuses("53300", "too many clients already"), "", "raise max_connections, or connect OWN_URL through a pooler"},
		{"postgres://u@" + answer(t, "N") + "/d?sslmode=require", "", "; turn on TLS in the server (ssl = on), or set"},
		{user, "select * from orders", ": grant select, update on orders to \"" + role + "\"; \"hhrecon init\" writes"},
		{user, "select * from shop.orders", ": grant usage on schema shop to \"" + role + "\"; \"hhrecon init\" writes"},
		{"sqlite:" + folder + "/no/folder.sqlite", "", "; correct the path in OWN_URL; its folder must exist"},
		{"sqlite:" + file, "", "; correct the path in OWN_URL: the file is not a SQLite database"},
	} {
		d, err := db.Open(test.url, nil, func(error) bool { return false })
		if err != nil {
			t.Fatal(err)
		}
		d.Setting = "OWN_URL"
		if err = d.Ping(t.Context()); err == nil && test.statement != "" {
			_, err = d.Conn.ExecContext(t.Context(), test.statement)
			err = d.WrapError(t.Context(), err)
		}
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", test.url, err, test.says)
		}
		_ = d.Close()
	}
	d := &db.DB{}
	if text := d.Describe(&net.DNSError{}); !strings.Contains(text, "; correct the host in HHRECON_DATABASE_URL") {
		t.Errorf("unknown host: %s", text)
	}
}

// answer returns the address of a server that gives the same answer to each connection.
func answer(t *testing.T, text string) string {
	t.Helper()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1000))
			_, _ = conn.Write([]byte(text))
			_ = conn.Close()
		}
	}()
	return server.Addr().String()
}
