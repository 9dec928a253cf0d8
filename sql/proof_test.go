package sql_test

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/merchant"
	"hhrecon/sql/sqltest"
)

// defaults returns the texts of the default queries.
func (f *fixture) defaults() map[string]string {
	f.Helper()
	texts := make(map[string]string)
	ours := "correct_payins.sqlite.sql"
	if f.postgres() {
		ours = "correct_payins.postgres.sql"
	}
	for file, from := range map[string]string{open: open, final: final, correct: ours} {
		text, err := os.ReadFile("merchant/queries/" + from)
		f.must(err)
		texts[file] = string(text)
	}
	return texts
}

// withQueries opens a store with changed default queries. A change consists of a file, an old text and a new text.
func (f *fixture) withQueries(changes ...[3]string) *sql.Store {
	f.Helper()
	dir, texts := f.TempDir(), f.defaults()
	for _, c := range changes {
		changed := regexp.MustCompile(`\b`+regexp.QuoteMeta(c[1])).ReplaceAllLiteralString(texts[c[0]], c[2])
		if c[1] == "" { // nest the whole query in another one
			changed = c[2] + "\n" + texts[c[0]] + "\n) as o"
		}
		if changed == texts[c[0]] {
			f.Fatalf("%s has no %q", c[0], c[1])
		}
		texts[c[0]] = changed
	}
	for _, file := range slices.Sorted(maps.Keys(texts)) {
		write(f.T, dir, file, texts[file])
	}
	return sqltest.OpenWith(f.T, f.url, sql.Options{SQLDir: dir})
}

// guarded is a valid correct_payins.sql of a merchant that compares all columns.
const guarded = `update payins as p
set status = s.status_after, sub_status = s.sub_status_after, settled_amount = s.settled_amount_after,
	updated_at = coalesce(s.updated_at_after, :now)
from hhrecon_selection as s where s.run_id = :run_id and s.seq between :first and :last
and s.changes
and p.project_id = s.project_id
and p.payment_id = s.payment_id
and p.status = s.status
and p.sub_status is not distinct from s.sub_status
and p.settled_amount is not distinct from s.settled_amount
and p.updated_at = s.updated_at
and p.amount = s.amount
and p.currency = s.currency
returning p.payment_id, p.updated_at`

// openUnproved opens a run with the default queries. The run then detects errors in the store's own queries only when
// it reads rows back.
func (f *fixture) openUnproved(n reconcile.NewRun) (reconcile.Run, reconcile.Lease) {
	f.Helper()
	s, err := sql.Open(f.ctx, f.url, sql.Options{Logger: slog.New(slog.DiscardHandler)})
	f.must(err)
	run, err := s.OpenRun(f.ctx, n)
	f.must(err)
	f.must(s.Close())
	return run, lease(run)
}

const (
	open    = "open_payins.sql"
	final   = "final_payins.sql"
	correct = "correct_payins.sql"
)

// mutation is a change that makes a query wrong, with the expected result of ProveQueries.
type mutation struct{ name, file, old, new, says string }

const columns = "project_id payment_id amount currency status sub_status settled_amount lifetime created_at updated_at"

// mutations returns the mutations in testdata/mutations.txt, and one mutation for each dropped column.
func (f *fixture) mutations() []mutation {
	f.Helper()
	text, err := os.ReadFile("testdata/mutations.txt")
	f.must(err)
	same, later := "is", "strftime('%Y-%m-%dT%H:%M:%f000Z', $1, '+6 hours')"
	if f.postgres() {
		same, later = "is not distinct from", "cast($1 as timestamptz) + interval '6 hours'"
	}
	ours := strings.ReplaceAll(string(text), "{is}", same)
	ours = regexp.MustCompile(`\{(\S+) \+ 6 h\}`).ReplaceAllString(ours, later)
	var all []mutation
	for _, block := range strings.Split(strings.TrimSpace(ours), "\n\n")[1:] {
		lines := strings.Split(block, "\n")
		m := mutation{name: lines[0]}
		for _, line := range lines[1:] {
			value := line[strings.IndexByte(line[2:], ' ')+3:]
			switch line[2] {
			case 'i':
				m.file = value
			case '-':
				m.old = value
			case '+':
				m.new = value
			case 's':
				m.says = value
			}
		}
		all = append(all, m)
	}
	for _, column := range strings.Fields(columns) {
		for _, file := range []string{open, final} {
			rest := slices.DeleteFunc(strings.Fields(columns), func(c string) bool { return c == column })
			all = append(all, mutation{
				column + " dropped", file, "", "select o." + strings.Join(rest, ", o.") + " from (",
				file + ": column " + column + " is missing",
			})
		}
	}
	return all
}

