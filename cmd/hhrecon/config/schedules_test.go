package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// TestExample checks that the example file is valid, and that the defaults in its comments are the program's defaults.
func TestExample(t *testing.T) {
	s, err := readSchedules("../../../schedules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if s.zone.String() != "Asia/Bishkek" || len(s.Projects) != 1 || len(s.Jobs) != 2 {
		t.Fatalf("%+v", s)
	}
	entry := s.Projects[0]
	got := NewProject(entry, "", "")
	want := NewProject(ProjectEntry{ID: entry.ID, Name: entry.Name}, "", "")
	want.Entry, want.StatusMap = entry, got.StatusMap
	if diff := cmp.Diff(want.Project, got.Project); diff != "" {
		t.Errorf("the example's values are not the defaults: %s", diff)
	}
	if got.Rate != want.Rate || got.AttemptTimeout != want.AttemptTimeout || got.PayinTimeout != want.PayinTimeout {
		t.Errorf("the example's limits are not the defaults: %+v, %+v", got, want)
	}
}

// TestScheduleFaults checks that all errors in the file are reported together, each with its line.
func TestScheduleFaults(t *testing.T) {
	const id = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	for _, tt := range []struct {
		name, text string
		want       []string // "line: part of the message"
	}{
		{"an unknown key", "timezone: Asia/Bishkek\nprojekts: []\n", []string{`2: unknown key projekts`}},
		{"a bad zone", "timezone: Asia/Biskek\n", []string{`1: timezone "Asia/Biskek" is not known`}},
		{"no YAML", "projects: [\n", []string{`2: did not find expected`}},
		{"an empty file", "", []string{`1: `}},
		{"two documents", "timezone: UTC\n---\ntimezone: UTC\n", []string{`1: `}},
		{"a key twice", "timezone: UTC\ntimezone: UTC\n", []string{`2: mapping key "timezone" already defined`}},
		{"no UUID", "projects:\n  - id: som\n", []string{`2: project id "som" is not a UUID`}},
		{
			"a project twice", "projects:\n  - id: " + id + "\n  - id: " + id + "\n",
			[]string{`3: project ` + id + ` is listed twice`},
		},
		{
			"a name twice", "projects:\n  - {id: " + id +
				", name: Som}\n  - id: 57aff4db-b45d-42bf-bc5f-b7a499a01783\n    name: Som\n",
			[]string{`4: two projects have the name "Som"`},
		},
		{"many at once", `timezone: Mars
projects:
  - id: ` + id + `
    different_amount: maybe
    window: 30d
    min_age: -5m
    rate: fast
    concurrency: 0
    hold_above: {count: 0, share: 1.5, times_usual: 0.5}
    hold_above_sum: -1
    colour: red
jobs:
  - name: nightly
    cron: "30 25 * * *"
    do: reconsile
    email: [accounting]
  - name: nightly
    cron: "0 7 1 * *"
    do: report
    project: x
`, []string{
			`1: timezone "Mars"`, `4: "maybe" must be hold or accept`, `5: "30d" is not a duration`,
			`6: "-5m" is not a duration`,
			`7: fast is not a number`, `8: concurrency must be at least 1`, `9: count must be`, `9: share must be`,
			`9: times_usual must be`,
			`10: hold_above_sum`, `11: unknown key colour`, `14: cron "30 25 * * *"`, `15: do: "reconsile"`,
			`16: "accounting" is not an email`,
			`17: job "nightly" is listed twice`, `17: a report needs a period`, `20: there is no project x`,
		}},
		{
			"a class's limit", "projects:\n  - id: " + id + "\n    hold_above: {count: 5, declines: {share: 2}}\n",
			[]string{`3: share must be`},
		},
		{
			"an unknown class", "projects:\n  - id: " + id + "\n    hold_above: {refunds: {share: 0.9}}\n",
			[]string{`3: unknown key refunds`},
		},
		{
			"a version of HTTP", "projects:\n  - id: " + id + "\n    http: 3\n",
			[]string{`3: http must be 1 (HTTP/1.1 only) or 2`},
		},
		{
			"no time of day",
			"jobs:\n  - name: nightly\n    cron: \"30 2 * * *\"\n    do: reconcile\n    done_by: \"6:00\"\n",
			[]string{`5: done_by "6:00" is not a time of day`},
		},
		{
			"a report that is to be done",
			"jobs:\n  - name: r\n    cron: \"30 2 * * *\"\n    do: report\n    period: yesterday\n    done_by: \"06:00\"\n",
			[]string{`6: done_by is only for jobs with do: reconcile`},
		},
		{
			"shadow of a report",
			"jobs:\n  - name: r\n    cron: \"30 2 * * *\"\n    do: report\n    period: yesterday\n    shadow: true\n",
			[]string{`6: shadow is only for jobs with do: reconcile`},
		},
		{
			"a slip in the status map", "projects:\n  - id: " + id + "\n    status_map:\n      sucess: paid\n",
			[]string{`4: status_map: "sucess" is not a status`},
		},
		{
			"a map that would credit",
			"projects:\n  - id: " + id + "\n    status_map:\n      success: paid\n      dispute: paid\n",
			[]string{`3: status_map: "paid" is the value of success and of another status`},
		},
		{
			"a map that would credit in HighHelp's own status",
			"projects:\n  - id: " + id + "\n    status_map:\n      error: success\n",
			[]string{`3: status_map: "success" is the value of`},
		},
		{
			"a map that would make open payins final",
			"projects:\n  - id: " + id + "\n    status_map: {success: processing}\n",
			[]string{`3: status_map: "processing" is the value of`},
		},
		{
			"a map that would make errors final",
			"projects:\n  - id: " + id + "\n    status_map: {decline: failed, error: failed}\n",
			[]string{`3: status_map: "failed" is the value of`},
		},
		{
			"a map that would drop pending", "projects:\n  - id: " + id + "\n    status_map: {decline: pending}\n",
			[]string{`3: status_map: "pending" is the value of`},
		},
		{
			"one status for both ends", "projects:\n  - id: " + id + "\n    status_map: {decline: done, success: done}\n",
			[]string{`3: status_map: "done" is the value of success`,
				`3: status_map: "done" is the value of decline`},
		},
		{"recipients", `mail: {max_attachment: 15}
jobs:
  - name: nightly
    cron: "30 2 * * *"
    do: reconcile
    email:
      - cfo@merchant.example
      - {address: "two@@merchant.example", language: de}
      - {mailbox: x@merchant.example}
      - "Aida <aida@merchant.example>"
      - [x]
`, []string{
			`1: max_attachment "15" is not a size: write 15MB`, `8: "two@@merchant.example" is not an email address`,
			`8: "de" must be en or ru or ky`,
			`9: unknown key mailbox`, `10: "Aida <aida@merchant.example>" is not an email address`,
			`11: an email entry is an address, or`,
		}},
		{
			"a retention that is not a time", "projects:\n  - id: " + id + "\n    retention: long\n",
			[]string{`3: retention "long" is not a duration: write 400d or 9600h`},
		},
		{
			"an approval of nothing", "projects:\n  - id: " + id + "\n    approval: {above: 0}\n",
			[]string{`3: approval.above must be at least 1 minor unit`},
		},
		{
			"personal data for no time", "projects:\n  - id: " + id + "\n    personal_data: {keep: soon}\n",
			[]string{`3: keep "soon" is not a duration: write 90d or 2160h`},
		},
		{
			"personal data for too short", "projects:\n  - id: " + id + "\n    personal_data:\n      keep: 1d\n",
			[]string{`4: keep 1d is too short: write 7d or more`},
		},
		{
			"a retention without a number", "projects:\n  - id: " + id + "\n    retention: -400d\n",
			[]string{`3: retention "-400d" is not a duration`},
		},
		{
			"a retention within what is asked again",
			"projects:\n  - id: " + id + "\n    recheck: 9000h\n    retention: 400d\n",
			[]string{`4: retention 400d is too short: window, recheck and 92d for reports and the page need 497d`},
		},
		{
			"a window that is over before it begins", "projects:\n  - id: " + id + "\n    window: 10m\n",
			[]string{`3: window 10m0s must be longer than min_age 15m0s`},
		},
		{
			"a signature variant that is none", "projects:\n  - id: " + id + "\n    signature:\n      digest: thrice\n",
			[]string{`3: signature: digest of RSA-SHA256 is "thrice"`},
		},
		{
			"HMAC without its key", "projects:\n  - id: " + id + "\n    signature: {algorithm: HMAC-SHA512}\n",
			[]string{`3: HMAC-SHA512 needs hmac_secret_file`, `3: HMAC-SHA512 still sends`},
		},
		{
			"a next alert key without a first one", "projects:\n  - id: " + id + "\n    alert_next_public_key_file: a\n",
			[]string{`3: alert_next_public_key_file is the second key: also set alert_public_key_file, to a different file`},
		},
		{
			"a next alert secret that is the first one, and of another algorithm",
			"projects:\n  - id: " + id + "\n    alert_secret_file: a\n    alert_next_secret_file: a\n",
			[]string{
				`4: alert_next_secret_file is the second key`,
				`4: alert_next_secret_file needs alert_signature: {algorithm: HMAC-SHA512}`,
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := writeFile(t, "schedules.yaml", tt.text)
			_, err := readSchedules(file)
			if err == nil {
				t.Fatal("accepted")
			}
			if !isUsageError(err) {
				t.Errorf("%T", err)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(tt.want) {
				t.Errorf("%d faults, want %d:\n%s", len(lines), len(tt.want), err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), file+":"+want) {
					t.Errorf("no %q in:\n%s", want, err)
				}
			}
		})
	}
}

