package mapping_test

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/db"
	"hhrecon/sql/mapping"
	"hhrecon/sql/sqltest"
)

const (
	one = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	two = "0cb4b0f0-7a4c-4b5e-9a51-1d0c3c1f7c11"
)

// col returns a column. Its base type is the first word of the type, with PostgreSQL's internal name.
func col(name, of string) mapping.Field {
	base, _, _ := strings.Cut(of, "(")
	internal := map[string]string{"bigint": "int8", "integer": "int4", "smallint": "int2", "timestamp": "timestamp",
		"character": "bpchar"}
	c := &mapping.Column{Name: name, Type: of, Base: base}
	if b, ok := internal[base]; ok {
		c.Base = b
	}
	return mapping.Field{Column: c}
}

func must(f mapping.Field) mapping.Field {
	f.Column.NotNull = true
	return f
}

func enum(name, of string, labels ...string) mapping.Field {
	return mapping.Field{Column: &mapping.Column{Name: name, Type: of, Base: of, Enum: labels}}
}

func keyed(name, of string, l mapping.Lookup) mapping.Field {
	f := col(name, of)
	f.Lookup = &l
	return f
}

func expr(sql string) mapping.Field { return mapping.Field{Expression: sql} }

type fields = map[mapping.Role]mapping.Field

// plain is a table like the default one, without a project.
func plain() mapping.Mapping {
	return mapping.Mapping{
		Table: mapping.Table{Schema: "public", Name: "orders", Kind: "table", Rows: 20_000},
		Fields: fields{
			"payment_id": must(col("ref", "text")), "amount": must(col("amount", "bigint")), "currency": col("currency", "text"),
			"status": must(col("status", "text")), "sub_status": col("note", "text"), "settled_amount": col("paid", "bigint"),
			"lifetime": col("ttl", "integer"), "created_at": must(col("created_at", "timestamptz")),
			"updated_at": col("updated_at", "timestamptz"),
		},
		Unit: mapping.Minor, Projects: []string{one},
		Statuses: []mapping.StatusWord{{"new", 9, "new"}, {"pending", 9, "processing"}, {"dispute", 9, "dispute"},
			{"error", 9, "error"}, {"paid", 9, "success"}, {"done", 9, "success"}, {"declined", 9, "decline"}, {"refunded", 9, "ignore"}},
		Words: map[string]string{"processing": "pending", "dispute": "dispute", "error": "error", "success": "paid",
			"decline": "declined"},
	}
}

// The columns of the plain table, and the values of its n-th row. W is a word.
var plainColumns = []string{"ref text primary key", "amount bigint not null", "currency text", "status text not null",
	"note text", "paid bigint", "ttl integer", "created_at timestamptz not null", "updated_at timestamptz"}

var plainValues = map[string]string{"ref": "'ref-' || n", "amount": "50000 + n * 100", "currency": "'KGS'", "status": "W",
	"note": "null", "paid": "null", "ttl": "900", "created_at": "now() - n * interval '3 minutes'",
	"updated_at": "now() - n * interval '3 minutes'"}

type example struct {
	name    string
	prepare string            // statements before the table
	columns map[string]string // name: type, "" to remove; replaces or adds columns
	values  map[string]string
	partition,
	table, after string
	change func(m *mapping.Mapping)
	wants  []string // in the queries
}

