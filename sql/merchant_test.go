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

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ordersPostgres is another merchant's table, with major units, an enum and other names.
const ordersPostgres = `
create type order_state as enum ('new', 'pending', 'success', 'decline', 'dispute');
create table orders (shop text, number uuid, sum numeric(12, 2), state order_state, note text, paid numeric(12, 2),
	made_at timestamp, changed_at timestamp, primary key (shop, number));
insert into orders select '57aff4db-b45d-42bf-bc5f-b7a499a01782', cast(md5(cast(n as text)) as uuid), 15.25, 'pending',
	null, null, timestamp '2026-11-01 10:00' + n * interval '1 second', timestamp '2026-11-01 10:00'
from generate_series(1, 5) as n`

func TestAnotherSchema(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "open_payins.sql", `-- :nothing in a comment; nor here
		select shop as project_id, number::text as payment_id, round(sum * 100)::bigint as amount, 'KGS'::text as currency,
		       state::text as status, note as sub_status, (paid * 100)::bigint as settled_amount, 600 as lifetime,
		       made_at at time zone 'UTC' as created_at, changed_at at time zone 'UTC' as updated_at, 'x:y;' as more
		from orders
		where shop = :project_id and made_at at time zone 'UTC' >= :from and made_at at time zone 'UTC' < :to
		  and state::text in (:open_statuses); /* the :end */`)
	write(t, dir, "final_payins.sql", `
		select shop as project_id, number::text as payment_id, round(sum * 100)::bigint as amount, 'KGS' as currency,
		       state::text as status, note as sub_status, (paid * 100)::bigint as settled_amount, 600 as lifetime,
		       made_at at time zone 'UTC' as created_at, changed_at at time zone 'UTC' as updated_at
		from orders where shop = :project_id and changed_at at time zone 'UTC' >= :from and state::text in (:final_statuses)`)
	write(t, dir, "correct_payins.sql", `update orders as o
		set state = s.status_after::order_state, note = s.sub_status_after, paid = s.settled_amount_after / 100.0,
		    changed_at = coalesce(s.updated_at_after, :now::timestamptz) at time zone 'UTC'
		from hhrecon_selection as s
		where s.run_id = :run_id and s.seq between :first and :last and s.changes
		  and o.shop = s.project_id and o.number = s.payment_id::uuid
		  and o.state::text = s.status and o.changed_at at time zone 'UTC' is not distinct from s.updated_at
		  and o.note is not distinct from s.sub_status and (o.paid * 100)::bigint is not distinct from s.settled_amount
		  and round(o.sum * 100)::bigint = s.amount and s.currency = 'KGS'
		returning o.number::text as payment_id, o.changed_at at time zone 'UTC' as updated_at`)
	write(t, dir, "README.md", "not read")
	url := sqltest.PostgresURL(t)
	f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.OpenWith(t, url, sql.Options{SQLDir: dir}),
		db: sqltest.DB(t, url)}
	f.do("drop table payins")
	f.do(ordersPostgres)
	f.must(f.s.CheckQueries(f.ctx, nightly("a").Project))
	before := f.dump("orders")
	n := nightly("a")
	n.Selection.RecheckFrom = midnight
	_, l := f.open(n)
	for i, p := range f.judge(l, verdict) {
		equal(f, "payin", []any{p.Seq, p.Amount, p.Lifetime}, []any{i + 1, 1525, 600})
	}
	f.end(l, reconcile.CorrectionApplied)
	equal(f, "rows", f.count("select count(*) from orders where state = 'success' and paid = 15.25"), 5)
	written := f.dump("orders")
	undo := reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: l.RunID}
	equal(f, "undo", results(f.execute(undo)), "applied applied applied applied applied")
	equal(f, "rows after the undo", f.dump("orders"), before)
	_, l = f.open(n)
	f.judge(l, verdict)
	f.end(l, reconcile.CorrectionApplied)
	equal(f, "rows after another run", f.dump("orders"), written)
	f.do("update orders set note = 'seen', changed_at = changed_at + interval '1 second'")
	undo.RunID = l.RunID
	equal(f, "undo of what was touched", results(f.execute(undo)),
		"superseded superseded superseded superseded superseded")
	_, l = f.open(n)
	equal(f, "rechecked", len(f.judge(l, unchanged)), 5)
}

// goodOpen is a valid query. The invalid queries below are changed copies of goodOpen.
const goodOpen = "select project_id, payment_id, amount, currency, status, sub_status, settled_amount, lifetime, " +
	"created_at, updated_at\n" +
	"from payins where project_id = :project_id and created_at >= :from and created_at < :to"

