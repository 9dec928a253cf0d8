package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hhrecon/sql/sqltest"
)

// deadURL is the URL of a database that is down.
const deadURL = "postgres://u@127.0.0.1:1/d"

// wrongUses are command lines and settings with an error. The word DIR in a command line stands for the folder
// of the test's files.
var wrongUses = []struct {
	line, settings string // these settings replace the settings with which the database works
	status         int
	cure           string
}{
	// Command lines.
	{"rum", "", exitUsage, `did you mean one of "run"`},
	{"run --dry", "", exitUsage, `did you mean "--dry-run"`},
	{"run --resume 1 --dry-run", "", exitUsage, "--resume continues a run as it was opened"},
	{"show", "", exitUsage, "Try: hhrecon show --help"},
	{"show 99", "", exitUsage, "hhrecon runs"},
	{"report --run 99", "", exitUsage, "there is no run 99"},
	{"help nothing", "", exitUsage, "hhrecon help"},
	{"user add Aida --role boss", "", exitUsage, "viewer"},
	{"migrate --grants", "", exitUsage, "requires PostgreSQL: SQLite has no users"},
	{"run", "", exitUsage, "set HHRECON_PROJECT_ID and HHRECON_PRIVATE_KEY_FILE, or list projects in schedules.yaml"},
	// URLs of the database.
	{"runs", "DATABASE_URL=", exitUsage, "set HHRECON_DATABASE_URL to postgres://"},
	{"runs", "DATABASE_URL=mysql://u:p@h/d", exitUsage, "hhrecon needs PostgreSQL"},
	{"check", "DATABASE_URL=sqlserver://u:p@h", exitUsage, "HHRECON_DATABASE_URL: open database: hhrecon needs"},
	{"runs", "DATABASE_URL=postgres://u:p w@h/d", exitUsage, "must be percent-encoded"},
	{"runs", "DATABASE_URL=postgres://u@h/d?sslmod=disable", exitUsage, `has the option "sslmod"`},
	{"runs", "DATABASE_URL=" + deadURL, exitFailed, "correct host and port in HHRECON_DATABASE_URL"},
	{"check", "DATABASE_URL= DATABASE_URL_FILE=DIR/dead-url", exitUsage, "host and port in HHRECON_DATABASE_URL_FILE"},
	{"runs", "DATABASE_URL_FILE=DIR/dead-url", exitUsage, "unset one of them"},
	{"runs", "DATABASE_URL= DATABASE_URL_FILE=DIR/empty-url", exitUsage, "is empty"},
	{"runs", "DATABASE_URL=sqlite:DIR/typo.sqlite", exitUsage, "typo.sqlite does not exist: correct the path"},
	{"check", "DATABASE_URL=sqlite:DIR/typo.sqlite", exitUsage, "typo.sqlite does not exist: correct the path"},
	{"runs", "DATABASE_URL=sqlite:DIR/empty.sqlite", exitUsage, `run "hhrecon migrate"`},
	{"runs", "DATABASE_URL=sqlite:DIR/text.sqlite", exitUsage, "the file is not a SQLite database"},
	{"runs", "DATABASE_URL=sqlite:DIR", exitUsage, "correct the path in HHRECON_DATABASE_URL"},
	// Settings and files.
	{"check", "PROJECT_ID=som", exitUsage, "copy it from HighHelp's dashboard"},
	{"check", "PRIVATE_KEY_FILE=DIR/key.pem", exitUsage, "set without HHRECON_PROJECT_ID: set both"},
	{"check", "PROJECT_ID=" + demoProject, exitUsage, "set private_key_file in"},
	{"check", "PROJECT_ID=" + demoProject + " PRIVATE_KEY_FILE=DIR/no.pem", exitUsage, "correct private_key_file in"},
	{"check", "PROJECT_ID=" + demoProject + " PRIVATE_KEY_FILE=DIR/key.pem", exitUsage, "neither PEM, DER nor base64"},
	{"check --schedules DIR/none.yaml", "", exitUsage, "set HHRECON_PROJECT_ID and HHRECON_PRIVATE_KEY_FILE"},
	{"check --schedules DIR/no.yaml", "", exitUsage, "no such file"},
	{"check --schedules DIR/colour.yaml", "", exitUsage, "colour.yaml:1: unknown key colour"},
	{"check --schedules DIR/zone.yaml", "", exitUsage, "give a name such as Asia/Bishkek"},
	{"check --schedules DIR/tab.yaml", "", exitUsage, "tab.yaml:2"},
	{"check --schedules DIR/id.yaml", "", exitUsage, "id.yaml:1"},
	{"check --schedules DIR/cron.yaml", "", exitUsage, "cron.yaml:2"},
	{"check --schedules DIR/key.yaml", "", exitUsage, "set private_key_file in DIR/key.yaml line 1"},
	{"check --schedules DIR/key.yaml", "SQL_DIR=DIR/no", exitUsage, "the folder HHRECON_SQL_DIR cannot be read"},
	{"check --schedules DIR/key.yaml", "SQL_DIR=DIR/sql", exitUsage, "may contain open_payins.sql"},
	{"check --schedules DIR/key.yaml", "SQL_DIR=DIR/short", exitUsage, ":project_id"},
	{"check", "SMTP_URL=http://h MAIL_FROM=a@b.kg", exitUsage, "write smtp:// or smtps://"},
	{"check", "WEBHOOK_URL=http://merchant.example/x", exitUsage, "or set HHRECON_WEBHOOK_ALLOW_HTTP=true"},
	{"check", "HEARTBEAT_URL=merchant.example", exitUsage, "write https://host/path"},
	{"serve", "USERS_FILE=DIR/no", exitUsage, "no such file"},
}

