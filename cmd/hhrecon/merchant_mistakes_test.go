package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mistake is a wrong edit of the files that init wrote, or a set of wrong flags for init. hhrecon must refuse both,
// and name the cause.
type mistake struct {
	name     string
	file     string // of the folder; "" for all queries
	old, new string
	flags    string // of init
	warns    bool   // hhrecon check only prints a warning
	says     string
}

// Mistakes in the queries, and in the file with the merchant's statuses.
const (
	openFile    = "sql/open_payins.sql"
	finalFile   = "sql/final_payins.sql"
	correctFile = "sql/correct_payins.sql"
	wordsFile   = "schedules.yaml"
)

// mistakes contains the wrong mappings of each schema.
var mistakes = map[string][]mistake{
	"local_times": {
		{name: "unit of the amount in one query", file: openFile, old: "p.sum * 100", new: "p.sum",
			says: "open_payins.sql returns amount as"},
		{name: "unit of the amount in all queries", old: "p.sum * 100", new: "p.sum",
			says: "HighHelp's initial amounts are 100 times the amounts that the queries read"},
		{name: "unit of the settled amount as written", file: correctFile, old: "_after / 100.0", new: "_after",
			says: "lacks the inverse of the conversion in open_payins.sql; write s.settled_amount_after / 100.0"},
		{name: "unit of the settled amount as read later", file: finalFile, old: "p.paid_sum * 100", new: "p.paid_sum",
			says: "a factor of exactly 100"},
		{name: "wrong column of the amount", old: "p.sum * 100", new: "p.id * 100",
			says: "HighHelp has other initial amounts for 4 of 4 payins"},
		{name: "zone of created_at in one query", file: openFile, old: "(p.created at time zone 'Asia/Bishkek') as",
			new:  "(p.created at time zone 'UTC') as",
			says: "open_payins.sql does not select rows by created_at as :from and :to require"},
		{name: "zone in all queries", old: "Asia/Bishkek", new: "UTC",
			says: "read created_at with a shift of 6h0m0s from HighHelp's times"},
		{name: "zone of updated_at as written", file: correctFile,
			old: ":now) at time zone 'Asia/Bishkek'", new: ":now) at time zone 'UTC'",
			says: "the time is shifted by -6h0m0s: updated_at is a timestamp without time zone"},
		{name: "zone of the window", file: openFile, old: "cast(:from as timestamptz) at time zone 'Asia/Bishkek'",
			new:  "cast(:from as timestamptz) at time zone 'Etc/GMT+6'",
			says: "open_payins.sql does not select rows by created_at as :from and :to require"},
		{name: "created and updated swapped", file: openFile, old: "(p.created at time zone 'Asia/Bishkek') as",
			new:  "(p.modified at time zone 'Asia/Bishkek') as",
			says: "open_payins.sql does not select rows by created_at as :from and :to require"},
		{name: "success and decline swapped", file: wordsFile, old: `success: "completed", decline: "rejected"`,
			new:  `success: "rejected", decline: "completed"`,
			says: "HighHelp has success for statuses that mean decline here, or the reverse: correct status_map"},
		{name: "a missing open status", file: wordsFile, old: `"waiting"`, new: `"pending"`, warns: true,
			says: `59 payins with the status "waiting", which is neither open nor final`},
		{name: "a missing final status", file: finalFile, old: "in (:final_statuses)",
			new:  "in (:final_statuses) and p.status <> 'completed'",
			says: "a row with the status completed is not returned by final_payins.sql"},
		{name: "status in other letters", file: openFile, old: "p.status,", new: "upper(p.status) as status,",
			says: "correct_payins.sql does not write payin"},
		{name: "no payment_id in the join", file: correctFile, old: "and p.invoice_no = s.payment_id",
			says: "although the payment_id has changed"},
		{name: "a join that doubles rows", file: openFile, old: "from public.invoices as p",
			new:  "from (select 1 union all select 2) as two cross join public.invoices as p",
			says: "open_payins.sql returns payin INV/1000 more than once: 2 rows"},
		{name: "a join with no row", file: finalFile, old: "from public.invoices as p",
			new:  "from public.invoices as p join public.clients as c on c.id = -p.client_id",
			says: "is not returned by final_payins.sql"},
		{name: "no guard of status", file: correctFile, old: "and p.status = s.status",
			says: "add: and p.status is not distinct from s.status"},
		{name: "no guard of sub_status", file: correctFile, old: "and p.sub_status is not distinct from s.sub_status",
			says: "although the sub_status has changed"},
		{name: "no guard of the settled amount", file: correctFile,
			old:  "and cast(round(p.paid_sum * 100) as bigint) is not distinct from s.settled_amount",
			says: "although the settled_amount has changed"},
		{name: "no guard of updated_at", file: correctFile,
			old:  "and (p.modified at time zone 'Asia/Bishkek') is not distinct from s.updated_at",
			says: "although the updated_at has changed"},
		{name: "no guard of the amount", file: correctFile,
			old:  "and cast(round(p.sum * 100) as bigint) is not distinct from s.amount",
			says: "the query writes a row although the amount or currency has changed"},
		{name: "no guard of the currency", file: correctFile,
			old:  "and upper(p.currency) is not distinct from s.currency",
			says: "the query writes a row although the amount or currency has changed"},
		{name: "no guard of changes", file: correctFile, old: "and s.changes", says: "add: and s.changes"},
		{name: "unit in init", flags: "--unit minor", says: "column sum of public.invoices is in major units"},
		{name: "zone in init", flags: "--timezone UTC", says: "so the offset from UTC is +6 h"},
		{name: "unknown zone in init", flags: "--timezone Asia/Bishkk", says: "there is no such time zone"},
		{name: "id in init", flags: "--column payment_id=status", says: "HighHelp does not know these ids, such as"},
		{name: "type of a column in init", flags: "--column amount=created",
			says: "the type is timestamp(0) without time zone"},
		{name: "unknown column in init", flags: "--column status=state", says: "there is no such column"},
	},
	"orders": {
		{name: "no prefix of the id", old: "'order-' || ", new: "'' || ", says: "HighHelp knows none of"},
		{name: "another prefix in init", flags: "--column payment_id='ord-' || id",
			says: "HighHelp does not know these ids, such as ord-"},
		{name: "a status that the table refuses", file: wordsFile, old: `dispute: "processing"`, new: `dispute: "on_hold"`,
			says: "correct_payins.sql wrote the status on_hold: check status_map"},
	},
	"two_projects": {
		{name: "payins of all projects", file: openFile, old: "lower(cast(l.hh_project_id as text)) = lower(:project_id)",
			new: "true", says: "open_payins.sql: the query must use :project_id"},
		{name: "the other project", old: "= lower(:project_id)",
			new: "<> lower(:project_id) and l.hh_project_id is not null", says: "HighHelp knows none of"},
		{name: "one project for two in init", flags: "--column project_id=none",
			says: "Which column of public.transactions has the project_id?"},
	},
	"lookup": {
		{name: "a missing word of declines", file: wordsFile, old: `final_statuses: {decline: ["EXPIRED"]}`,
			warns: true, says: `payins with the status "EXPIRED", which is neither open nor final`},
		{name: "a word that the lookup table lacks in init", flags: "--status ON_HOLD=dispute",
			says: "does not have this status; its statuses are"},
	},
}

