package sql_test

import (
	stdsql "database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/audit"
	"hhrecon/sql/sqltest"
)

// limited creates a PostgreSQL database with seven payins and the two users of the SQL that hhrecon prints.
// The returned fixture connects as hhrecon's user. limited also returns connections as the tables' owner
// and as a superuser.
func limited(t *testing.T) (f *fixture, owner, root *sqlx.DB) {
	t.Helper()
	address := sqltest.PostgresURL(t)
	root = sqltest.DB(t, address)
	(&fixture{T: t, ctx: t.Context(), s: sqltest.Open(t, address)}).save(payins(7)...)
	user, ownerURL := sqltest.TwoUsers(t, address)
	f = &fixture{T: t, ctx: t.Context(), url: user, s: sqltest.Open(t, user), db: sqltest.DB(t, user)}
	return f, sqltest.DB(t, ownerURL), root
}

// The printed SQL changes the owner of hhrecon's tables without warnings, and changes nothing else. The shop's tables
// keep their owner and rights, and the schema keeps its grants.
func TestGrantsLeaveTheShop(t *testing.T) {
	t.Parallel()
	address := sqltest.PostgresURL(t)
	root := sqltest.DB(t, address)
	var name string
	if err := root.Get(&name, "select 'u' || substr(current_database(), 13)"); err != nil {
		t.Fatal(err)
	}
	root.MustExec(strings.ReplaceAll(`create role NAME login; grant create on schema public to public;
		create sequence hhrecon_number_seq; alter sequence hhrecon_number_seq owner to NAME;
		create type river_state as enum ('a'); alter type river_state owner to NAME;
		alter table hhrecon_run owner to NAME; grant insert, delete on payins to NAME;
		create table orders (id serial primary key); alter table orders owner to NAME`, "NAME", name))
	user, owner := sqltest.TwoUsers(t, address)

	var owners []string
	err := root.Select(&owners, `select relname || ' ' || pg_get_userbyid(relowner) from pg_class
		where relname in ('orders', 'orders_id_seq', 'hhrecon_run', 'hhrecon_number_seq')
		union all select typname || ' ' || pg_get_userbyid(typowner) from pg_type where typname = 'river_state' order by 1`)
	u, o := " "+name, " "+name+"_owner"
	want := []string{"hhrecon_number_seq" + o, "hhrecon_run" + o, "orders" + u, "orders_id_seq" + u, "river_state" + o}
	if err != nil || !slices.Equal(owners, want) {
		t.Errorf("owners %q, %v", owners, err)
	}
	sqltest.DB(t, user).MustExec("insert into orders default values; create table returns (); delete from payins")
	sqltest.DB(t, owner).MustExec("create table hhrecon_next ()")

	connector, err := pq.NewConnector(address)
	if err != nil {
		t.Fatal(err)
	}
	grants, err := audit.Grants(name)
	if err != nil {
		t.Fatal(err)
	}
	again := stdsql.OpenDB(pq.ConnectorWithNoticeHandler(connector, func(e *pq.Error) { t.Errorf("again: %v", e) }))
	defer func() { _ = again.Close() }()
	if _, err := again.ExecContext(t.Context(), grants); err != nil {
		t.Error(err)
	}
}

const disarm = "alter table hhrecon_finding disable trigger user; alter table hhrecon_action disable trigger user; "

// attempts contains ways to falsify the audit log. The log has 7 findings of a run, 14 actions about these findings,
// and 7 findings of another run. The tables' owner runs the statements in the order before, try, after.
var attempts = []struct {
	name, before, try, after string
	found                    string // Verify's error; "" if Verify detects the change only with a saved head
}{
	{"delete a finding", disarm, "delete from hhrecon_finding where chain_seq = 3", "", "entry 3 is missing"},
	{"delete an action", disarm, "delete from hhrecon_action where chain_seq = 9", "", "entry 9 is missing"},
	{"truncate", disarm, "truncate hhrecon_action", "", "entry 8 is missing"},
	{
		"change a sum", disarm, "update hhrecon_finding set merchant_amount = 1 where chain_seq = 2", "",
		"entry 2 was changed",
	},
	{
		"change a hash", disarm, "update hhrecon_finding set hash = repeat('0', 64) where chain_seq = 2", "",
		"entry 2 was changed",
	},
	{
		"move the checkpoint", "insert into hhrecon_anchor (project_id) select project_id from hhrecon_chain; ",
		`update hhrecon_anchor set goal = 3, chain_seq = 3, hash = (select hash from hhrecon_finding where chain_seq = 3)`,
		"delete from hhrecon_finding where chain_seq < 4", "the checkpoint was moved",
	},
	{
		"insert a checkpoint", disarm + "alter table hhrecon_anchor disable trigger user; ",
		`insert into hhrecon_anchor (project_id, goal, chain_seq, hash)
			select project_id, 3, 3, hash from hhrecon_finding where chain_seq = 3`,
		"delete from hhrecon_finding where chain_seq < 4", "the checkpoint was moved",
	},
	{"drop a table", "", "drop table hhrecon_action", "", "hhrecon_action"},
	{
		"disable a trigger", "", "alter table hhrecon_finding disable trigger user",
		"delete from hhrecon_finding where chain_seq = 3", "entry 3 is missing",
	},
	{
		"replace the triggers' function", "",
		`create or replace function hhrecon_keep_row() returns trigger language plpgsql as
			'begin return coalesce(new, old); end'`,
		"update hhrecon_finding set outcome = 'confirmed' where chain_seq = 1", "entry 1 was changed",
	},
	{
		"create a trigger",
		`create function forge() returns trigger language plpgsql as 'begin new.who := ''Aida''; return new; end'; `,
		"create trigger forge before insert on hhrecon_action for each row execute function hhrecon_keep()",
		`drop trigger forge on hhrecon_action; grant execute on function forge to public;
			create trigger forge before insert on hhrecon_action for each row execute function forge()`, "entry 29 was changed",
	},
	{
		"alter a table", "", "alter table hhrecon_finding alter column merchant_amount type bigint using merchant_amount + 1",
		"", "entry 1 was changed",
	},
	{
		"create a rule", "", "create rule hide as on insert to hhrecon_action do instead nothing",
		"update hhrecon_chain set chain_seq = 29", "entry 29 is missing",
	},
	{
		"turn triggers off", "", "set session_replication_role = replica",
		"delete from hhrecon_finding where chain_seq = 3", "entry 3 is missing",
	},
	{
		"replace the view", "", `create or replace view hhrecon_finding_answer as
			select run_id, seq, project_id, payment_id, text '{}' as answer from hhrecon_finding`,
		"", "the stored answer of entry 1 was changed",
	},
	{
		"drop an index", "", "drop index hhrecon_finding_chain",
		`create temporary table forged as select * from hhrecon_finding where chain_seq = 3;
			update forged set seq = 99, payment_id = 'forged'; insert into hhrecon_finding select * from forged`,
		"two entries have number 3",
	},
	{
		"become the owner", "", "set role OWNER", disarm + "delete from hhrecon_finding where chain_seq = 3",
		"entry 3 is missing",
	},
	{
		"cut the end off", disarm, "delete from hhrecon_finding where chain_seq = 28",
		"update hhrecon_chain set chain_seq = 27, hash = (select hash from hhrecon_finding where chain_seq = 27)", "",
	},
}