// TestWrongUse checks many wrong uses of hhrecon. Each has the expected exit status, and an output that says how
// to correct the error.
func TestWrongUse(t *testing.T) {
	t.Parallel()
	dir, fine := t.TempDir(), sqltest.SQLiteURL(t)
	for name, text := range map[string]string{
		"none.yaml": "projects: []\n", "key.pem": "this is not a key\n", "empty.sqlite": "", "empty-url": "\n",
		"text.sqlite": strings.Repeat("this is not a database ", 100), "dead-url": deadURL,
		"colour.yaml": "colour: red\n", "zone.yaml": "timezone: Mars\n", "tab.yaml": "projects:\n\t- id: 1\n",
		"id.yaml":            "projects: [{id: som}]\n",
		"cron.yaml":          "projects: [{id: " + demoProject + "}]\njobs: [{name: night, cron: every night, do: run}]\n",
		"key.yaml":           "projects: [{id: " + demoProject + "}]\n",
		"sql/open_payin.sql": "select 1", "short/open_payins.sql": "select 1 as project_id",
	} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	for _, test := range wrongUses {
		env := map[string]string{"HHRECON_DATABASE_URL": fine, "HHRECON_API_URL": "http://127.0.0.1:1",
			"HHRECON_REPORT_DIR": dir}
		for setting := range strings.SplitSeq(test.settings, " ") {
			name, value, _ := strings.Cut(setting, "=")
			env["HHRECON_"+name] = strings.ReplaceAll(value, "DIR", dir)
		}
		if rest, spaced := strings.CutPrefix(test.settings, "DATABASE_URL=postgres://u:p w"); spaced {
			env["HHRECON_DATABASE_URL"] = "postgres://u:p w" + rest
		}
		var out bytes.Buffer
		status := run(t.Context(), strings.Fields(strings.ReplaceAll(test.line, "DIR", dir)),
			func(name string) string { return env[name] }, &out, &out)
		cure := strings.ReplaceAll(test.cure, "DIR/", dir+"/")
		if status != test.status || !strings.Contains(out.String(), cure) {
			t.Errorf("hhrecon %s with %q: status %d, want %d and %q:\n%s", test.line, test.settings, status, test.status, cure,
				out.String())
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "typo.sqlite")); err == nil {
		t.Error("a command creates the SQLite file of a mistyped path")
	}
}

// TestCheckManyProjects checks that requests about all projects are sent concurrently, that the order of the output is
// the order of the projects, and that each cause is printed once.
func TestCheckManyProjects(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	dir := t.TempDir()
	must(t, writeKeys(filepath.Join(dir, "keys")))
	settings, want := "projects:\n", ""
	for i := range 20 {
		id := "57aff4db-b45d-42bf-bc5f-b7a499a017" + string([]byte{byte('0' + i/10), byte('0' + i%10)})
		settings += "  - {id: " + id + ", name: P" + id[34:] + ", private_key_file: keys/private_key.pem}\n"
		if why := "the same error as for HighHelp for project P00\n"; i > 0 {
			want += "ok    keys of project P" + id[34:] + ": keys/private_key.pem\n" +
				"FAIL  HighHelp for project P" + id[34:] + ": " + why
		}
	}
	must(t, os.WriteFile(filepath.Join(dir, "schedules.yaml"), []byte(settings), 0o600))
	env := map[string]string{"HHRECON_DATABASE_URL": sqltest.SQLiteURL(t), "HHRECON_REPORT_DIR": dir,
		"HHRECON_API_URL": "http://" + silent.Addr().String()}
	var out bytes.Buffer
	began := time.Now()
	run(t.Context(), []string{"check", "--payins", "2", "--schedules", filepath.Join(dir, "schedules.yaml")},
		func(name string) string { return env[name] }, &out, &out)
	if took := time.Since(began); took > 5*gatewayTimeout || !strings.Contains(out.String(), want) ||
		strings.Count(out.String(), "HighHelp unreachable") != 1 {
		t.Errorf("after %v:\n%s", took, out.String())
	}
}
