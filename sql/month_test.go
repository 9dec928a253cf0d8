package sql_test

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// inPostgres is a fixture on a fresh database whose findings are one table.
func inPostgres(t *testing.T) *fixture {
	t.Helper()
	at := sqltest.PostgresURL(t)
	f := &fixture{T: t, ctx: t.Context(), url: at, s: sqltest.Open(t, at), db: sqltest.DB(t, at)}
	if f.partitioned() {
		t.Skip("the findings are partitioned from the beginning, by HHRECON_TEST_PARTITIONED")
	}
	return f
}

func (f *fixture) partitioned() bool {
	f.Helper()
	return f.count("select count(*) from pg_class where relname = 'hhrecon_finding' and relkind = 'p'") == 1
}

// partitions are the months, each with its bounds.
func (f *fixture) partitions() []string {
	f.Helper()
	var all []string
	f.must(f.db.Select(&all, `select replace(p.relname, 'hhrecon_finding_', '') || substr(pg_get_expr(p.relpartbound, p.oid), 11)
		from pg_inherits as i join pg_class as p on p.oid = i.inhrelid where i.inhparent = cast('hhrecon_finding' as regclass) order by 1`))
	return all
}

// nightOf is a whole run that starts in a month of 2026.
func (f *fixture) nightOf(month time.Month, how func(reconcile.Finding) reconcile.Finding) reconcile.Run {
	f.Helper()
	n := nightly("a")
	n.StartedAt = time.Date(2026, month, 20, 1, 0, 0, 0, time.UTC)
	_, l := f.open(n)
	f.judge(l, how)
	return f.end(l, reconcile.CorrectionApplied)
}

var december = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// quarter is three months of runs, of which September has two, and an action.
func (f *fixture) quarter() {
	f.Helper()
	f.save(payins(7)...)
	f.nightOf(9, unchanged)
	first := f.nightOf(9, mixed)
	f.execute(reconcile.Order{Kind: reconcile.ActionUndo, RunID: first.ID})
	f.nightOf(10, unchanged)
	f.nightOf(11, unchanged)
}

// What the table is made of, beside its columns and the audit trail's index.
const tableParts = `select string_agg(part, E'\n' order by part) from (
	select replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') from pg_index where indrelid = cast('hhrecon_finding' as regclass) and indexrelid <> coalesce(to_regclass('hhrecon_finding_chain'), 0)
	union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where conrelid = cast('hhrecon_finding' as regclass)
	union all select pg_get_triggerdef(oid) from pg_trigger where tgrelid = cast('hhrecon_finding' as regclass) and not tgisinternal
	union all select attname || ' ' || attnotnull || ' ' || atttypid || ' ' || coalesce(col_description(attrelid, attnum), '') || coalesce(cast(attacl as text), '') from pg_attribute where attrelid = cast('hhrecon_finding' as regclass) and attnum > 0
	union all select coalesce(obj_description(oid, 'pg_class'), '') || pg_get_userbyid(relowner) || (select string_agg(cast(a as text), ',' order by cast(a as text)) from unnest(relacl) as a) from pg_class where oid = cast('hhrecon_finding' as regclass)
) as parts (part)`