// swap returns goodOpen with one text replaced.
func swap(old, new string) string { return strings.Replace(goodOpen, old, new, 1) }

// badCorrect is a correct_payins.sql that returns no column.
const badCorrect = `update payins as p set status = s.status_after from hhrecon_selection as s
where s.run_id = :run_id and s.seq between :first and :last and p.payment_id = s.payment_id`

// faultyQueries contains the merchant's queries, with the error that the check reports in each database.
var faultyQueries = []struct {
	file, text       string
	postgres, sqlite string // "-" means the same error as in the other database; "" means no error
}{
	{"open_payin.sql", goodOpen,
		"open_payin.sql: unknown file; the folder HHRECON_SQL_DIR may contain open_payins.sql, final_payins.sql, " +
			"correct_payins.sql and payin_statuses.sql", "-"},
	{"open_payins.sql", goodOpen + ";\n-- the end\n", "", ""},
	{"open_payins.sql", " -- nothing\n", "open_payins.sql: the file contains no statement", "-"},
	{"open_payins.sql", goodOpen + ";\nselect 1",
		"open_payins.sql line 3: a second statement follows the semicolon; a file contains one statement", "-"},
	{"open_payins.sql", goodOpen + " and status <> 'it",
		"open_payins.sql line 2: the text that begins with \"'\" is not closed", "-"},
	{"open_payins.sql", goodOpen + " /* and", "open_payins.sql line 2: a comment is not closed", "-"},
	{"open_payins.sql", goodOpen + " and status = :status",
		"open_payins.sql: unknown parameter :status; the parameters are :project_id, :from, :to, :open_statuses", "-"},
	{"open_payins.sql", swap("created_at >= :from and created_at < :to", "true"),
		"open_payins.sql: the query must use :from: created_at >= :from (updated_at >= :from in " +
			"final_payins.sql)\nopen_payins.sql: the query must use :to: created_at < :to", "-"},
	{"open_payins.sql", goodOpen + " and amount > $1",
		"open_payins.sql line 2: the parameter $1 has a number; write parameters as :name",
		`open_payins.sql line 2: a parameter begins with '$'; write it as :name`},
	{"open_payins.sql", swap("payins", "orders"),
		`open_payins.sql line 2: PostgreSQL: relation "orders" does not exist [42P01]`,
		`open_payins.sql: SQLite: no such table: orders (1)`},
	{"open_payins.sql", swap("lifetime", "\nlife"),
		`open_payins.sql line 2: PostgreSQL: column "life" does not exist [42703]`,
		"open_payins.sql: SQLite: no such column: life (1)"},
	{"open_payins.sql", swap("lifetime, ", ""),
		"open_payins.sql: column lifetime is missing; it must return project_id, payment_id, amount, currency, status, " +
			"sub_status, settled_amount, lifetime, created_at, updated_at", "-"},
	{"open_payins.sql", swap("amount", "cast(amount as numeric) as amount"),
		"open_payins.sql: column amount is numeric, must be bigint in minor units: cast(amount as bigint) for minor " +
			"units, cast(round(amount * 100) as bigint) for major units, cast(null as bigint) if there is none", ""},
	{"open_payins.sql", strings.NewReplacer("sub_status", "null as sub_status", "settled_amount",
		"null as settled_amount", "created_at,", "cast(created_at as timestamp) as created_at,").Replace(goodOpen),
		"open_payins.sql: column settled_amount is text, must be bigint in minor units: cast(settled_amount as bigint) " +
			"for minor units, cast(round(settled_amount * 100) as bigint) for major units, cast(null as bigint) if there " +
			"is none\n" +
			"open_payins.sql: column created_at is timestamp without time zone, must be timestamptz: created_at at time " +
			"zone 'UTC', or the column's time zone", ""},
	{"open_payins.sql", swap("lifetime", "cast(lifetime as text) as lifetime"),
		"open_payins.sql: column lifetime is text, must be an integer: cast(lifetime as integer)", ""},
	{"correct_payins.sql", badCorrect,
		"correct_payins.sql: the query must return payment_id and updated_at, or payment_id only, of the rows that it " +
			"wrote; " +
			"it returns []", "-"},
	{"correct_payins.sql", "update payins set status = '' where :run_id = 0 and :first < :last " +
		"returning payment_id, 'x' as updated_at",
		"correct_payins.sql: column updated_at is text, must be timestamptz: updated_at at time zone 'UTC', or the " +
			"column's time zone",
		"correct_payins.sql: the query writes a row although the amount or currency has changed since the row was read; " +
			"if p is the merchant's table and s is hhrecon_selection, add these two lines:\n" +
			"  and p.amount is not distinct from s.amount\n  and p.currency is not distinct from s.currency"},
	{"correct_payins.sql", badCorrect + " returning 1 as id",
		"correct_payins.sql: the query must return payment_id and updated_at, or payment_id only, of the rows that it " +
			"wrote; " +
			`it returns ["id"]`, "-"},
	{"correct_payins.sql", "update payins set lifetime = 1 where :run_id < :first and :last < 5 returning payment_id",
		"correct_payins.sql: the query writes rows that are not selected; join hhrecon_selection as s, with s.run_id = " +
			":run_id and s.seq between :first and :last", "-"},
	{"correct_payins.sql", "update payins set status = '' where 1 = 0 returning payment_id",
		"correct_payins.sql: the query must use :run_id: join hhrecon_selection as s, with s.run_id = " +
			":run_id and s.seq between :first and :last\n" +
			"correct_payins.sql: the query must use :first: s.seq between :first and :last\n" +
			"correct_payins.sql: the query must use :last: s.seq between :first and :last", "-"},
	{"final_payins.sql", goodOpen, "final_payins.sql: unknown parameter :to; the parameters are :project_id, :from, " +
		":final_statuses", "-"},
}