// ProveQueries detects each mutation. A run with a mutated query writes no wrong value. The run refuses the corrections
// that failed in the test, and writes all other corrections.
func TestMutations(t *testing.T) {
	conform(t, func(f *fixture) {
		p := payin(0)
		p.Lifetime, p.UpdatedAt = 300, p.CreatedAt.Add(time.Minute)
		other := p
		other.PaymentID = "other"
		f.save(p, other)
		before := f.dump("payins")
		project := reconcile.DefaultProject(project)
		for _, m := range f.mutations() {
			run := *f
			run.s = f.withQueries([3]string{m.file, m.old, m.new})
			if got := f.proof(run.s, project); !strings.Contains(got, m.says) {
				f.Errorf("%s:\n got %s\nwant %s", m.name, got, m.says)
			}
			opened, err := run.s.OpenRun(f.ctx, nightly("a"))
			if err == nil {
				run.judge(lease(opened), verdict)
				closed := run.end(lease(opened), reconcile.CorrectionApplied)
				if closed.Queries.Refuses("success").IsZero() {
					f.Errorf("%s: the run has no fault", m.name)
				}
				for _, one := range run.findings(reconcile.ReportScope{RunID: opened.ID}) {
					if one.Correction == reconcile.CorrectionApplied {
						f.Errorf("%s: payin %s is %s", m.name, one.PaymentID, one.Correction)
					}
				}
			}
			if got := f.dump("payins"); got != before {
				f.Fatalf("%s:\n got %s\nwant %s", m.name, got, before)
			}
		}
		equal(f, "the default queries", f.proof(f.s, project), "")
		equal(f, "payins", f.dump("payins"), before)
		equal(f, "lines in the selection", f.count("select count(*) from hhrecon_selection"), 0)
	})
}

// A row that cannot be written is not an error of the queries. ProveQueries then tries another row.
func TestUnproved(t *testing.T) {
	conform(t, func(f *fixture) {
		p := reconcile.DefaultProject(project)
		equal(f, "an empty table", f.proof(f.s, p), "unproved: proof.no_row")
		f.save(payins(7)...)
		trigger := func(condition, action string) {
			if !f.postgres() {
				f.do("drop trigger if exists never")
				f.do("create trigger never before update on payins when " + condition + " begin select raise(" + action + "); end")
				return
			}
			action = map[bool]string{true: "return null", false: "raise exception 'never on a Sunday'"}[action == "ignore"]
			f.do("create or replace function never() returns trigger language plpgsql as " +
				"$$ begin if " + condition + " then " + action + "; end if; return new; end $$")
			f.do("drop trigger if exists never on payins")
			f.do("create trigger never before update on payins for each row execute function never()")
		}
		proved := func() string { return f.proof(f.withQueries([3]string{open, "select ", "select  "}), p) }
		trigger("true", "abort, 'never on a Sunday'")
		got := proved()
		if !strings.HasPrefix(got, `unproved: proof.refused "payin-0005" "`) || !strings.Contains(got, "never on a") {
			f.Errorf("a trigger that refuses: %s", got)
		}
		trigger("true", "ignore")
		equal(f, "a trigger that leaves rows alone", proved(),
			`unproved: proof.left_alone "correct_payins.sql" "payin-0005"; cause.trigger "never" "payins"`)
		trigger("old.payment_id < 'payin-0003'", "ignore")
		equal(f, "a trigger that leaves three rows alone", proved(), "")
		trigger("new.status = 'error'", "abort, 'never on a Sunday'")
		if got := proved(); !strings.HasPrefix(got, `error proof.refused "payin-0005" "`) ||
			!strings.HasSuffix(got, `; cause.status "error"`) {
			f.Errorf("a trigger that refuses a status: %s", got)
		}
		if !f.postgres() {
			return
		}
		f.do("drop trigger never on payins")
		tx, err := f.db.Beginx()
		f.must(err)
		tx.MustExec("select * from payins where payment_id < 'payin-0005' for update")
		equal(f, "five locked rows", proved(), "")
		tx.MustExec("select * from payins for update")
		start := time.Now()
		equal(f, "locked rows", proved(), `unproved: proof.locked "payin-0005"`)
		if took := time.Since(start); took > 10*time.Second {
			f.Errorf("locked rows take %v", took)
		}
		f.must(tx.Rollback())
	})
}