// The documented user of the program cannot run any of the attempts. The owner of the tables or a superuser can run
// each attempt. Verify then detects the change, in some cases only if the caller passes a saved head.
func TestRuntimeUserCannotTamper(t *testing.T) {
	t.Parallel()
	for _, a := range attempts {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			f, by, root := limited(t)
			var owner string
			f.must(by.Get(&owner, "select current_user"))
			a.try = strings.ReplaceAll(a.try, "OWNER", owner)
			f.wholeRun(reconcile.CorrectionHeld, declined)
			run, err := f.s.Runs(f.ctx, project, 1)
			f.must(err)
			f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run[0].ID})
			f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run[0].ID})
			f.wholeRun(reconcile.CorrectionApplied, unchanged)
			kept := f.head()
			equal(f, "entries", kept.Entries, int64(28))

			_, err = f.db.Exec(a.try)
			var refusal *pq.Error
			if !errors.As(err, &refusal) || refusal.Code != "42501" {
				t.Errorf("the program's user: %v", err)
			}
			f.wantIntact(kept)

			if strings.HasPrefix(a.try, "set ") {
				by = root
			}
			by.SetMaxOpenConns(1)
			by.MustExec(a.before + a.try)
			by.MustExec(a.after)
			_ = f.s.RecordEvent(f.ctx, reconcile.Event{ProjectID: project, Kind: reconcile.ActionStop})
			for _, heads := range [][]reconcile.Head{nil, {kept}} {
				v, err := f.s.Verify(f.ctx, project, heads...)
				found := v.Break + fmt.Sprint(err)
				switch {
				case heads != nil && a.found == "":
					if !strings.Contains(found, "the hash of entry 28 differs from the saved head") {
						t.Errorf("with a saved head: %s", found)
					}
				case a.found == "" && v.Break == "" && err == nil:
				case a.found == "" || !strings.Contains(found, a.found):
					t.Errorf("with heads %v: %s", heads, found)
				}
			}
		})
	}
}

// If a right on one of hhrecon's tables is missing, the error contains the remedy.
func TestMissingRightNamesTheCure(t *testing.T) {
	t.Parallel()
	f, owner, _ := limited(t)
	var name string
	f.must(owner.Get(&name, "select current_user"))
	owner.MustExec("revoke all on hhrecon_user from public, " + strings.TrimSuffix(name, "_owner"))
	_, err := f.s.Users(f.ctx)
	if err == nil || !strings.Contains(err.Error(), `run part 2 of the output of "hhrecon migrate --grants"`) {
		t.Error(err)
	}
}

// The SQL that hhrecon prints names the schema that contains hhrecon's tables.
func TestGrantsInAnotherSchema(t *testing.T) {
	t.Parallel()
	address := sqltest.EmptyPostgresURL(t)
	sqltest.DB(t, address).MustExec("create schema recon")
	join := "?"
	if strings.Contains(address, "?") {
		join = "&"
	}
	address += join + "search_path=recon"
	f := &fixture{T: t, ctx: t.Context(), s: sqltest.Open(t, address)}
	f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
	user, owner := sqltest.TwoUsers(t, address)
	f.must(sqltest.Open(t, owner).Migrate(f.ctx, sql.MigrateOptions{}))
	f.s = sqltest.Open(t, user)
	f.must(f.s.RecordEvent(f.ctx, reconcile.Event{ProjectID: project, Kind: reconcile.ActionStop}))
	if _, err := sqltest.DB(t, owner).Exec("create table recon.mine ()"); err != nil {
		t.Errorf("the owner cannot create tables: %v", err)
	}
}