// TestFaultsOfQueries checks the errors about invalid queries, one at a time and all at once.
func TestFaultsOfQueries(t *testing.T) {
	t.Parallel()
	sqltest.URLs(t, func(t *testing.T, url string) {
		sqltest.DB(t, url).MustExec("insert into payins values ('p', 'x', 1, 'KGS', 'new', null, null, null, " +
			"'2026-11-01T00:00:00.000000Z', '2026-11-01T00:00:00.000000Z')")
		for _, test := range faultyQueries {
			want := test.postgres
			if strings.HasPrefix(url, "sqlite:") && test.sqlite != "-" {
				want = test.sqlite
			}
			dir := t.TempDir()
			write(t, dir, test.file, test.text)
			err := sqltest.OpenWith(t, url, sql.Options{SQLDir: dir}).CheckQueries(t.Context())
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("%s of %s:\n got %s\nwant %s", test.file, test.text, got, want)
			}
		}
		dir := t.TempDir()
		write(t, dir, "open_payins.sql", "select 1")
		write(t, dir, "final_payins.sql", "")
		write(t, dir, "correct_payins.sql", "delete from payins returning 2;;select")
		s := sqltest.OpenWith(t, url, sql.Options{SQLDir: dir})
		err := s.CheckQueries(t.Context())
		if err == nil || strings.Count(err.Error(), "\n") != 4 {
			t.Errorf("all faults at once: %v", err)
		}
		if _, err := s.OpenRun(t.Context(), nightly("a")); err == nil ||
			!strings.Contains(err.Error(), "final_payins.sql: the file contains no statement") {
			t.Errorf("a run is opened: %v", err)
		}
		s = sqltest.OpenWith(t, url, sql.Options{SQLDir: filepath.Join(dir, "nowhere")})
		if err := s.CheckQueries(t.Context()); err == nil ||
			!strings.HasPrefix(err.Error(), "the folder HHRECON_SQL_DIR cannot be read: ") {
			t.Errorf("no folder: %v", err)
		}
	})
}