// Three months of findings are split without a byte's change; the audit trail, the table's keys, comments, guards and grants are as
// before, the next month begins by itself, and what is taken out leaves no empty partition.
func TestPartition(t *testing.T) {
	t.Parallel()
	f := inPostgres(t)
	role := "hhrecon_reader_" + strings.ReplaceAll(strings.TrimPrefix(mustURL(t, f.url).Path, "/"), "hhrecon_test_", "")
	f.do("create role " + role)
	t.Cleanup(func() {
		_, _ = f.db.Exec("drop owned by " + role)
		_, _ = f.db.Exec("drop role " + role)
	})
	f.do("grant select on hhrecon_finding to " + role + " with grant option")
	f.do("grant update (reason) on hhrecon_finding to " + role)
	f.quarter()
	findings, trail, table := f.dump("hhrecon_finding"), f.holds(), f.word(tableParts)

	var both sync.WaitGroup
	for range 2 {
		s := sqltest.Open(t, f.url)
		both.Go(func() {
			if err := s.Partition(f.ctx, december.Add(-time.Hour)); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	equal(f, "partitions", f.partitions(), []string{"2026_09 FROM (MINVALUE) TO ('3')", "2026_10 FROM ('3') TO ('4')", "2026_11 FROM ('4') TO (MAXVALUE)"})
	equal(f, "findings", f.dump("hhrecon_finding"), findings)
	equal(f, "the trail", f.holds(), trail)
	equal(f, "the table", f.word(tableParts), table)
	said, advice, err := f.s.CheckMonths(f.ctx, december)
	equal(f, "check", fmt.Sprint(said, advice, err), "3, 2026_09 to 2026_11<nil>")

	for _, one := range []string{"hhrecon_finding", "hhrecon_finding_2026_09", "hhrecon_finding_2026_11"} {
		for _, statement := range []string{"update " + one + " set reason = 'x'", "delete from " + one, "truncate " + one} {
			if _, err := f.db.Exec(statement); err == nil || !strings.Contains(err.Error(), "is an audit trail: its rows are never changed and never deleted") {
				t.Errorf("%s: %v", statement, err)
			}
		}
	}
	if _, err := f.db.Exec("insert into hhrecon_finding_2026_09 select (jsonb_populate_record(f, '{\"seq\": 99, \"payment_id\": \"x\"}')).* from hhrecon_finding as f where run_id = 1 and seq = 1"); err == nil || !strings.Contains(err.Error(), "hhrecon_finding_2026_09_chain") {
		t.Errorf("a second entry in one place: %v", err)
	}

	f.nightOf(12, unchanged)
	f.nightOf(12, unchanged)
	equal(f, "partitions in December", f.partitions()[2:], []string{"2026_11 FROM ('4') TO ('5')", "2026_12 FROM ('5') TO (MAXVALUE)"})
	f.must(f.s.Partition(f.ctx, december))
	equal(f, "again", len(f.partitions()), 4)
	equal(f, "undone", len(f.execute(reconcile.Order{Kind: reconcile.ActionUndo, RunID: 4})), 0)

	f.do("update hhrecon_run set started_at = ?, closed_at = ? where id > 4", stamped(f, aged), stamped(f, aged))
	p := f.prune(retention())
	equal(f, "runs taken out", p.Runs, 4)
	equal(f, "partitions after a thinning", f.partitions(), []string{"2026_12 FROM ('5') TO (MAXVALUE)"})
	f.holds()
	f.nightOf(12, unchanged)
	f.holds()
	f.tamper("update hhrecon_finding set reason = 'x' where run_id = 6 and seq = 2")
	if broken := f.breaks(); !strings.Contains(broken, "was changed") {
		t.Errorf("a change: %q", broken)
	}
}

func mustURL(t *testing.T, at string) *url.URL {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A place that is taken twice, in two months, is named.
func TestPlaceTakenInTwoMonths(t *testing.T) {
	t.Parallel()
	f := inPostgres(t)
	f.quarter()
	f.must(f.s.Partition(f.ctx, december))
	f.tamper("insert into hhrecon_finding select (jsonb_populate_record(f, '{\"run_id\": 4, \"seq\": 99, \"payment_id\": \"x\"}')).* from hhrecon_finding as f where run_id = 1 and seq = 1")
	if broken := f.breaks(); !strings.Contains(broken, "entry 1 ") {
		t.Errorf("%q", broken)
	}
}

// Who waits for the findings while they are partitioned finds them all.
func TestReaderWaitsForPartition(t *testing.T) {
	t.Parallel()
	f := inPostgres(t)
	f.quarter()
	want := f.holds()
	waiting := func(n int) {
		f.Helper()
		for f.count("select count(*) from pg_locks as l join pg_class as c on c.oid = l.relation where c.relname = 'hhrecon_finding' and not l.granted and l.database = (select oid from pg_database where datname = current_database())") < n {
			time.Sleep(time.Millisecond)
		}
	}
	busy, err := f.db.Begin()
	f.must(err)
	defer func() { _ = busy.Rollback() }()
	_, err = busy.Exec("lock table hhrecon_finding in share mode")
	f.must(err)
	var both sync.WaitGroup
	both.Go(func() {
		if err := f.s.Partition(f.ctx, december); err != nil {
			t.Error(err)
		}
	})
	waiting(1)
	both.Go(func() {
		if v, err := f.s.Verify(f.ctx, project); err != nil || v != want {
			t.Errorf("%+v, %v", v, err)
		}
	})
	waiting(2)
	f.must(busy.Rollback())
	both.Wait()
	equal(f, "partitioned", f.partitioned(), true)
}

// Nobody's run is converted under its hands; one that broke off goes on after it.
func TestPartitionWaitsForRuns(t *testing.T) {
	t.Parallel()
	f := inPostgres(t)
	f.save(payins(7)...)
	run, l := f.open(nightly("a"))
	f.judge(l, unchanged)
	err := f.s.Partition(f.ctx, december)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("run %d of project %s is running", run.ID, project)) || f.partitioned() {
		t.Fatalf("while a run is running: %v", err)
	}
	w, err := f.s.Weigh(f.ctx, run.ID)
	f.must(err)
	f.must(f.s.Decide(f.ctx, l, reconcile.CorrectionApplied, w, ""))
	_, _, err = f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 3)
	f.must(err)
	_, err = f.s.InterruptRun(f.ctx, l, "stopped")
	f.must(err)
	f.must(f.s.Partition(f.ctx, december))
	_, err = f.s.TakeRun(f.ctx, run.ID, owner("b"), closing, alive)
	f.must(err)
	l.Token = "b"
	f.settleAll(l, reconcile.CorrectionApplied)
	_, err = f.s.CloseRun(f.ctx, l, reconcile.Complete, closing)
	f.must(err)
	equal(f, "entries", f.holds().Entries, 7)
	equal(f, "partitions", f.partitions(), []string{"2026_11 FROM (MINVALUE) TO ('2')", "2026_12 FROM ('2') TO (MAXVALUE)"})
}

// Broken off wherever it was, a conversion leaves the table that there was; what rests on it is not dropped with it.
func TestPartitionBrokenOff(t *testing.T) {
	t.Parallel()
	f := inPostgres(t)
	f.quarter()
	findings, breaks := f.dump("hhrecon_finding"), 0
	f.do("create view mine as select payment_id from hhrecon_finding")
	if err := f.s.Partition(f.ctx, december); err == nil || !strings.Contains(err.Error(), "view mine depends on table hhrecon_finding; drop it first") || strings.Contains(err.Error(), "CASCADE") || f.partitioned() {
		t.Fatalf("with a view: %v", err)
	}
	f.do("drop view mine")
	for limit := time.Millisecond; ; limit += limit / 4 {
		ctx, cancel := context.WithTimeout(f.ctx, limit)
		err := f.s.Partition(ctx, december)
		cancel()
		equal(f, "findings", f.dump("hhrecon_finding"), findings)
		if err == nil {
			break
		}
		breaks++
	}
	f.Logf("broken off %d times", breaks)
	if breaks == 0 || !f.partitioned() {
		t.Errorf("broken off %d times", breaks)
	}
	f.holds()
}

// Several processes that begin a month at once begin it once, beside one that settles, and lose nothing.
func TestMonthBegunByMany(t *testing.T) {
	t.Parallel()
	f := inPostgres(t)
	f.quarter()
	f.must(f.s.Partition(f.ctx, december.Add(-time.Hour)))
	var all sync.WaitGroup
	for i := range 5 {
		g := &fixture{T: t, ctx: f.ctx, url: f.url, s: sqltest.Open(t, f.url), db: f.db}
		all.Go(func() {
			n := nightly("a")
			n.Project.ID, n.StartedAt = fmt.Sprint("project-", i), december.Add(time.Hour)
			p := payin(1)
			p.ProjectID = n.Project.ID
			if _, err := g.s.SavePayins(g.ctx, func(yield func(reconcile.Payin) bool) { yield(p) }); err != nil {
				t.Error(err)
				return
			}
			_, l := g.open(n)
			g.judge(l, unchanged)
			g.end(l, reconcile.CorrectionApplied)
		})
	}
	all.Wait()
	equal(f, "partitions", len(f.partitions()), 4)
	equal(f, "findings", f.count("select count(*) from hhrecon_finding where run_id > 4"), 5)
	f.holds()
}

// A user who may not make partitions keeps the findings in the last one, and the check says so, until the owner begins the month.
func TestMonthWithoutTheRight(t *testing.T) {
	t.Parallel()
	f := inPostgres(t)
	f.quarter()
	f.must(f.s.Partition(f.ctx, december.Add(-time.Hour)))
	u := mustURL(t, f.url)
	role := "hhrecon_user_" + strings.TrimPrefix(u.Path, "/hhrecon_test_")
	f.do("create role " + role + " login")
	t.Cleanup(func() {
		_, _ = f.db.Exec("drop owned by " + role)
		_, _ = f.db.Exec("drop role " + role)
	})
	f.do("grant select, insert, update, delete on all tables in schema public to " + role)
	u.User = url.User(role)
	owner := f.s
	f.s = sqltest.Open(t, u.String())
	if err := f.s.Ping(f.ctx); err != nil {
		t.Skip("the server lets no other user in: ", err)
	}
	f.nightOf(12, unchanged)
	equal(f, "partitions", f.partitions()[2], "2026_11 FROM ('4') TO (MAXVALUE)")
	said, advice, err := f.s.CheckMonths(f.ctx, december)
	f.must(err)
	if said != "3, 2026_09 to 2026_11" || !strings.HasPrefix(advice, "this user may not make partitions") || !strings.HasSuffix(advice, "until then the findings of 2026_12 go into hhrecon_finding_2026_11") {
		t.Errorf("check: %s; %s", said, advice)
	}
	f.s = owner
	f.must(f.s.Partition(f.ctx, december))
	equal(f, "partitions of the owner", f.partitions()[3], "2026_12 FROM ('6') TO (MAXVALUE)")
	f.holds()
}

// The check names a partition without a guard, and a table without room for the next run.
func TestCheckMonths(t *testing.T) {
	t.Parallel()
	f := inPostgres(t)
	if _, advice, err := f.s.CheckMonths(f.ctx, december); err != nil || !strings.Contains(advice, "hhrecon migrate --partition") {
		t.Errorf("one table: %q, %v", advice, err)
	}
	f.must(f.s.Partition(f.ctx, december))
	for _, damage := range []struct{ do, back string }{
		{"alter table hhrecon_finding_2026_12 disable trigger hhrecon_finding_whole", "alter table hhrecon_finding_2026_12 enable trigger hhrecon_finding_whole"},
		{"alter table hhrecon_finding disable trigger hhrecon_finding_kept", "alter table hhrecon_finding enable trigger hhrecon_finding_kept"},
		{"drop index hhrecon_finding_2026_12_chain", "create unique index hhrecon_finding_2026_12_chain on hhrecon_finding_2026_12 (project_id, chain_seq)"},
	} {
		f.do(damage.do)
		if _, _, err := f.s.CheckMonths(f.ctx, december); err == nil || !strings.Contains(err.Error(), "hhrecon_finding_2026_12 lacks a guard") {
			t.Errorf("%s: %v", damage.do, err)
		}
		f.do(damage.back)
		_, _, err := f.s.CheckMonths(f.ctx, december)
		f.must(err)
	}
	f.do("alter table hhrecon_finding detach partition hhrecon_finding_2026_12")
	if _, _, err := f.s.CheckMonths(f.ctx, december); err == nil || !strings.Contains(err.Error(), "no partition for the runs to come") {
		t.Errorf("detached: %v", err)
	}
}

// read lists the months' partitions that a plan has read, or looked something up in.
func read(plan string) []string {
	months := make(map[string]bool)
	for line := range strings.Lines(plan) {
		if at := strings.Index(line, " on hhrecon_finding_20"); at >= 0 && !strings.Contains(line, "never executed") {
			months[line[at+len(" on hhrecon_finding_"):][:len("2026_01")]] = true
		}
	}
	return slices.Sorted(maps.Keys(months))
}

// A run's questions reach its own month alone, and a period's none that came before it.
func TestPlansReachFewMonths(t *testing.T) {
	t.Parallel()
	f := inPostgres(t)
	f.quarter()
	f.nightOf(8, unchanged) // later by its number, and so September's
	f.do(`insert into hhrecon_finding select (jsonb_populate_record(f, jsonb_build_object('seq', 100 + n, 'payment_id', 'more-' || n, 'chain_seq', f.run_id * 100000 + n))).*
		from hhrecon_finding as f, generate_series(1, 3000) as n where f.seq = 1`)
	f.must(f.s.Partition(f.ctx, december.Add(-time.Hour)))
	f.do("analyze hhrecon_run")
	for _, test := range []struct {
		what             string
		scope            reconcile.Scope
		run              int64
		findings, totals []string
	}{
		{"a run of October", reconcile.Scope{RunID: 3}, 3, []string{"2026_10"}, []string{"2026_10"}},
		{"October", reconcile.Scope{ProjectID: project, Window: reconcile.Window{From: december.AddDate(0, -2, 0), To: december.AddDate(0, -1, 0)}}, 3, []string{"2026_10"}, []string{"2026_10"}},
		{"since November", reconcile.Scope{ProjectID: project, Window: reconcile.Window{From: december.AddDate(0, -1, 0)}}, 4, []string{"2026_11"}, []string{"2026_11"}},
	} {
		findings, totals, err := f.s.Explain(f.ctx, test.scope, test.run)
		f.must(err)
		if got := read(findings); !slices.Equal(got, test.findings) {
			t.Errorf("the findings of %s are read in %q:\n%s", test.what, got, findings)
		}
		if got := read(totals); !slices.Equal(got, test.totals) {
			t.Errorf("the totals of %s are read in %q:\n%s", test.what, got, totals)
		}
	}
}

func TestPartitionIsPostgresOnly(t *testing.T) {
	t.Parallel()
	s := sqltest.Open(t, sqltest.SQLiteURL(t))
	if err := s.Partition(t.Context(), december); err == nil || !strings.Contains(err.Error(), "in PostgreSQL only") {
		t.Error(err)
	}
	if said, advice, err := s.CheckMonths(t.Context(), december); said+advice != "" || err != nil {
		t.Error(said, advice, err)
	}
}