var examples = []example{
	{name: "plain", wants: []string{"p.status in (:open_statuses)", "(p.status in ('refunded')) is not true"}},
	{
		name:    "major units",
		columns: map[string]string{"amount": "numeric(12,2) not null", "paid": "numeric(12,2) not null default 0"},
		values:  map[string]string{"amount": "500 + n + 0.25", "paid": "0"},
		change: func(m *mapping.Mapping) {
			m.Unit = mapping.Major
			m.Fields["amount"], m.Fields["settled_amount"] = col("amount", "numeric(12,2)"), must(col("paid", "numeric(12,2)"))
		},
		wants: []string{"cast(round(p.amount * 100) as bigint)", "coalesce(s.settled_amount_after, 0) / 100.0"},
	},
	{
		name:    "enum and uuid",
		prepare: "create type order_state as enum ('new', 'pending', 'dispute', 'error', 'paid', 'done', 'declined', 'refunded')",
		columns: map[string]string{"status": "order_state not null", "ref": "uuid primary key", "shop": "uuid not null default '" + one + "'"},
		values:  map[string]string{"status": "cast(W as order_state)", "ref": "md5(n::text)::uuid"},
		change: func(m *mapping.Mapping) {
			m.Fields["status"] = enum("status", "order_state", "new", "pending")
			m.Fields["payment_id"], m.Fields["project_id"] = col("ref", "uuid"), must(col("shop", "uuid"))
		},
		wants: []string{"cast(p.ref as text)", "cast(s.status_after as order_state)", "p.shop = cast(:project_id as uuid)"},
	},
	{
		name: "lookup",
		prepare: "create schema shop; create table shop.states (id smallint primary key, name varchar(20) not null unique); " +
			"insert into shop.states select i, w from unnest(array['new', 'pending', 'dispute', 'error', 'paid', 'done', 'declined', 'refunded'])" +
			" with ordinality as x (w, i)",
		columns: map[string]string{"status": "", "status_id": "smallint not null references shop.states"},
		values:  map[string]string{"status_id": "(select id from shop.states where name = W)"},
		change: func(m *mapping.Mapping) {
			m.Fields["status"] = keyed("status_id", "smallint", mapping.Lookup{Schema: "shop", Table: "states", Key: "id", Name: "name"})
		},
		wants: []string{"p.status_id = any (array(select l.id from shop.states as l where cast(l.name as text) in (:open_statuses)))"},
	},
	{
		name:    "codes",
		columns: map[string]string{"status": "smallint not null"},
		values:  map[string]string{"status": "array_position(array['new', 'pending', 'dispute', 'error', 'paid', 'done', 'declined', 'refunded'], W)"},
		change: func(m *mapping.Mapping) {
			m.Fields["status"] = must(col("status", "smallint"))
			for i := range m.Statuses {
				m.Statuses[i].Word = fmt.Sprint(i + 1)
			}
			m.Words = map[string]string{"processing": "2", "dispute": "3", "error": "4", "success": "5", "decline": "7"}
		},
	},
	{
		name:    "local times",
		columns: map[string]string{"created_at": "timestamp not null", "updated_at": "timestamp(0)"},
		values: map[string]string{"created_at": "(now() - n * interval '3 minutes') at time zone 'Asia/Bishkek'",
			"updated_at": "(now() - n * interval '3 minutes') at time zone 'Asia/Bishkek'"},
		change: func(m *mapping.Mapping) {
			m.Zone = "Asia/Bishkek"
			m.Fields["created_at"], m.Fields["updated_at"] = must(col("created_at", "timestamp")), col("updated_at", "timestamp(0)")
		},
		wants: []string{"p.created_at >= cast(:from as timestamptz) at time zone 'Asia/Bishkek'"},
	},
	{
		name: "no updated_at", columns: map[string]string{"updated_at": ""},
		change: func(m *mapping.Mapping) { delete(m.Fields, "updated_at") },
		wants:  []string{"cast(null as timestamptz) as updated_at", "cast(:from as timestamptz) - interval '7 days'"},
	},
	{
		name: "xmin", columns: map[string]string{"updated_at": "", "created_at": "timestamp not null"},
		values: map[string]string{"created_at": "(now() - n * interval '3 minutes') at time zone 'UTC'"},
		change: func(m *mapping.Mapping) {
			m.Xmin, m.Zone = true, "UTC"
			m.Fields["created_at"] = must(col("created_at", "timestamp"))
			delete(m.Fields, "updated_at")
		},
		wants: []string{"p.xmin", "(cast(:from as timestamptz) - interval '7 days') at time zone 'UTC'"},
	},
	{
		name: "no settled amount", columns: map[string]string{"paid": ""},
		change: func(m *mapping.Mapping) { delete(m.Fields, "settled_amount") },
		wants:  []string{"insert into hhrecon_payin"},
	},
	{
		name: "no sub-status and no times", columns: map[string]string{"note": "", "paid": "", "updated_at": "", "ttl": ""},
		change: func(m *mapping.Mapping) {
			for _, role := range []mapping.Role{"sub_status", "settled_amount", "updated_at", "lifetime"} {
				delete(m.Fields, role)
			}
		},
	},
	{
		name: "view of deleted rows", columns: map[string]string{"deleted_at": "timestamptz"},
		after: "create view live as select * from orders where deleted_at is null",
		change: func(m *mapping.Mapping) {
			m.Table.Name, m.Table.Kind = "live", "view"
		},
	},
	{
		name: "soft deletes", columns: map[string]string{"deleted_at": "timestamptz"},
		values: map[string]string{"deleted_at": "case when n % 50 = 7 then now() end"},
		change: func(m *mapping.Mapping) {
			m.Table.Columns = []mapping.Column{{Name: "deleted_at"}}
			m.Live = "deleted_at is null"
		},
		wants: []string{"and (p.deleted_at is null)"},
	},
	{
		name: "partitions", columns: map[string]string{"ref": "text not null"},
		partition: "partition by range (created_at)",
		after: "create table orders_old partition of orders for values from (minvalue) to ('2026-11-15'); " +
			"create table orders_new partition of orders for values from ('2026-11-15') to (maxvalue)",
		change: func(m *mapping.Mapping) { m.Table.Kind = "partitioned table" },
	},
	{
		name: "quoted names", prepare: `create schema "Shop"`, table: `"Shop"."Order"`,
		columns: map[string]string{"status": "", `"orderStatus"`: "varchar(20) not null", "paid": "", `"user"`: "bigint"},
		values:  map[string]string{`"orderStatus"`: "W"},
		change: func(m *mapping.Mapping) {
			m.Table.Schema, m.Table.Name = "Shop", "Order"
			m.Fields["status"], m.Fields["settled_amount"] = must(col("orderStatus", "varchar(20)")), col("user", "bigint")
		},
		wants: []string{`"Shop"."Order" as p`, `p."orderStatus" in`, `"user" = s.settled_amount_after`},
	},
	{
		name: "several projects", columns: map[string]string{"shop": "text not null"},
		values: map[string]string{"shop": "case when n / 3 % 2 = 0 then '" + one + "' else '" + two + "' end"},
		change: func(m *mapping.Mapping) {
			m.Projects = []string{one, two}
			m.Fields["project_id"] = must(col("shop", "text"))
		},
	},
	{
		name:    "expression",
		columns: map[string]string{"ref": "", "id": "bigint primary key", "seq": "bigint", "status_after": "text"},
		values:  map[string]string{"id": "n", "seq": "n"},
		change: func(m *mapping.Mapping) {
			m.Table.Columns = []mapping.Column{{Name: "id", Base: "int8"}, {Name: "seq", Base: "int8"}}
			m.Fields["payment_id"] = expr("'order-'||id || '-'|| seq")
		},
		wants: []string{"'order-'||cast(p.id as text) || '-'|| cast(p.seq as text)"},
	},
	{
		name: "time of expiry and currency", columns: map[string]string{"ttl": "timestamptz", "currency": "character(5)"},
		values: map[string]string{"ttl": "case n % 3 when 0 then 'infinity' when 1 then now() end", "currency": "'kgs'"},
		change: func(m *mapping.Mapping) {
			m.Fields["lifetime"], m.Fields["currency"] = col("ttl", "timestamptz"), col("currency", "character(5)")
		},
		wants: []string{"upper(p.currency)"},
	},
	{
		name: "interval, numeric currency, keys of projects",
		prepare: "create table shops (id integer primary key, project text not null); " +
			"insert into shops values (1, '" + one + "'), (2, '" + two + "')",
		columns: map[string]string{"ttl": "interval", "currency": "smallint", "shop_id": "integer not null default 1", "note": "varchar(30) not null default ''"},
		values:  map[string]string{"ttl": "interval '15 minutes'", "currency": "417", "note": "''"},
		change: func(m *mapping.Mapping) {
			m.Fields["lifetime"], m.Fields["currency"] = col("ttl", "interval"), col("currency", "smallint")
			m.Fields["sub_status"] = must(col("note", "varchar(30)"))
			m.Fields["project_id"] = keyed("shop_id", "integer", mapping.Lookup{Schema: "public", Table: "shops", Key: "id", Name: "project"})
		},
	},
}

