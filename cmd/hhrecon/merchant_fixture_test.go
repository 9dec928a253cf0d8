package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// schemaFixture is a merchant's database and a sandbox with the same payins.
type schemaFixture struct {
	*fixture
	*merchantSchema
	db              *sqltest.Database
	url, user, name string
	sample, read    string // statements of the schema's file
}

// newMerchant creates the database. Its user may only read the merchant's tables.
func newMerchant(t *testing.T, m *merchantSchema) *schemaFixture {
	t.Helper()
	if m.projects == nil {
		m.projects = []string{demoProject}
	}
	projects := make(map[string]string)
	for _, id := range m.projects {
		projects[id] = longTimeouts
	}
	s := &schemaFixture{fixture: newFixtureWith(t, sandbox.Options{}, projects, m.payins()), merchantSchema: m}
	text, err := os.ReadFile("../../sql/merchant/testdata/" + m.file + ".sql")
	must(t, err)
	schema, rest, _ := strings.Cut(string(text), "\n-- fill\n")
	s.sample, s.read, _ = strings.Cut(rest, "\n-- read\n")
	s.url = sqltest.PostgresURL(t)
	s.db = sqltest.DB(t, s.url)
	s.db.MustExec("drop table payins")
	s.db.MustExec(schema)
	s.fill()
	must(t, os.Remove(filepath.Join(s.dir, "schedules.yaml"))) // hhrecon init writes one
	s.user, _ = sqltest.TwoUsers(t, s.url)
	u, err := url.Parse(s.user)
	must(t, err)
	s.name = u.User.Username()
	s.grant("grant usage on schema %s to %s", "grant select on all tables in schema %s to %s")
	return s
}

// payins returns 200 payins that a run selects, and one that has left the window. Payins whose state depends on the
// time of day are only in a table with new rows.
func (m *merchantSchema) payins() []sandbox.Sample {
	var all []sandbox.Sample
	var left sandbox.Sample
	newest := time.Now().Add(-m.age)
	for n := 200; len(all) < 200; n++ {
		all = slices.DeleteFunc(limitUnreachable(sandbox.Samples(n, 1, demoProject, newest)), func(s sandbox.Sample) bool {
			if s.Scenario == "left_window" {
				left = s
			}
			return s.Outcome == "" || m.age > 0 && (s.Outcome == "pending" || s.Scenario == "appeal_pending")
		})
	}
	all = append(all[:200], left)
	for i := range all {
		s := &all[i]
		if s.Merchant.Final() {
			s.Merchant.UpdatedAt = newest.Add(-20 * time.Minute)
		}
		if m.id != "" {
			s.Merchant.PaymentID = fmt.Sprintf(m.id, 1000+i)
		}
		s.Merchant.ProjectID = m.projects[i%len(m.projects)]
		if s.Gateway != nil {
			s.Gateway.ProjectID, s.Gateway.PaymentID = s.Merchant.ProjectID, s.Merchant.PaymentID
		}
		if s.Fault != nil {
			s.Fault.ProjectID, s.Fault.PaymentID = s.Merchant.ProjectID, s.Merchant.PaymentID
		}
	}
	return all
}

// fill inserts the rows through a temporary table.
func (s *schemaFixture) fill() {
	s.t.Helper()
	rows := make([]map[string]string, len(s.samples))
	for i, sample := range s.samples {
		rows[i] = map[string]string{"n": fmt.Sprint(i)}
		for column, value := range sample.Merchant.Record() {
			if value != "" {
				rows[i][sandbox.RowColumns[column]] = value
			}
		}
	}
	text, err := json.Marshal(rows)
	must(s.t, err)
	tx := s.db.MustBegin()
	tx.MustExec(`create temporary table sample (n integer, project_id text, payment_id text, amount bigint, currency text,
		status text, sub_status text, settled_amount bigint, lifetime integer, created_at timestamptz,
		updated_at timestamptz) on commit drop`)
	tx.MustExec("insert into sample select * from json_populate_recordset(cast(null as sample), $1)", string(text))
	tx.MustExec(s.sample)
	must(s.t, tx.Commit())
	s.db.MustExec("analyze")
}

// grant executes statements for each schema of the merchant and the user.
func (s *schemaFixture) grant(statements ...string) {
	s.t.Helper()
	var schemas []string
	must(s.t, s.db.Select(&schemas, `select quote_ident(nspname) from pg_namespace
		where nspname !~ '^pg_' and nspname <> 'information_schema'`))
	for _, schema := range schemas {
		for _, statement := range statements {
			s.db.MustExec(fmt.Sprintf(statement, schema, s.name))
		}
	}
}

