package main

import (
	"bytes"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hhrecon/sql/sqltest"
)

// TestHeadersAreBounded opens 300 connections that each send 1 MB of headers without an end, as one header or many. The
// process may grow by at most 64 MB.
func TestHeadersAreBounded(t *testing.T) {
	skipIfShort(t)
	s := newFixture(t, longTimeouts, openPayins(1))
	s.program = plainProgram(t)
	url := sqltest.SQLiteURL(t)
	for name, headers := range map[string][]byte{
		"one header": append([]byte("X: "), bytes.Repeat([]byte("x"), 1<<20)...),
		"many headers": func() (all []byte) {
			for i := 0; len(all) < 1<<20; i++ {
				all = append(strconv.AppendInt(append(all, 'x'), int64(i), 36), ":\r\n"...)
			}
			return all
		}(),
	} {
		p, address := s.serve(url)
		scrape(t, address) // the first request allocates memory once
		idle := p.memory("VmRSS")
		p.forgetPeak()
		var all sync.WaitGroup
		for range 300 {
			all.Go(func() {
				peer, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
				if err != nil {
					return
				}
				defer func() { _ = peer.Close() }()
				_ = peer.SetDeadline(time.Now().Add(waitLimit))
				_, _ = io.WriteString(peer, "GET / HTTP/1.1\r\nHost: x\r\n")
				_, _ = peer.Write(headers)
				_, _ = io.Copy(io.Discard, peer) // reads until the server closes the connection
			})
		}
		all.Wait()
		grown := p.memory("VmHWM") - idle
		t.Logf("%s: the process grew by %d KB from %d KB", name, grown>>10, idle>>10)
		if grown > 64<<20 {
			t.Errorf("%s: the process grew by more than 64 MB", name)
		}
		scrape(t, address) // the server must still answer other requests
		p.kill()
	}
}

// TestMetricsListen checks that --metrics-listen moves the metrics and health pages to a separate address.
func TestMetricsListen(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, openPayins(1))
	p, address := s.serve(sqltest.SQLiteURL(t), "--metrics-listen", "127.0.0.1:0")
	m := regexp.MustCompile(`serves metrics at (http://\S+)/metrics`).FindStringSubmatch(p.out.String())
	if m == nil {
		t.Fatalf("no address: %s", p.out.String())
	}
	get := func(url string) (int, string) {
		client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		answer, err := client.Get(url)
		must(t, err)
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		must(t, err)
		return answer.StatusCode, string(text)
	}
	for _, path := range []string{"/metrics", "/healthz", "/readyz"} {
		if code, text := get(m[1] + path); code != http.StatusOK {
			t.Errorf("%s: %d %s", path, code, text)
		}
		if code, text := get(address + path); code == http.StatusOK || strings.Contains(text, "hhrecon_up") {
			t.Errorf("%s at the page's address: %d %s", path, code, text)
		}
	}
	if code, _ := get(m[1] + "/signin"); code != http.StatusNotFound {
		t.Errorf("the page is at the metrics' address: %d", code)
	}
	if code, _ := get(address + "/signin"); code != http.StatusOK {
		t.Errorf("the page answers %d", code)
	}
	for _, args := range [][]string{{"--listen", "0.0.0.0:8080"}, {"--listen", ":8080"}} {
		s.start(sqltest.SQLiteURL(t), append([]string{"check"},
			args...)...).wantStatus(exitOK).wantOutput("WARN  --listen: anyone who can connect to")
		args = append([]string{"check", "--metrics-listen", "127.0.0.1:9090"}, args...)
		quiet := s.start(sqltest.SQLiteURL(t), args...).wantStatus(exitOK)
		if strings.Contains(quiet.out.String(), "WARN  --listen") {
			t.Errorf("%v: an unnecessary warning", args)
		}
	}
}