// create creates the table of an example with rows of all statuses.
func (e *example) create(t *testing.T, root *sqltest.Database) {
	t.Helper()
	columns, values := []string{}, maps.Clone(plainValues)
	maps.Copy(values, e.values)
	add := func(name, of string) {
		if of != "" {
			columns = append(columns, name+" "+of)
		}
	}
	left := maps.Clone(e.columns)
	for _, c := range plainColumns {
		name, of, _ := strings.Cut(c, " ")
		if changed, ok := e.columns[name]; ok {
			of = changed
			delete(left, name)
		}
		add(name, of)
	}
	for name, of := range left {
		add(name, of)
	}
	var into, from []string
	for _, c := range columns {
		name, _, _ := strings.Cut(c, " ")
		if values[name] != "" {
			into, from = append(into, name), append(from, values[name])
		}
	}
	table := e.table
	if table == "" {
		table = "orders"
	}
	insert := "insert into " + table + " (" + strings.Join(into, ", ") + ") select " + strings.Join(from, ", ") +
		" from generate_series(1, 20000) as n"
	// One payin in fifty is open.
	word := "case when n % 50 = 0 then (array['new', 'pending', 'dispute', 'error'])[n / 50 % 4 + 1] " +
		"else (array['paid', 'done', 'declined', 'refunded'])[n % 4 + 1] end"
	root.MustExec(e.prepare)
	root.MustExec("create table " + table + " (" + strings.Join(columns, ", ") + ") " + e.partition)
	root.MustExec(e.after)
	root.MustExec(strings.ReplaceAll(insert, "W", word))
	root.MustExec("analyze " + table)
}

