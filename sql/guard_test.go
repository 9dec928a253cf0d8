package sql_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// guarded is a merchant's statement that is as it must be.
const guarded = `update payins as p set status = s.status_after, sub_status = s.sub_status_after, settled_amount = s.settled_amount_after,
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

// noisy makes every write of a payin leave a line in another table.
func (f *fixture) noisy() {
	f.do("create table noise (payment_id text, status text)")
	if f.postgres() {
		f.do(`create function make_noise() returns trigger language plpgsql as
			$$ begin insert into noise values (new.payment_id, new.status); return new; end $$`)
		f.do("create trigger noise after update on payins for each row execute function make_noise()")
		return
	}
	f.do("create trigger noise after update on payins begin insert into noise values (new.payment_id, new.status); end")
}

// check checks a merchant's statement, and that nothing is left of it; it returns the error and the log.
func (f *fixture) check(correct string, projects ...reconcile.Project) (fault, log string) {
	f.Helper()
	dir, written := f.TempDir(), bytes.Buffer{}
	if head, tail, _ := strings.Cut(correct, "returning "); !f.postgres() { // SQLite knows no alias there
		correct = head + "returning " + strings.ReplaceAll(tail, "p.", "")
	}
	write(f.T, dir, "correct_payins.sql", correct)
	s := sqltest.OpenWith(f.T, f.url, sql.Options{SQLDir: dir, Logger: slog.New(slog.NewTextHandler(&written, nil))})
	before := f.dump("payins")
	if err := s.CheckQueries(f.ctx, projects...); err != nil {
		fault = err.Error()
	}
	equal(f, "payins", f.dump("payins"), before)
	equal(f, "lines in the selection", f.count("select count(*) from hhrecon_selection"), 0)
	return fault, written.String()
}

func TestGuardIsProved(t *testing.T) {
	conform(t, func(f *fixture) {
		without := func(line string) string { return strings.Replace(guarded, line, "", 1) }
		same := map[bool]string{true: "is not distinct from", false: "is"}[f.postgres()]
		writes := func(what, cure string) string {
			return "correct_payins.sql: it writes " + what + `, seen on payin "payin-0000" of project ` + project +
				" (and undone); where p is the merchant's table and s is hhrecon_selection, add: " + cure
		}
		as := func(column string) string {
			return writes("a row whose "+column+" is no longer as it was read", "and p."+column+" "+same+" s."+column)
		}
		updated, status := as("updated_at"), as("status")
		leaves := `correct_payins.sql: it does not write payin "payin-0000" of project ` + project + ", which is as it was read; "
		f.save(payin(0))
		f.noisy()
		p := reconcile.DefaultProject(project)
		for _, test := range []struct{ text, fault string }{
			{guarded, ""},
			{strings.ReplaceAll(guarded, "p.updated_at = s", "p.updated_at <= s"), ""},
			{without("and p.updated_at = s.updated_at"), updated},
			{strings.ReplaceAll(guarded, "p.updated_at = s", "p.updated_at >= s"), updated},
			{without("and p.status = s.status"), status},
			{strings.ReplaceAll(without("and p.updated_at = s.updated_at"), "and p.status = s.status", ""), updated + "\n" + status},
			{without("and p.project_id = s.project_id"), writes("a row of another project", "and p.project_id = s.project_id")},
			{without("and p.sub_status is not distinct from s.sub_status"), as("sub_status")},
			{without("and p.settled_amount is not distinct from s.settled_amount"), as("settled_amount")},
			{strings.Replace(guarded, "p.amount = s.amount", "s.amount > 0", 1), as("amount")},
			{strings.Replace(guarded, "p.currency = s.currency", "s.currency > ''", 1), as("currency")},
			{without("and p.currency = s.currency"), "correct_payins.sql: it writes a row whose amount or currency has " +
				"changed since it was read; where p is the merchant's table and s is hhrecon_selection, add these two lines:\n" +
				"  and p.amount is not distinct from s.amount\n  and p.currency is not distinct from s.currency"},
			{without("and s.changes"), writes("a row that is to stay as it is", "and s.changes")},
			{strings.Replace(guarded, "and s.changes", "and s.changes and p.sub_status = s.sub_status", 1), leaves},
			{strings.Replace(guarded, "returning p.payment_id", "returning p.currency as payment_id", 1),
				`correct_payins.sql: asked to correct payin "payin-0000" of project ` + project + ` alone, it returned 1 rows, of "KGS" (and was undone); `},
		} {
			fault, log := f.check(test.text, p)
			if fault != test.fault && (test.fault == "" || strings.HasSuffix(test.fault, "read") || !strings.HasPrefix(fault, test.fault)) || log != "" {
				f.Errorf("%s\n got %s\nwant %s\n log %s", test.text, fault, test.fault, log)
			}
			equal(f, "noise", f.count("select count(*) from noise"), 0)
		}
		// The projects that have runs are known.
		bad := without("and s.changes")
		fault, _ := f.check(bad)
		equal(f, "without a run", fault, "")
		_, l := f.open(nightly("a"))
		f.judge(l, verdict)
		f.end(l, reconcile.CorrectionApplied)
		if fault, _ = f.check(bad); !strings.Contains(fault, "a row that is to stay as it is") {
			f.Errorf("after a run, on its final payin: %q", fault)
		}
		if fault, log := f.check(guarded); fault != "" || log != "" {
			f.Errorf("a final payin: %q, %s", fault, log)
		}
	})
}

// A row that is not there, is locked or is refused proves nothing, and ends nothing.
func TestGuardCannotBeProved(t *testing.T) {
	conform(t, func(f *fixture) {
		p := reconcile.DefaultProject(project)
		warns := func(what, reason string) {
			f.Helper()
			start := time.Now()
			fault, log := f.check(guarded, p)
			if fault != "" || !strings.Contains(log, "level=WARN") || !strings.Contains(log, reason) || time.Since(start) > 15*time.Second {
				f.Errorf("%s: %q after %v, log %s", what, fault, time.Since(start), log)
			}
		}
		warns("an empty table", "the project has no payin to prove it on")
		f.save(payin(0))
		if !f.postgres() {
			f.do("create trigger never before update on payins begin select raise(abort, 'never on a Sunday'); end")
			warns("a trigger", "never on a Sunday")
			return
		}
		tx, err := f.db.Beginx()
		f.must(err)
		tx.MustExec("select * from payins for update")
		warns("a locked row", "another transaction keeps payin")
		f.must(tx.Rollback())
		f.do("create function never() returns trigger language plpgsql as $$ begin raise exception 'never on a Sunday'; end $$")
		f.do("create trigger never before update on payins for each row execute function never()")
		warns("a trigger", "never on a Sunday")
	})
}

// Each of the merchant's queries is run for its rows and its time, and leaves nothing behind.
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
		equal(f, "three open payins", files(), []string{"open_payins.sql 3", "final_payins.sql 0", "correct_payins.sql 1"})
		equal(f, "payins", f.dump("payins"), before)
		equal(f, "lines in the selection", f.count("select count(*) from hhrecon_selection"), 0)
	})
}
