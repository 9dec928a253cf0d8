package sql_test

import (
	"strings"
	"testing"

	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// tableParts is a query that returns a table's columns, indexes, constraints, triggers and rights.
const tableParts = `
with t as (select cast('hhrecon_finding' as regclass) as oid)
select string_agg(part, E'\n' order by part)
from (
  select pg_get_indexdef(indexrelid) from pg_index join t on indrelid = t.oid
  union all
  select conname || ' ' || pg_get_constraintdef(c.oid) from pg_constraint as c join t on conrelid = t.oid
  union all
  select pg_get_triggerdef(g.oid) from pg_trigger as g join t on tgrelid = t.oid where not tgisinternal
  union all
  select pg_get_viewdef(oid) from pg_class where relkind = 'v' and relname like 'hhrecon\_%'
  union all
  select concat_ws(' ', attname, attnotnull, atttypid, col_description(attrelid, attnum), attacl)
  from pg_attribute join t on attrelid = t.oid where attnum > 0
  union all
  select concat_ws(' ', relname, obj_description(oid, 'pg_class'), pg_get_userbyid(relowner),
                   (select string_agg(cast(a as text), ',' order by cast(a as text)) from unnest(relacl) as a))
  from pg_class where relname in ('hhrecon_finding', 'hhrecon_example')
) as parts (part)`

// partition splits an empty hhrecon_finding at run 3, as earlier versions did.
const partition = `
create table hhrecon_finding_new (like hhrecon_finding including all excluding indexes) partition by range (run_id);
drop table hhrecon_finding cascade;
alter table hhrecon_finding_new rename to hhrecon_finding;
alter table hhrecon_finding add constraint hhrecon_finding_pkey primary key (run_id, seq);
alter table hhrecon_finding add constraint hhrecon_finding_run_id_fkey foreign key (run_id) references hhrecon_run;
create unique index hhrecon_finding_payin on hhrecon_finding (project_id, payment_id, run_id);
create index hhrecon_finding_outcome on hhrecon_finding (outcome, run_id, seq);
create index hhrecon_finding_digest on hhrecon_finding (project_id, answer_digest) where answer_digest is not null;
create index hhrecon_finding_undecided on hhrecon_finding (project_id, payment_id, run_id)
  where outcome in ('different_amount', 'reversed');
create trigger hhrecon_finding_kept before update or delete on hhrecon_finding
  for each row execute function hhrecon_keep_row('hhrecon_finding');
create trigger hhrecon_finding_whole before truncate on hhrecon_finding
  for each statement execute function hhrecon_keep();
comment on table hhrecon_finding is 'One payin''s outcome in one run, with its evidence. Never changed once written.';
create table hhrecon_finding_2026_09 partition of hhrecon_finding for values from (minvalue) to (3);
create table hhrecon_finding_2026_10 partition of hhrecon_finding for values from (3) to (maxvalue);
create unique index hhrecon_finding_2026_09_chain on hhrecon_finding_2026_09 (project_id, chain_seq);
create unique index hhrecon_finding_2026_10_chain on hhrecon_finding_2026_10 (project_id, chain_seq);`

// Runs, verify and prune still work in a database that an earlier version has partitioned. The table can be turned back
// into one table without changing a byte of its rows.
func TestPartitionedByEarlierVersion(t *testing.T) {
	t.Parallel()
	url := sqltest.PostgresURL(t)
	f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, url), db: sqltest.DB(t, url)}
	const grants = `grant select on hhrecon_finding, hhrecon_example to public;
		grant update (reason) on hhrecon_finding to public`
	f.do("create view hhrecon_example as select run_id, payment_id from hhrecon_finding")
	f.do(grants)
	table := f.word(tableParts)
	script, err := f.s.UnpartitionScript(f.ctx)
	f.must(err)
	equal(f, "script for one table", script, "")

	views := f.word(`select string_agg('create view ' || relname || ' as ' || pg_get_viewdef(oid), ' ')
		from pg_class where relkind = 'v' and relname like 'hhrecon\_%'`)
	f.do(partition)
	f.do(views)
	f.do(grants)
	f.save(payins(7)...)
	f.wholeRun(reconcile.CorrectionApplied, unchanged)
	second := f.wholeRun(reconcile.CorrectionApplied, mixed)
	f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: second.ID})
	f.wholeRun(reconcile.CorrectionApplied, unchanged)
	last := f.wholeRun(reconcile.CorrectionApplied, unchanged)
	equal(f, "findings of the last partition", f.count("select count(distinct run_id) from hhrecon_finding_2026_10"), 2)
	f.wantIntact()
	f.makeRecent(last)
	equal(f, "runs taken out", f.prune(retention()).Runs, 3)
	f.wantIntact()

	findings, trail := f.dump("hhrecon_finding"), f.wantIntact()
	script, err = f.s.UnpartitionScript(f.ctx)
	f.must(err)
	f.do(script)
	equal(f, "the table", f.word(tableParts), table)
	equal(f, "findings", f.dump("hhrecon_finding"), findings)
	equal(f, "the trail", f.wantIntact(), trail)
	f.wholeRun(reconcile.CorrectionApplied, unchanged)
	f.wantIntact()
	if _, err := f.db.Exec("truncate hhrecon_finding"); err == nil || !strings.Contains(err.Error(), "is an audit trail") {
		t.Errorf("truncate: %v", err)
	}
}