// ProveQueries reports a table that changes a written status, and a table that cannot
// store sub_status or settled_amount.
func TestTablesThatRewriteValues(t *testing.T) {
	conform(t, func(f *fixture) {
		p := reconcile.DefaultProject(project)
		f.save(payin(0))
		nothing := [][3]string{}
		for _, file := range []string{open, final} {
			nothing = append(nothing, [3]string{file, "sub_status,", "cast(null as text) as sub_status,"},
				[3]string{file, "settled_amount,", "cast(null as bigint) as settled_amount,"})
		}
		same := map[bool]string{true: "is not distinct from", false: "is"}[f.postgres()]
		for _, column := range []string{"sub_status", "settled_amount"} {
			nothing = append(nothing, [3]string{correct, column + " = s." + column + "_after,\n", ""},
				[3]string{correct, "and p." + column + " " + same + " s." + column + "\n", ""})
		}
		equal(f, "no place for two columns", f.proof(f.withQueries(nothing...), p),
			"not stored: settled_amount\nnot stored: sub_status")
		for _, hidden := range [][3]string{{open, "open", "dispute"}, {final, "final", "decline"}} {
			status := "status in (:" + hidden[1] + "_statuses)"
			hide := f.withQueries([3]string{hidden[0], status, "status <> '" + hidden[2] + "' and " + status})
			equal(f, "a query that does not return what it must", f.proof(hide, p),
				fmt.Sprintf("%s proof.not_returned %[1]q %q", hidden[2], hidden[0]))
		}

		if !f.postgres() {
			f.do("create trigger touch after update on payins when new.status = 'success' begin " +
				"update payins set status = 'decline' where payment_id = new.payment_id; end")
		} else {
			f.do("create function touch() returns trigger language plpgsql as $$ begin new.updated_at := now(); " +
				"if new.status = 'success' then new.status := 'decline'; end if; return new; end $$")
			f.do("create trigger touch before update on payins for each row execute function touch()")
		}
		equal(f, "a trigger that rewrites a status", f.proof(f.s, p),
			`success proof.not_returned "success" "open_payins.sql, final_payins.sql"; cause.trigger "touch" "payins"`)
		f.do("update payins set status = 'error'")
		f.save(payin(1), payin(2))
		if f.postgres() {
			f.do("create or replace function touch() returns trigger language plpgsql as $$ begin " +
				"if old.status = 'error' then new.status := 'decline'; end if; return new; end $$")
		} else {
			f.do("drop trigger touch")
			f.do("create trigger touch after update on payins when old.status = 'error' begin " +
				"update payins set status = 'decline' where payment_id = new.payment_id; end")
		}
		again := f.withQueries([3]string{open, "select ", "select  "})
		equal(f, "a trigger that rewrites the first row's status", f.proof(again, p), "")
	})
}

// TestProofOfEqualWords checks ProveQueries with a status map that translates several statuses to the same word.
// The table rejects the correction of one of these statuses. The corrections of the other statuses with this word
// do not hide the error.
func TestProofOfEqualWords(t *testing.T) {
	conform(t, func(f *fixture) {
		p := nightly("a").Project
		p.StatusMap = map[string]string{"processing": "pending", "dispute": "pending", "error": "pending",
			"success": "paid", "decline": "failed"}
		f.save(payins(3)...)
		f.do("update payins set status = 'pending'")
		equal(f, "equal words", f.proof(f.s, p), "")
		if f.postgres() {
			f.do("alter table payins add constraint known check (sub_status <> 'different_amount')")
		} else {
			f.do("create trigger known before update on payins when new.sub_status = 'different_amount' " +
				"begin select raise(abort, 'known'); end")
		}
		again := f.withQueries([3]string{open, "select ", "select  "})
		got := f.proof(again, p)
		if !strings.HasPrefix(got, `pending proof.refused "payin-0002" "`) || !strings.Contains(got, "known") {
			f.Errorf("a refused dispute: %s", got)
		}
	})
}