// TestMerchantMistakes checks that check and init refuse wrong mappings, and name the cause.
func TestMerchantMistakes(t *testing.T) {
	t.Parallel()
	for _, file := range slices.Sorted(maps.Keys(mistakes)) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(merchantSchemas, func(m merchantSchema) bool { return m.file == file })
			s := newMerchant(t, &merchantSchemas[i])
			s.setUp()
			s.grant("grant select on all tables in schema %s to %s")
			before := s.stored()
			for _, n := range []string{"5", "10"} {
				if status, out := s.command("check", "--payins", n); status != exitOK {
					t.Fatalf("%s payins without a mistake: exit status %d:\n%s", n, status, out)
				}
			}
			for _, m := range mistakes[file] {
				status, out := s.mistake(&m)
				if m.warns && status != exitOK || !m.warns && status != exitUsage || !strings.Contains(out, m.says) {
					t.Errorf("%s: exit status %d, and the output does not contain %q:\n%s", m.name, status, m.says, out)
				}
			}
			compare(t, "rows", before, s.stored())
		})
	}
}

// mistake applies one mistake, and returns the exit status and the output of init or check.
func (s *schemaFixture) mistake(m *mistake) (status int, out string) {
	s.t.Helper()
	if m.flags != "" {
		flags := slices.Clone(s.flags)
		name, value, _ := strings.Cut(m.flags, " ")
		flags = append(flags, name, value)
		args := []string{"init", "--yes", "--user", s.name, "--out", filepath.Join(s.dir, "wrong")}
		return s.command(slices.Concat(args, flags)...)
	}
	for _, file := range []string{openFile, finalFile, correctFile, wordsFile} {
		if m.file != "" && m.file != file || m.file == "" && file == wordsFile {
			continue
		}
		path := filepath.Join(s.dir, "out", file)
		if file == wordsFile {
			path = filepath.Join(s.dir, file)
		}
		text, err := os.ReadFile(path)
		must(s.t, err)
		if !bytes.Contains(text, []byte(m.old)) {
			if m.file != "" {
				s.t.Fatalf("%s: %s does not contain %q:\n%s", m.name, file, m.old, text)
			}
			continue
		}
		must(s.t, os.WriteFile(path, bytes.ReplaceAll(text, []byte(m.old), []byte(m.new)), 0o600))
		defer func() { must(s.t, os.WriteFile(path, text, 0o600)) }()
	}
	return s.command("check", "--payins", "5")
}

// command executes a command in this process, with the keys of HighHelp.
func (s *schemaFixture) command(args ...string) (status int, out string) {
	s.t.Helper()
	env := map[string]string{"HHRECON_DATABASE_URL": s.user, "HHRECON_API_URL": s.fixture.url,
		"HHRECON_SQL_DIR": filepath.Join(s.dir, "out/sql"), "HHRECON_REPORT_DIR": s.dir}
	var b bytes.Buffer
	status = run(s.t.Context(), append([]string{"--schedules", filepath.Join(s.dir, "schedules.yaml")}, args...),
		func(name string) string { return env[name] }, &b, &b)
	return status, b.String()
}
