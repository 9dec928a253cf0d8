package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// cronJob runs the line of deploy/cron/hhrecon as cron does, with other folders and a fake mail program.
type cronJob struct {
	*fixture
	bin, mailbox string
	line         string
}

func newCronJob(t *testing.T) *cronJob {
	t.Helper()
	m := &cronJob{fixture: newFixture(t, "rate: 5000, attempt_timeout: 500ms, payin_timeout: 1s", openPayins(3))}
	m.bin, m.mailbox = filepath.Join(m.dir, "bin"), filepath.Join(m.dir, "mailbox")
	must(t, os.MkdirAll(m.bin, 0o700))
	must(t, os.MkdirAll(filepath.Join(m.dir, "log"), 0o700))
	hhrecon, err := exec.LookPath("hhrecon")
	must(t, err)
	m.script("hhrecon", fmt.Sprintf(`exec %q "$@" --database-wait 0s`, hhrecon))
	m.script("mail", fmt.Sprintf(`cat >%q`, m.mailbox))
	lines := strings.Split(strings.TrimSpace(deployFiles(t)["deploy/cron/hhrecon"]), "\n")
	_, line, found := strings.Cut(lines[len(lines)-1], "  hhrecon  ")
	if !found || strings.Contains(line, "%") { // cron replaces % by a line break
		t.Fatalf("cron's line: %s", line)
	}
	m.line = strings.NewReplacer("/etc/hhrecon", m.dir, "/var/log/hhrecon", filepath.Join(m.dir, "log")).Replace(line)
	return m
}

func (m *cronJob) script(name, text string) {
	m.t.Helper()
	must(m.t, os.WriteFile(filepath.Join(m.bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700))
}

// run executes the line of the crontab with an env file. run returns the mail that was sent, or "" if no mail was sent.
func (m *cronJob) run(env ...string) string {
	m.t.Helper()
	must(m.t, os.WriteFile(filepath.Join(m.dir, "env"), []byte(strings.Join(env, "\n")+"\n"), 0o600))
	_ = os.Remove(m.mailbox)
	c := exec.Command("/bin/sh", "-c", m.line)
	c.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "HHRECON_") || strings.HasPrefix(v, "PATH=")
	}), "PATH="+m.bin+":/usr/bin:/bin")
	out, _ := c.CombinedOutput()
	if len(out) == 0 {
		return ""
	}
	mail := exec.Command(filepath.Join(m.bin, "mail"), "-s", "Cron <hhrecon@host>", "accounting@merchant.example")
	mail.Stdin = strings.NewReader(string(out))
	must(m.t, mail.Run())
	text, err := os.ReadFile(m.mailbox)
	must(m.t, err)
	return string(text)
}

// TestCronLine checks that a successful run sends no mail. Any other run must send a mail with the status, the reason
// and the printed table of results.
func TestCronLine(t *testing.T) {
	t.Parallel()
	m := newCronJob(t)
	url := sqltest.SQLiteURL(t)
	m.load(url)
	good := []string{"HHRECON_DATABASE_URL='" + url + "'", "HHRECON_API_URL=" + m.url}
	if text := m.run(good...); text != "" {
		t.Errorf("a successful run sent mail:\n%s", text)
	}
	must(t, m.box.Inject(sandbox.Fault{Name: "status", StatusCode: 503, Times: 1000}))
	const table = "unreachable"
	for _, c := range []struct {
		name, want string
		table      bool
		before     func()
		env        []string
	}{
		{name: "HighHelp is down", want: "status 3", table: true, env: good},
		{name: "database down", want: "connection refused", env: []string{
			"HHRECON_DATABASE_URL='postgres://u@127.0.0.1:1/d?sslmode=disable'", good[1]}},
		{name: "no database", want: "HHRECON_DATABASE_URL", env: good[1:]},
		{name: "wrong project", want: `HHRECON_PROJECT_ID "som"`, env: append(good, "HHRECON_PROJECT_ID=som")},
		{name: "no key", want: "no such file", env: append(good, "HHRECON_PROJECT_ID="+demoProject,
			"HHRECON_PRIVATE_KEY_FILE=keys/none.pem")},
		{name: "env that is no shell", want: "status 127", env: []string{"HHRECON_DATABASE_URL=a b-is-not-there"}},
		{name: "no program", want: "not found", env: good, before: func() {
			must(t, os.Remove(filepath.Join(m.bin, "hhrecon")))
		}},
		{name: "no folder", want: m.dir + "-gone", env: good, before: func() {
			m.line = strings.Replace(m.line, "cd "+m.dir, "cd "+m.dir+"-gone", 1)
		}},
	} {
		if c.before != nil {
			c.before()
		}
		text := m.run(c.env...)
		t.Logf("%s:\n%s", c.name, text)
		last := text[strings.LastIndex(strings.TrimSpace(text), "\n")+1:]
		if !strings.Contains(text, c.want) || !strings.HasPrefix(last, "hhrecon run: exit status ") ||
			strings.Contains(text, table) != c.table || strings.Contains(text, `{"time"`) {
			t.Errorf("%s: sent\n%s", c.name, text)
		}
	}
}