// init starts hhrecon init without a person and without keys.
func (s *schemaFixture) init(out string, flags ...string) *process {
	s.t.Helper()
	args := []string{"init", "--out", out, "--yes", "--user", s.name}
	for _, id := range s.projects {
		args = append(args, "--project", id)
	}
	return s.start(s.user, append(args, flags...)...)
}

// setUp executes init, and gives the user the rights that init prints.
func (s *schemaFixture) setUp() {
	s.t.Helper()
	s.init("out", s.flags...).wantStatus(exitOK, exitUntrusted)
	grants, err := os.ReadFile(filepath.Join(s.dir, "out/grants_runtime.sql"))
	must(s.t, err)
	s.grant("revoke usage on schema %s from %s", "revoke all on all tables in schema %s from %s")
	s.db.MustExec("grant usage on schema public to " + s.name)
	s.db.MustExec(string(grants))
	file := filepath.Join(s.dir, "out/schedules.yaml")
	text, err := os.ReadFile(file)
	must(s.t, err)
	const fast = "    rate: 5000\n    attempt_timeout: 25s\n    payin_timeout: 25s\n"
	text = []byte(strings.ReplaceAll(string(text), "    status_map:", fast+"    status_map:"))
	must(s.t, os.WriteFile(filepath.Join(s.dir, "schedules.yaml"), text, 0o600))
	s.env = []string{"HHRECON_SQL_DIR=out/sql"}
}

// initWithKeys executes init again, with the keys and in place of the last flag HighHelp's answers. It must write
// the same queries.
func (s *schemaFixture) initWithKeys() {
	s.t.Helper()
	flags := s.flags
	if s.question != nil {
		flags = flags[:len(flags)-2]
	}
	other := filepath.Join(s.dir, "other")
	status, out := s.command(slices.Concat([]string{"init", "--out", other, "--yes", "--user", s.name}, flags)...)
	if status != exitOK {
		s.t.Fatalf("with keys: exit status %d:\n%s", status, out)
	}
	for _, file := range []string{openFile, finalFile, correctFile, "sql/payin_statuses.sql"} {
		want, err1 := os.ReadFile(filepath.Join(s.dir, "out", file))
		got, err2 := os.ReadFile(filepath.Join(other, file))
		if must(s.t, errors.Join(err1, err2)); !bytes.Equal(want, got) {
			s.t.Errorf("%s with keys:\n%s\nwithout keys:\n%s", file, got, want)
		}
	}
}

// stored reads all rows of the merchant's table of payins.
func (s *schemaFixture) stored() map[string]storedPayin {
	s.t.Helper()
	var rows []struct {
		ID        string     `db:"payment_id"`
		Status    string     `db:"status"`
		SubStatus *string    `db:"sub_status"`
		Settled   *int64     `db:"settled_amount"`
		ChangedAt *time.Time `db:"changed_at"`
	}
	must(s.t, s.db.Select(&rows, s.read))
	all := make(map[string]storedPayin, len(rows))
	for _, r := range rows {
		p := storedPayin{Status: r.Status}
		if r.SubStatus != nil {
			p.SubStatus = *r.SubStatus
		}
		if r.Settled != nil {
			p.Settled = *r.Settled
		}
		if r.ChangedAt != nil {
			p.ChangedAt = r.ChangedAt.UTC()
		}
		all[r.ID] = p
	}
	if len(all) != len(rows) {
		s.t.Fatalf("%d rows have %d ids", len(rows), len(all))
	}
	return all
}

// tables returns the rows of all tables as JSON, without the columns that may change, and without hhrecon's tables.
func (s *schemaFixture) tables() map[string][]string {
	s.t.Helper()
	var names []string
	must(s.t, s.db.Select(&names, `select cast(cast(c.oid as regclass) as text)
		from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
		where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
			and c.relname !~ '^(hhrecon|river)_'`))
	all := make(map[string][]string)
	for _, name := range names {
		columns := "{}"
		if name == s.table {
			columns = `{"` + strings.Join(s.columns, `","`) + `"}`
		}
		var rows []string
		must(s.t, s.db.Select(&rows, "select cast(to_jsonb(t) - cast($1 as text[]) as text) from "+name+" as t order by 1",
			columns))
		all[name] = rows
	}
	return all
}
