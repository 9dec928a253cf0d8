package mapping_test

import (
	"fmt"
	"strings"

	"hhrecon/sql/mapping"
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

type table = mapping.Mapping

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
			{"error", 9, "error"}, {"paid", 9, "success"}, {"done", 9, "success"}, {"declined", 9, "decline"},
			{"refunded", 9, "ignore"}},
		Words: map[string]string{"processing": "pending", "dispute": "dispute", "error": "error", "success": "paid",
			"decline": "declined"},
	}
}

// The columns of the plain table, and the values of its n-th row. W is a word.
var plainColumns = []string{"ref text primary key", "amount bigint not null", "currency text", "status text not null",
	"note text", "paid bigint", "ttl integer", "created_at timestamptz not null", "updated_at timestamptz"}

var plainValues = map[string]string{
	"ref": "'ref-' || n", "amount": "50000 + n * 100", "currency": "'KGS'", "status": "W", "note": "null",
	"paid": "null", "ttl": "900", "created_at": "now() - n * interval '3 minutes'",
	"updated_at": "now() - n * interval '3 minutes'",
}

// words are the words of the plain table.
const words = "'new', 'pending', 'dispute', 'error', 'paid', 'done', 'declined', 'refunded'"

type example struct {
	name    string
	prepare string            // statements before the table
	columns map[string]string // name: type, "" to remove; replaces or adds columns
	values  map[string]string
	partition,
	table, after string
	change func(m *table)
	wants  []string // in the queries
}

