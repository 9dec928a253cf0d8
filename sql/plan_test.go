package sql_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// manyRows fills a table with rows of which few are open.
const manyRows = `insert into %s
select '` + project + `', 'payin-' || i, 1000, 'KGS', case when i % 500 = 0 then 'pending' else 'success' end, null, null, 600,
       now() - i * interval '10 seconds', now() - i * interval '10 seconds'
from generate_series(1, 60000) as i`

func (f *fixture) advice(s *sql.Store) []string {
	f.Helper()
	f.do("analyze")
	p := reconcile.DefaultProject(project)
	p.Recheck = p.Window / 300
	advice, err := s.CheckIndexes(f.ctx, p)
	f.must(err)
	return advice
}

// build makes the indexes that are advised, and drops none.
func (f *fixture) build(advice []string) {
	f.Helper()
	for _, one := range advice {
		_, statement, found := strings.Cut(one, "this index serves it: ")
		if !found {
			f.Fatalf("no statement: %s", one)
		}
		f.do(statement)
	}
}

// The default table has what its queries need; where it has not, the check says what they need, and then it is content.
func TestMissingIndexIsNamed(t *testing.T) {
	t.Parallel()
	url := sqltest.PostgresURL(t)
	f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, url), db: sqltest.DB(t, url)}
	f.do(strings.Replace(manyRows, "%s", "payins", 1))
	equal(f, "with the sample's indexes", f.advice(f.s), nil)

	f.do("drop index payins_open, payins_updated")
	advice := f.advice(f.s)
	equal(f, "advice", len(advice), 2)
	for i, want := range []string{
		"final_payins.sql reads 60000 of the 60000 rows of payins to find ",
		"open_payins.sql reads 60000 of the 60000 rows of payins to find ",
	} {
		if !strings.HasPrefix(advice[i], want) {
			t.Errorf("%q\nwant %q", advice[i], want)
		}
	}

	// An index that finds all payins of the window, to throw most of them away, is not enough.
	f.do("create index payins_created on payins (project_id, created_at)")
	if some := f.advice(f.s); len(some) != 2 || !strings.Contains(some[1], "create index concurrently payins_open on payins (project_id, created_at) where status not in ('success', 'decline')") {
		t.Errorf("with an index of all: %q", some)
	}
	f.build(advice)
	equal(f, "with the advised indexes", f.advice(f.s), nil)
}

// Of another table the columns are named, for single payins too.
func TestMissingIndexOfOtherSchema(t *testing.T) {
	t.Parallel()
	url, dir := sqltest.PostgresURL(t), t.TempDir()
	f := &fixture{T: t, ctx: t.Context(), url: url, db: sqltest.DB(t, url)}
	f.do("create schema shop")
	f.do(`create table shop."Orders" (store varchar(40), number text, paid bigint, cur text, state varchar(20), note text, settled bigint, life integer, made timestamptz, changed timestamptz)`)
	f.do(strings.Replace(manyRows, "%s", `shop."Orders"`, 1))
	columns := `select o.store as project_id, o.number as payment_id, o.paid as amount, o.cur as currency, o.state as status,
		o.note as sub_status, o.settled as settled_amount, o.life as lifetime, o.made as created_at, o.changed as updated_at
		from shop."Orders" as o where o.store = :project_id and `
	for name, text := range map[string]string{
		"open_payins.sql":  columns + "o.made >= :from and o.made < :to and o.state in (:open_statuses)",
		"final_payins.sql": columns + "o.changed >= :from and o.state in (:final_statuses)",
		"correct_payins.sql": `update shop."Orders" as o
			set state = s.status_after, note = s.sub_status_after, settled = s.settled_amount_after, changed = coalesce(s.updated_at_after, :now)
			from hhrecon_selection as s
			where s.run_id = :run_id and s.seq between :first and :last and s.changes
			and o.store = s.project_id and s.payment_id = o.number and o.state = s.status
			and o.note is not distinct from s.sub_status and o.settled is not distinct from s.settled_amount
			and o.changed is not distinct from s.updated_at
			returning o.number as payment_id, o.changed as updated_at`,
	} {
		f.must(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	f.s = sqltest.OpenWith(t, url, sql.Options{SQLDir: dir})
	advice := f.advice(f.s)
	all := strings.Join(advice, "\n")
	for _, want := range []string{
		`correct_payins.sql reads 60000 of the 60000 rows of shop."Orders"`,
		`on shop."Orders" (store, state, made)`,
		`on shop."Orders" (store, state, changed)`,
		`on shop."Orders" (store, number)`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, all)
		}
	}
	f.build(advice)
	equal(f, "with the advised indexes", f.advice(f.s), nil)
}

// SQLite gets no advice, and the statements of neither are carried out.
func TestIndexesOfSQLite(t *testing.T) {
	t.Parallel()
	f := &fixture{T: t, ctx: t.Context(), s: sqltest.Open(t, sqltest.SQLiteURL(t))}
	advice, err := f.s.CheckIndexes(f.ctx, reconcile.DefaultProject(project))
	f.must(err)
	equal(f, "advice", advice, nil)
}