// proof returns the result of ProveQueries as text.
func (f *fixture) proof(s *sql.Store, p reconcile.Project) string {
	f.Helper()
	if err := s.CheckQueries(f.ctx, p); err != nil {
		return err.Error()
	}
	checks, err := s.ProveQueries(f.ctx, p)
	if err != nil {
		return err.Error()
	}
	var says []string
	for _, fault := range checks[0].Faults {
		says = append(says, strings.TrimSpace(fault.Status+" "+fault.Reason.String()))
	}
	if !checks[0].Unproved.IsZero() {
		says = append(says, "unproved: "+checks[0].Unproved.String())
	}
	for _, column := range checks[0].Unstored {
		says = append(says, "not stored: "+column)
	}
	return strings.Join(says, "\n")
}

// TimeQueries measures each of the merchant's queries with its rows, and changes nothing.
func TestTimeQueries(t *testing.T) {
	conform(t, func(f *fixture) {
		p := reconcile.DefaultProject(project)
		p.Recheck = p.Window
		files := func() (all []string) {
			times, err := f.s.TimeQueries(f.ctx, p)
			f.must(err)
			for _, one := range times {
				if one.Took <= 0 || one.ProjectID != project {
					f.Errorf("%+v", one)
				}
				all = append(all, fmt.Sprint(one.File, " ", one.Rows))
			}
			return all
		}
		equal(f, "without a row", files(), []string{"open_payins.sql 0", "final_payins.sql 0"})
		for i, all := 0, payins(3); i < 3; i++ {
			all[i].CreatedAt, all[i].UpdatedAt = time.Now().Add(-time.Hour), time.Now().Add(-time.Hour)
			f.save(all[i])
		}
		before := f.dump("payins")
		equal(f, "three open payins", files(), []string{
			"open_payins.sql 3", "final_payins.sql 0", "correct_payins.sql 1", merchant.ReadBack + " 1",
		})
		equal(f, "payins", f.dump("payins"), before)
		equal(f, "lines in the selection", f.count("select count(*) from hhrecon_selection"), 0)
	})
}

// Before a run, ProveQueries detects times of a wrong type, and errors that occur only with real rows.
func TestProofOfRows(t *testing.T) {
	conform(t, func(f *fixture) {
		for _, p := range payins(3) {
			p.CreatedAt, p.UpdatedAt = time.Now().Add(-time.Hour), time.Now().Add(-time.Hour)
			f.save(p)
		}
		changes := map[[3]string]string{
			{open, "created_at, updated_at", "datetime(created_at) as created_at, updated_at"}: "proof.no_time",
			{open, "updated_at\n", "datetime('now') as updated_at\n"}:                          "proof.no_time",
		}
		if f.postgres() {
			changes = map[[3]string]string{
				{open, "amount,", "cast(amount / (amount - 1001) as bigint) as amount,"}:   "division by zero",
				{open, "created_at >= :from", "created_at at time zone 'UTC' >= :from"}:    "without time zone",
				{final, "updated_at >= :from", "cast(updated_at as timestamp) >= :from"}:   "without time zone",
				{correct, "coalesce(s.updated_at_after, :now)", "cast(:now as timestamp)"}: "without time zone",
			}
		}
		for change, says := range changes {
			if got := f.proof(f.withQueries(change), reconcile.DefaultProject(project)); !strings.Contains(got, says) {
				f.Errorf("%s:\n got %s\nwant %s", change[2], got, says)
			}
		}
		if !f.postgres() {
			f.do("create table mine as select * from payins")
			f.do("update mine set created_at = datetime(created_at), updated_at = datetime(updated_at)")
			mine := f.withQueries([3]string{open, "payins", "mine"}, [3]string{final, "payins", "mine"},
				[3]string{correct, "payins", "mine"})
			if got := f.proof(mine, reconcile.DefaultProject(project)); strings.Count(got, "proof.no_time") != 2 {
				f.Errorf("times without T and Z: %s", got)
			}
		}
	})
}