var examples = []example{
	{name: "plain", wants: []string{"p.status in (:open_statuses)", "(p.status in ('refunded')) is not true"}},
	{
		name:    "major units",
		columns: map[string]string{"amount": "numeric(12,2) not null", "paid": "numeric(12,2) not null default 0"},
		values:  map[string]string{"amount": "500 + n + 0.25", "paid": "0"},
		change: func(m *table) {
			m.Unit = mapping.Major
			m.Fields["amount"], m.Fields["settled_amount"] = col("amount", "numeric(12,2)"), must(col("paid", "numeric(12,2)"))
		},
		wants: []string{"cast(round(p.amount * 100) as bigint)", "coalesce(s.settled_amount_after, 0) / 100.0"},
	},
	{
		name:    "enum and uuid",
		prepare: "create type order_state as enum (" + words + ")",
		columns: map[string]string{"status": "order_state not null", "ref": "uuid primary key",
			"shop": "uuid not null default '" + one + "'"},
		values: map[string]string{"status": "cast(W as order_state)", "ref": "md5(n::text)::uuid"},
		change: func(m *table) {
			m.Fields["status"] = enum("status", "order_state", "new", "pending")
			m.Fields["payment_id"], m.Fields["project_id"] = col("ref", "uuid"), must(col("shop", "uuid"))
		},
		wants: []string{"cast(p.ref as text)", "cast(s.status_after as order_state)", "p.shop = cast(:project_id as uuid)"},
	},
	{
		name: "lookup",
		prepare: "create schema shop; " +
			"create table shop.states (id smallint primary key, name varchar(20) not null unique); " +
			"insert into shop.states select i, w from unnest(array[" + words + "]) with ordinality as x (w, i)",
		columns: map[string]string{"status": "", "status_id": "smallint not null references shop.states"},
		values:  map[string]string{"status_id": "(select id from shop.states where name = W)"},
		change: func(m *table) {
			m.Fields["status"] = keyed("status_id", "smallint", mapping.Lookup{
				Schema: "shop", Table: "states", Key: "id", Name: "name",
			})
		},
		wants: []string{"p.status_id = any (array(select l.id from shop.states as l where " +
			"cast(l.name as text) in (:open_statuses)))"},
	},
	{
		name:    "codes",
		columns: map[string]string{"status": "smallint not null"},
		values:  map[string]string{"status": "array_position(array[" + words + "], W)"},
		change: func(m *table) {
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
		change: func(m *table) {
			m.Zone = "Asia/Bishkek"
			m.Fields["created_at"] = must(col("created_at", "timestamp"))
			m.Fields["updated_at"] = col("updated_at", "timestamp(0)")
		},
		wants: []string{"p.created_at >= cast(:from as timestamptz) at time zone 'Asia/Bishkek'"},
	},
	{
		name: "no updated_at", columns: map[string]string{"updated_at": ""},
		change: func(m *table) { delete(m.Fields, "updated_at") },
		wants:  []string{"cast(null as timestamptz) as updated_at", "cast(:from as timestamptz) - interval '7 days'"},
	},
	{
		name: "xmin", columns: map[string]string{"updated_at": "", "created_at": "timestamp not null"},
		values: map[string]string{"created_at": "(now() - n * interval '3 minutes') at time zone 'UTC'"},
		change: func(m *table) {
			m.Xmin, m.Zone = true, "UTC"
			m.Fields["created_at"] = must(col("created_at", "timestamp"))
			delete(m.Fields, "updated_at")
		},
		wants: []string{"p.xmin", "(cast(:from as timestamptz) - interval '7 days') at time zone 'UTC'"},
	},
	{
		name: "no settled amount", columns: map[string]string{"paid": ""},
		change: func(m *table) { delete(m.Fields, "settled_amount") },
		wants:  []string{"insert into hhrecon_payin"},
	},
	{
		name: "no sub-status and no times", columns: map[string]string{"note": "", "paid": "", "updated_at": "", "ttl": ""},
		change: func(m *table) {
			for _, role := range []mapping.Role{"sub_status", "settled_amount", "updated_at", "lifetime"} {
				delete(m.Fields, role)
			}
		},
	},
	{
		name: "view of deleted rows", columns: map[string]string{"deleted_at": "timestamptz"},
		after: "create view live as select * from orders where deleted_at is null",
		change: func(m *table) {
			m.Table.Name, m.Table.Kind = "live", "view"
		},
	},
	{
		name:    "soft deletes and kinds",
		prepare: "create table kinds (id integer primary key, name text); insert into kinds values (1, 'payin')",
		columns: map[string]string{"deleted_at": "timestamptz", "kind_id": "integer references kinds"},
		values:  map[string]string{"deleted_at": "case when n % 50 = 7 then now() end", "kind_id": "1"},
		change: func(m *table) {
			kinds := &mapping.Lookup{Schema: "public", Table: "kinds", Key: "id", Name: "name"}
			m.Table.Columns = []mapping.Column{{Name: "deleted_at"}, {Name: "kind_id", Refers: kinds}}
			m.Live = "deleted_at is null and (select l.name from public.kinds as l where l.id = p.kind_id) in ('payin')"
		},
		wants: []string{"and (p.deleted_at is null and (select l.name", "l.id = p.kind_id)"},
	},
	{
		name: "partitions and xmin", columns: map[string]string{"ref": "text not null"},
		partition: "partition by range (created_at)",
		after: "create table orders_old partition of orders for values from (minvalue) to ('2026-11-15'); " +
			"create table orders_new partition of orders for values from ('2026-11-15') to (maxvalue)",
		change: func(m *table) {
			m.Table.Kind, m.Xmin = "partitioned table", true
			delete(m.Fields, "updated_at")
		},
	},
	{
		name:      "partitions by status and xmin without settled amount",
		columns:   map[string]string{"paid": "", "ref": "text not null"},
		partition: "partition by list (status)",
		after: "create table orders_paid partition of orders for values in ('paid', 'done'); " +
			"create table orders_rest partition of orders default",
		change: func(m *table) {
			m.Table.Kind, m.Xmin = "partitioned table", true
			delete(m.Fields, "updated_at")
			delete(m.Fields, "settled_amount")
		},
		wants: []string{"as version"},
	},
	{
		name: "quoted names", prepare: `create schema "Shop"`, table: `"Shop"."Order"`,
		columns: map[string]string{"status": "", `"orderStatus"`: "varchar(20) not null", "paid": "", `"user"`: "bigint"},
		values:  map[string]string{`"orderStatus"`: "W"},
		change: func(m *table) {
			m.Table.Schema, m.Table.Name = "Shop", "Order"
			m.Fields["status"], m.Fields["settled_amount"] = must(col("orderStatus", "varchar(20)")), col("user", "bigint")
		},
		wants: []string{`"Shop"."Order" as p`, `p."orderStatus" in`, `"user" = s.settled_amount_after`},
	},
	{
		name: "several projects", columns: map[string]string{"shop": "text not null"},
		values: map[string]string{"shop": "case when n / 3 % 2 = 0 then '" + one + "' else '" + two + "' end"},
		change: func(m *table) {
			m.Projects = []string{one, two}
			m.Fields["project_id"] = must(col("shop", "text"))
		},
	},
	{
		name:    "expression",
		columns: map[string]string{"ref": "", "id": "bigint primary key", "seq": "bigint", "status_after": "text"},
		values:  map[string]string{"id": "n", "seq": "n"},
		change: func(m *table) {
			m.Table.Columns = []mapping.Column{{Name: "id", Base: "int8"}, {Name: "seq", Base: "int8"}}
			m.Fields["payment_id"] = expr("'order-'||id || '-'|| seq")
		},
		wants: []string{"'order-'||cast(p.id as text) || '-'|| cast(p.seq as text)"},
	},
	{
		name: "time of expiry and currency", columns: map[string]string{"ttl": "timestamptz", "currency": "character(5)"},
		values: map[string]string{"ttl": "case n % 3 when 0 then 'infinity' when 1 then now() end", "currency": "'kgs'"},
		change: func(m *table) {
			m.Fields["lifetime"], m.Fields["currency"] = col("ttl", "timestamptz"), col("currency", "character(5)")
		},
		wants: []string{"upper(p.currency)"},
	},
	{
		name: "interval, numeric currency, keys of projects",
		prepare: "create table shops (id integer primary key, project text not null); " +
			"insert into shops values (1, '" + strings.ToUpper(one) + "'), (2, '" + two + "')",
		columns: map[string]string{"ttl": "interval", "currency": "smallint", "shop_id": "integer not null default 1",
			"note": "varchar(30) not null default ''"},
		values: map[string]string{"ttl": "interval '15 minutes'", "currency": "417", "note": "''"},
		change: func(m *table) {
			m.Fields["lifetime"], m.Fields["currency"] = col("ttl", "interval"), col("currency", "smallint")
			m.Fields["sub_status"] = must(col("note", "varchar(30)"))
			m.Fields["project_id"] = keyed("shop_id", "integer", mapping.Lookup{
				Schema: "public", Table: "shops", Key: "id", Name: "project",
			})
		},
	},
}