// TestFilesArePrivate checks that only the user can read the files that commands write, with any umask.
func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	for _, umask := range []string{"022", "000"} {
		s := newFixture(t, longTimeouts+withoutHold, openPayins(3))
		own := t.TempDir()
		must(t, os.Chmod(own, 0o700)) //nolint:gosec // a folder
		url := "sqlite:" + filepath.Join(own, "db.sqlite")
		command := func(args ...string) *exec.Cmd {
			c := exec.Command("sh", append([]string{"-c", "umask " + umask + "; exec hhrecon \"$@\"", "sh"}, args...)...)
			c.Dir = s.dir
			c.Env = append(os.Environ(), "HHRECON_DATABASE_URL="+url, "HHRECON_API_URL="+s.url,
				"HHRECON_REPORT_DIR="+filepath.Join(own, "reports"), "TMPDIR="+own)
			return c
		}
		walked := 0
		walk := func(what string) {
			must(t, filepath.WalkDir(own, func(path string, entry fs.DirEntry, err error) error {
				want := fs.FileMode(0o600)
				if walked++; entry != nil && entry.IsDir() {
					want = 0o700
				}
				// A file that a command deleted in the meantime has no mode.
				if info, statErr := os.Lstat(path); err == nil && statErr == nil && info.Mode().Perm() != want {
					t.Errorf("umask %s, %s: %s has mode %04o, want %04o", umask, what, path, info.Mode().Perm(), want)
				}
				return nil
			}))
		}
		for _, args := range [][]string{
			{"migrate", "--sample-schema"}, {"check"}, {"run", "--no-email"}, {"run", "--report", own + "/new/run.xlsx"},
			{"report", "--run", "1", "--format", "csv", "--out", own + "/csv/run.csv"},
			{"report", "--run", "1", "--format", "json"},
			{"demo", "--payins", "70", "--dir", own + "/more/demo"},
		} {
			if args[0] == "check" {
				s.load(url)
			}
			if out, err := command(args...).CombinedOutput(); err != nil && !strings.Contains(err.Error(), "exit status 3") {
				t.Fatalf("%v: %v\n%s", args, err, out)
			}
			walk(args[0])
		}
		for _, args := range [][]string{
			{"serve", "--listen", "127.0.0.1:0"},
			{"sandbox", "--listen", "127.0.0.1:0", "--keys", own + "/keys", "--payins", "60", "--rows", own + "/rows.csv"},
		} {
			c := command(args...)
			var out output
			c.Stdout = &out
			must(t, c.Start())
			for until := time.Now().Add(waitLimit); out.String() == "" && time.Now().Before(until); {
				time.Sleep(5 * time.Millisecond)
			}
			walk(args[0])
			_ = c.Process.Kill()
			_ = c.Wait()
		}
		if walked < 50 {
			t.Errorf("only %d files", walked)
		}
	}
}

// TestCheckFiles checks that `hhrecon check` refuses secrets that every user of the machine can read, and warns of
// settings that every user can change.
func TestCheckFiles(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, openPayins(1))
	url, queries := sqltest.SQLiteURL(t), filepath.Join(s.dir, "sql")
	s.load(url)
	must(t, os.Mkdir(queries, 0o700))
	secret := filepath.Join(s.dir, "secret")
	must(t, os.WriteFile(secret, []byte("word\n"), 0o600))
	s.env = append(s.env, "HHRECON_SQL_DIR="+queries, "HHRECON_WEBHOOK_SECRET_FILE="+secret)
	fine := s.start(url, "check").wantStatus(exitOK)
	if strings.Contains(fine.out.String(), "WARN") {
		t.Errorf("an unnecessary warning:\n%s", fine.out.String())
	}
	for file, mode := range map[string]fs.FileMode{
		secret: 0o604, filepath.Join(s.dir, "keys", "private_key.pem"): 0o644,
		strings.TrimPrefix(url, "sqlite:"):                   0o644,
		filepath.Join(s.dir, "keys", "hmac_private_key.txt"): 0o602, queries: 0o777,
		filepath.Join(s.dir, "schedules.yaml"): 0o666,
	} {
		must(t, os.Chmod(file, mode)) //nolint:gosec // the fault to detect
	}
	s.start(url, "check").wantStatus(exitUsage).wantOutput(
		"FAIL  HHRECON_WEBHOOK_SECRET_FILE: every user of this machine can read or change",
		"FAIL  private_key_file of project "+demoProject+": every user",
		"FAIL  hmac_secret_file of project "+demoProject+": every user",
		"WARN  HHRECON_DATABASE_URL: every user",
		"WARN  "+queries+": every user of this machine can change this path",
		"WARN  schedules.yaml: every user", "3 checks failed",
	)
}