// A query that follows the remedies in the errors is accepted.
func TestRemediesOfQueries(t *testing.T) {
	t.Parallel()
	url := sqltest.PostgresURL(t)
	f := &fixture{T: t, ctx: t.Context(), url: url, db: sqltest.DB(t, url)}
	f.do("create type state as enum ('pending', 'success')")
	f.do("drop index payins_open") // the index compares the status as text
	f.do("alter table payins alter column status type state using cast(status as state), alter column amount type " +
		"numeric, alter column lifetime type interval using lifetime * interval '1 second'")
	f.do("insert into payins select $1, 'x', 1525, 'KGS', 'pending', null, null, interval '10 minutes', $2, $2", project,
		midnight)
	final := strings.NewReplacer("created_at >=", "updated_at >=", "created_at < :to",
		"status in (:final_statuses)").Replace(goodOpen)
	open := goodOpen + " and status in (:open_statuses)"
	const invalid = `PostgreSQL: invalid input value for enum state: "none" [22P02]; ` +
		"a status that is an enum is compared as text: cast(status as text) in (:"
	check := func(want string) {
		f.Helper()
		dir := t.TempDir()
		write(t, dir, "open_payins.sql", open)
		write(t, dir, "final_payins.sql", final)
		write(t, dir, "correct_payins.sql", strings.Replace(strings.ReplaceAll(guarded, "s.status",
			"cast(s.status as state)"), "cast(s.status as state)_after", "cast(s.status_after as state)", 1))
		f.s = sqltest.OpenWith(t, url, sql.Options{SQLDir: dir})
		got := ""
		if err := f.s.CheckQueries(f.ctx, nightly("a").Project); err != nil {
			got = err.Error()
		}
		equal(f, "faults", got, want)
	}
	check("open_payins.sql: " + invalid + "open_statuses)\nfinal_payins.sql: " + invalid + "final_statuses)")
	open = strings.Replace(open, "status in", "cast(status as text) in", 1)
	final = strings.Replace(final, "status in", "cast(status as text) in", 1)
	faults := []string{"amount is numeric, must be bigint in minor units: cast(amount as bigint) for minor units, " +
		"cast(round(amount * 100) as bigint) for major units, cast(null as bigint) if there is none",
		"status is of a special type, such as an enum, must be text: cast(status as text)",
		"lifetime is interval, must be an integer: cast(extract(epoch from lifetime) as bigint)"}
	all := "open_payins.sql: column " + strings.Join(faults, "\nopen_payins.sql: column ")
	check(all + "\n" + strings.ReplaceAll(all, "open_payins", "final_payins"))
	cures := strings.NewReplacer("payment_id, amount, currency, status,",
		"payment_id, cast(amount as bigint) as amount, currency, cast(status as text) as status,",
		"lifetime,", "cast(extract(epoch from lifetime) as bigint) as lifetime,")
	open, final = cures.Replace(open), cures.Replace(final)
	check("")
	_, l := f.open(nightly("a"))
	for _, p := range f.judge(l, verdict) {
		equal(f, "payin", []any{p.Amount, p.Lifetime, p.Status}, []any{1525, 600, "pending"})
	}
	f.end(l, reconcile.CorrectionApplied)
	equal(f, "rows", f.count("select count(*) from payins where status = 'success'"), 1)
}

// A run checks the rows of a query when the run opens, because a check of the columns cannot detect these errors.
func TestFaultsOfRows(t *testing.T) {
	t.Parallel()
	swap := func(old, new string) string { return strings.Replace(goodOpen, old, new, 1) }
	tests := []struct {
		text, fault string
		only        string // the only dialect that has the error
	}{
		{swap("project_id", "'other' as project_id"), `open_payins.sql: payin "payin-0000": project_id is another project's`,
			""},
		{swap("created_at < :to", ":to > ''"), `open_payins.sql: payin "payin-0000": created_at is outside of :from and :to`,
			"sqlite"},
		{swap("created_at < :to", "created_at < cast(:to as timestamptz) + interval '9 days'"),
			`open_payins.sql: payin "payin-0001": created_at is outside of :from and :to`, "postgres"},
		{swap("amount", "cast(amount / (amount - 1000) as bigint) as amount"),
			`open_payins.sql or final_payins.sql: PostgreSQL: division by zero [22012]`, "postgres"},
	}
	sqltest.URLs(t, func(t *testing.T, url string) {
		for _, test := range tests {
			if test.only != "" && !strings.HasPrefix(url, test.only) {
				continue
			}
			dir := t.TempDir()
			write(t, dir, "open_payins.sql", test.text)
			f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.OpenWith(t, url, sql.Options{SQLDir: dir}),
				db: sqltest.DB(t, url)}
			f.do("delete from payins")
			outside := payin(1)
			outside.CreatedAt = window.To
			f.save(payin(0), outside)
			if strings.Contains(test.text, ":to > ''") {
				f.do("update payins set created_at = '2027-01-01T00:00:00.000000Z' where payment_id = 'payin-0000'")
			}
			_, err := f.s.OpenRun(f.ctx, nightly("a"))
			if err == nil || !strings.Contains(err.Error(), test.fault) {
				t.Errorf("%s\n got %v\nwant %s", test.text, err, test.fault)
			}
			equal(f, "runs", f.count("select count(*) from hhrecon_run"), 0)
		}
	})
}
