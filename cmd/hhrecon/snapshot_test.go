package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"hhrecon/sql/sqltest"
)

// payinsLog creates a table that records every update of payins in order. The table stores the application that made
// the update, and the status before and after the update. If slow is set, triggers also delay each step of a run. The
// longest delay is between a correction and its finding.
func payinsLog(t *testing.T, db *sqltest.Database, slow bool) {
	t.Helper()
	db.MustExec(`
		create table payins_log (
			id bigint generated always as identity primary key, project_id text, payment_id text, actor text,
			status_before text, updated_before timestamptz, status_after text, updated_after timestamptz);
		create index on payins_log (project_id, payment_id);
		create function payins_log() returns trigger language plpgsql as $$
		begin
			insert into payins_log (
				project_id, payment_id, actor, status_before, updated_before, status_after, updated_after
			)
			values (
				new.project_id, new.payment_id, current_setting('application_name'),
				old.status, old.updated_at, new.status, new.updated_at
			);
			return null;
		end $$;
		create trigger payins_log after update on payins for each row execute function payins_log();`)
	if slow {
		db.MustExec(`
			create function delay() returns trigger language plpgsql as $$ begin perform pg_sleep(0.1); return new; end $$;
			create function delay_some() returns trigger language plpgsql as $$
			begin
				if hashtext(new.payment_id) % 16 = 0 then perform pg_sleep(0.002); end if;
				return new;
			end $$;
			create trigger open before insert on hhrecon_run for each row execute function delay();
			create trigger close before update on hhrecon_run for each row
				when (new.state = 'complete' and old.state = 'running') execute function delay();
			create trigger find before insert on hhrecon_finding for each statement execute function delay();
			create trigger settle before update on payins for each row
				when (current_setting('application_name') = 'hhrecon') execute function delay_some();`)
	}
}

// snapshot is the result of a run. An interrupted and resumed run must have the same result.
type snapshot struct {
	Rows     []string
	Findings []string // findings of run 1
}

// readSnapshot reads the merchant's rows and the first run's findings, without the times at which they were written.
func readSnapshot(t *testing.T, db *sqltest.Database) snapshot {
	t.Helper()
	var l snapshot
	must(t, db.Select(&l.Rows, `
		select concat_ws('|', project_id, payment_id, amount, currency, status, coalesce(sub_status, '-'),
			coalesce(settled_amount, -1), coalesce(lifetime, -1), created_at)
		from payins
		order by project_id, payment_id`))
	must(t, db.Select(&l.Findings, `
		select concat_ws('|', payment_id, outcome, causes, merchant_amount, coalesce(initial_amount, -1),
			coalesce(old_amount, -1), coalesce(amount, -1), currency, status_before, coalesce(sub_status_before, '-'),
			coalesce(settled_amount_before, -1), updated_at, coalesce(provider_status, '-'),
			coalesce(provider_sub_status, '-'), status_after, coalesce(sub_status_after, '-'),
			coalesce(settled_amount_after, -1), correction, harmful, result)
		from hhrecon_finding
		where run_id = (select min(id) from hhrecon_run)
		order by payment_id`))
	return l
}

// checkConsistency fails the test if the database is inconsistent. The findings of a run must match its selected
// payins, the table hhrecon_selection must be empty, and corrections must match updates of rows.
func checkConsistency(t *testing.T, db *sqltest.Database) {
	t.Helper()
	db.MustExec(`analyze`) // the queries below join large tables for which PostgreSQL has no statistics
	for what, query := range map[string]string{
		"runs that are not closed": `
			select count(*)
			from hhrecon_run
			where state not in ('complete', 'held')`,
		"payins left in hhrecon_selection": `
			select count(*)
			from hhrecon_selection`,
		"runs with missing or duplicate findings": `
			select count(*)
			from hhrecon_run r
			where selected <> (select count(distinct payment_id) from hhrecon_finding f where f.run_id = r.id)
				or selected <> (select count(*) from hhrecon_finding f where f.run_id = r.id)`,
		"runs with a wrong number of answers": `
			select count(*)
			from hhrecon_run r
			where answered <> (
				select count(*)
				from hhrecon_finding f
				where f.run_id = r.id and f.result not in ('unreachable', 'not_asked')
			)`,
		"payins corrected twice": `
			select count(*)
			from (
				select 1
				from payins_log
				where actor = 'hhrecon'
				group by project_id, payment_id
				having count(*) > 1
			) as corrected`,
		"corrections without their update": `
			select count(*)
			from hhrecon_finding f
			where correction = 'applied' and 1 <> (
				select count(*)
				from payins_log l
				where actor = 'hhrecon' and l.project_id = f.project_id and l.payment_id = f.payment_id
					and l.updated_before = f.updated_at and l.status_before = f.status_before
					and l.status_after = f.status_after and l.updated_after = f.corrected_at
			)`,
		"updates without their correction": `
			select (select count(*) from payins_log where actor = 'hhrecon')
				- (select count(*) from hhrecon_finding where correction = 'applied')`,
	} {
		if n := queryCount(t, db, query); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

// compareSnapshots fails the test if two snapshots differ.
func compareSnapshots(t *testing.T, got, want snapshot) {
	t.Helper()
	if diff := cmp.Diff(want.Rows, got.Rows); diff != "" {
		t.Errorf("the merchant's rows differ from those of the uninterrupted run (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Findings, got.Findings); diff != "" {
		t.Errorf("the findings differ from those of the uninterrupted run (-want +got):\n%s", diff)
	}
}