// rendered is an example whose files are in a folder, with the projects of schedules.yaml.
type rendered struct {
	dir      string
	files    map[string][]byte
	projects []reconcile.Project
	store    *sql.Store // with the rights of the user
	root     *sqltest.Database
}

func (e *example) render(t *testing.T) *rendered {
	t.Helper()
	address := sqltest.PostgresURL(t)
	r := &rendered{dir: t.TempDir(), root: sqltest.DB(t, address)}
	e.create(t, r.root)
	m := plain()
	if e.change != nil {
		e.change(&m)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	user := "m" + strings.TrimPrefix(u.Path, "/hhrecon_test")
	s := mapping.Setup{Timezone: "Asia/Bishkek", User: user, SQLDir: "sql", Decided: []string{"A sentence."}}
	for _, id := range m.Projects {
		s.Projects = append(s.Projects, mapping.Project{ID: id, Name: "shop " + id[:2], KeyFile: "keys/" + id[:2] + ".pem"})
	}
	if r.files, err = m.Files(s); err != nil {
		t.Fatal(err)
	}
	for path, text := range r.files {
		file := filepath.Join(r.dir, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		both := user + ", " + user + "_owner"
		sqltest.DB(t, address).MustExec("drop owned by " + both + " cascade; drop role " + both)
	})
	for _, file := range []string{"grants_owner.sql", "grants_runtime.sql"} {
		r.root.MustExec(string(r.files[file]))
	}
	for _, statement := range strings.Split(string(r.files["index.sql"]), ";") {
		r.root.MustExec(statement)
	}
	u.User = url.User(user)
	r.store = sqltest.OpenWith(t, u.String(), sql.Options{SQLDir: filepath.Join(r.dir, "sql")})
	var schedules struct {
		Projects []struct {
			ID        string
			StatusMap map[string]string `yaml:"status_map"`
			Open      []string          `yaml:"open_statuses"`
		}
	}
	if err := yaml.Load(r.files["schedules.yaml"], &schedules); err != nil {
		t.Fatal(err)
	}
	for _, one := range schedules.Projects {
		p := reconcile.DefaultProject(one.ID)
		p.StatusMap, p.Open = one.StatusMap, one.Open
		r.projects = append(r.projects, p)
	}
	return r
}

// The rendered queries of each example pass the proof, for a user that has only the rendered rights. They use indexes.
func TestFiles(t *testing.T) {
	t.Parallel()
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			r := e.render(t)
			if err := r.store.CheckQueries(t.Context(), r.projects...); err != nil {
				t.Fatal(err)
			}
			checks, err := r.store.ProveQueries(t.Context(), r.projects...)
			if err != nil {
				t.Fatal(err)
			}
			for i, check := range checks {
				if len(check.Faults) > 0 || !check.Unproved.IsZero() || len(check.Unstored) > 0 {
					t.Errorf("project %d: %+v", i, check)
				}
				if got := slices.Sorted(maps.Keys(check.Unknown)); !slices.Equal(got, []string{"done"}) && !slices.Equal(got, []string{"6"}) {
					t.Errorf("unknown statuses %q", got)
				}
			}
			queries := ""
			for _, name := range []string{"open", "final", "correct"} {
				queries += string(r.files["sql/"+name+"_payins.sql"])
			}
			queries += string(r.files["sql/payin_statuses.sql"])
			for _, want := range e.wants {
				if !strings.Contains(queries, want) {
					t.Errorf("no %q in\n%s", want, queries)
				}
			}
			r.explain(t)
			if os.Getenv("SHOW") != "" {
				for _, path := range slices.Sorted(maps.Keys(r.files)) {
					t.Logf("== %s\n%s", path, r.files[path])
				}
			}
		})
	}
}

// explain checks that open_payins.sql for a day does not read the whole table, and that reading one payin does not.
func (r *rendered) explain(t *testing.T) {
	t.Helper()
	if r.files["index.sql"] == nil {
		return
	}
	text := string(r.files["sql/open_payins.sql"])
	now := time.Now()
	for _, where := range []string{"", " where q.payment_id = 'x'"} {
		st, err := db.Parse("open_payins.sql", "select * from ("+text+") as q"+where, db.Postgres)
		if err != nil {
			t.Fatal(err)
		}
		bound, values, err := st.Bind(db.Postgres, db.Args{"project_id": r.projects[0].ID,
			"from": db.FormatTime(now.Add(-24 * time.Hour)), "to": db.FormatTime(now),
			"open_statuses": db.Strings(r.projects[0].OpenStatuses())})
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		if err := r.root.Select(&plan, "explain (analyze) "+bound, values...); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(plan, "\n")
		if !strings.Contains(got, "Index") || strings.Contains(got, "Seq Scan on orders") || strings.Contains(got, `Seq Scan on "Order"`) {
			t.Errorf("plan%s:\n%s", where, got)
		}
	}
}