func TestSettingsPrecedence(t *testing.T) {
	const other = "11111111-2222-3333-4444-555555555555"
	file := writeFile(t, "schedules.yaml", `
projects:
  - id: 57aff4db-b45d-42bf-bc5f-b7a499a01782
    window: 48h
    private_key_file: of_the_file.pem
  - id: `+other+`
    signature: {digest: once}
`)
	read := func(env map[string]string) *Settings {
		t.Helper()
		s, err := Read(func(k string) string { return env[k] }, file)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := read(nil); len(s.Projects) != 2 || s.APIURL != highhelp.DefaultBaseURL || s.ReportDir != "reports-out" {
		t.Errorf("%+v", s)
	}
	s := read(map[string]string{"HHRECON_PROJECT_ID": "57aff4db-b45d-42bf-bc5f-b7a499a01782",
		"HHRECON_PRIVATE_KEY_FILE": "of_the_environment.pem"})
	if len(s.Projects) != 1 || s.Projects[0].Window != 48*time.Hour ||
		s.Projects[0].path(s.Projects[0].Entry.PrivateKeyFile) != "of_the_environment.pem" {
		t.Errorf("the environment's project: %+v", s.Projects)
	}
	s = read(map[string]string{"HHRECON_PROJECT_ID": other})
	if len(s.Projects) != 1 || s.Projects[0].Entry.Signature.Digest != highhelp.DigestOnce ||
		s.Projects[0].DifferentAmount != reconcile.Hold {
		t.Errorf("the environment's choice: %+v", s.Projects)
	}
}

// TestSchedulesBesideQueries checks that a command in another folder reads the schedules file that belongs to the
// merchant's queries, unless the working folder has a file or a file is named.
func TestSchedulesBesideQueries(t *testing.T) {
	beside := writeFile(t, "schedules.yaml", "timezone: Asia/Bishkek\n")
	named := writeFile(t, "named.yaml", "timezone: Asia/Almaty\n")
	sqlDir := filepath.Join(filepath.Dir(beside), "sql") + "/"
	t.Chdir(t.TempDir())
	for _, c := range []struct{ sqlDir, named, own, want string }{
		{"", "", "", ""},
		{sqlDir, "", "", beside},
		{sqlDir, named, "", named},
		{filepath.Dir(named), "", "", ""},
		{sqlDir, "", "timezone: Asia/Tashkent\n", DefaultSchedules},
	} {
		if c.own != "" {
			if err := os.WriteFile(DefaultSchedules, []byte(c.own), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Read(func(k string) string { return map[string]string{"HHRECON_SQL_DIR": c.sqlDir}[k] }, c.named)
		if err != nil || s.File != c.want {
			t.Errorf("%+v: %q, %v", c, s.File, err)
		}
	}
}

func TestParseWindow(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Bishkek")
	if err != nil {
		t.Fatal(err)
	}
	window, err := ParseWindow("2026-11-01", "2026-11-02T00:00:00Z", zone, reconcile.Window{})
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 10, 31, 18, 0, 0, 0, time.UTC); !window.From.Equal(want) {
		t.Errorf("a day begins at %s, want %s", window.From, want)
	}
	if want := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC); !window.To.Equal(want) {
		t.Errorf("RFC 3339 is read as %s, want %s", window.To, want)
	}
	for _, bad := range [][2]string{{"2026-11-02", "2026-11-02"}, {"2026-11-03", "2026-11-02"}, {"yesterday", ""},
		{"", "2026-13-01"}} {
		if _, err := ParseWindow(bad[0], bad[1], zone, reconcile.Window{To: time.Now()}); !isUsageError(err) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func isUsageError(err error) bool {
	return errors.As(err, new(*UsageError))
}

// TestHoldAbove checks that the limits of a class of corrections replace the limits for all classes. A class inherits
// all limits that the class does not set.
func TestHoldAbove(t *testing.T) {
	count, share, times := int64(20), 0.9, 5.0
	e := ProjectEntry{HoldAboveSum: 700, HoldAbove: HoldEntry{
		HoldLimits: HoldLimits{Count: &count}, Declines: HoldLimits{Share: &share},
		Downgrades: HoldLimits{TimesUsual: &times},
	}}
	p := NewProject(e, "", "")
	for class, want := range map[reconcile.Class]reconcile.HoldLimits{
		reconcile.Declines:    {Count: 20, Share: 0.9, TimesUsual: 3, Sum: 700},
		reconcile.OtherSums:   {Count: 20, Share: 0.5, TimesUsual: 3, Sum: 700},
		reconcile.LateCredits: {Count: 20, Share: 0.5, TimesUsual: 3, Sum: 700},
		reconcile.Downgrades:  {Count: 20, Share: 0.5, TimesUsual: 5, Sum: 700},
	} {
		if got := p.HoldLimits(class); got != want {
			t.Errorf("%s: %+v, want %+v", class, got, want)
		}
	}
}
