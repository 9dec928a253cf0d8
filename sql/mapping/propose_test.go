package mapping_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/mapping"
	"hhrecon/sql/sqltest"
)

const (
	projectA = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	projectB = "0b6a3a46-5f6a-4f0e-9d0b-6a0f5d0f0a02"
)

// A merchantCase is a schema with what must be found in it. In create, n counts from 1 to 300.
type merchantCase struct {
	name, create string
	flags        []string // FLAG=VALUE
	projects     []string
	ask          func(id string) *highhelp.PaymentInfo // nil means that HighHelp does not know the payin

	table, columns, unit, zone, live, words string
	questions                               []string // the flags of the questions that are not certain
}

var merchantCases = []merchantCase{
	{
		name: "bigint id and numeric som",
		create: `create table users (id bigserial primary key, name text, status text, balance numeric(12,2), created_at timestamptz);
			create table orders (id bigserial primary key, user_id bigint references users, amount numeric(12,2) not null,
				currency text not null default 'KGS', status varchar(20) not null, paid_amount numeric(12,2),
				created_at timestamptz not null, updated_at timestamptz not null);
			create table order_items (id bigserial primary key, order_id bigint references orders, price numeric(12,2), status text,
				created_at timestamptz);
			create table refunds (id bigserial primary key, order_id bigint, amount numeric(12,2), status text, created_at timestamptz);
			create table payouts (id bigserial primary key, amount numeric(12,2), status text, external_id text unique,
				created_at timestamptz);
			create table orders_audit as select * from orders;
			insert into orders (amount, status, paid_amount, created_at, updated_at)
			select 500 + n, (array['new', 'processing', 'paid', 'cancelled', 'refunded'])[1 + n % 5], case when n % 5 = 2 then 500 + n end,
				now() - n * interval '10 minutes', now() from generate_series(1, 300) n;
			insert into orders_audit select * from orders; insert into orders_audit select * from orders;
			insert into payouts (amount, status, created_at) select n, 'paid', now() from generate_series(1, 900) n; analyze`,
		flags: []string{"column=payment_id=id"}, table: "public.orders", unit: "major",
		columns: "payment_id=id amount=amount currency=currency status=status settled_amount=paid_amount " +
			"created_at=created_at updated_at=updated_at",
		words: "cancelled=decline new=new paid=success processing=processing refunded=ignore; " +
			"decline=cancelled dispute=processing error=processing processing=processing success=paid",
	},
	{
		name: "bigint id needs an answer",
		create: `create table orders (id bigserial primary key, amount numeric(12,2), status text, created_at timestamptz);
			insert into orders (amount, status, created_at) select n, (array['new', 'paid', 'failed'])[1 + n % 3], now()
			from generate_series(1, 300) n`,
		table: "public.orders", unit: "major", columns: "amount=amount status=status created_at=created_at",
		words:     "failed=decline new=new paid=success; decline=failed dispute=new error=new processing=new success=paid",
		questions: []string{"--column 'payment_id=id'"},
	},
	{
		name: "HighHelp knows a bigint id",
		create: `create table orders (id bigserial primary key, order_number text unique, amount bigint, status text, created_at timestamp);
			insert into orders (order_number, amount, status, created_at) select 'N' || n, 5000 * n, (array['new', 'paid', 'failed'])[1 + n % 3],
			timestamp '2026-01-02 06:00' - n * interval '1 minute' from generate_series(1, 300) n`,
		ask: func(id string) *highhelp.PaymentInfo {
			var n int64
			if _, err := fmt.Sscanf(id, "%d", &n); err != nil {
				return nil
			}
			return &highhelp.PaymentInfo{InitialAmount: 5000 * n, Currency: "KGS", Lifetime: 600,
				ExpirationDate: 1767312000 - n*60 + 600} // 2026-01-02 00:00 UTC
		},
		table: "public.orders", unit: "minor", zone: "Asia/Bishkek", columns: "payment_id=id amount=amount status=status created_at=created_at",
		words: "failed=decline new=new paid=success; decline=failed dispute=new error=new processing=new success=paid",
	},
	{
		name: "HighHelp knows no id",
		create: `create table orders (id bigserial primary key, amount numeric(12,2), status text, created_at timestamptz);
			insert into orders (amount, status, created_at) select n, (array['new', 'paid', 'failed'])[1 + n % 3], now()
			from generate_series(1, 300) n`,
		ask:   func(string) *highhelp.PaymentInfo { return nil },
		table: "public.orders", unit: "major", columns: "amount=amount status=status created_at=created_at",
		words:     "failed=decline new=new paid=success; decline=failed dispute=new error=new processing=new success=paid",
		questions: []string{"--column 'payment_id=id'"},
	},
	{
		name: "a prefix",
		create: `create table orders (id bigserial primary key, amount numeric(12,2), status text, created_at timestamptz);
			insert into orders (amount, status, created_at) select n, (array['new', 'paid', 'failed'])[1 + n % 3], now()
			from generate_series(1, 300) n`,
		flags: []string{"column=payment_id='order-' || id"},
		ask: func(id string) *highhelp.PaymentInfo {
			var n int64
			if _, err := fmt.Sscanf(id, "order-%d", &n); err != nil {
				return nil
			}
			return &highhelp.PaymentInfo{InitialAmount: 100 * n}
		},
		table: "public.orders", unit: "major", columns: "payment_id='order-' || id amount=amount status=status created_at=created_at",
		words: "failed=decline new=new paid=success; decline=failed dispute=new error=new processing=new success=paid",
	},
	{
		name: "enum and UUID",
		create: `create type payment_state as enum ('CREATED', 'IN_PROGRESS', 'DISPUTED', 'FAILED', 'COMPLETED', 'EXPIRED', 'REFUNDED');
			create table payments (id uuid primary key default gen_random_uuid(), amount_minor bigint not null, currency char(3),
				state payment_state not null, sub_status text, settled_amount_minor bigint, ttl integer, created_at timestamptz, updated_at timestamptz);
			insert into payments (amount_minor, currency, state, ttl, created_at, updated_at)
			select 50000 + n, 'KGS', (array['CREATED', 'IN_PROGRESS', 'COMPLETED', 'EXPIRED'])[1 + n % 4]::payment_state, 900, now(), now()
			from generate_series(1, 300) n`,
		table: "public.payments", unit: "minor",
		columns: "payment_id=id amount=amount_minor currency=currency status=state sub_status=sub_status " +
			"settled_amount=settled_amount_minor lifetime=ttl created_at=created_at updated_at=updated_at",
		words: "COMPLETED=success CREATED=new DISPUTED=dispute EXPIRED=decline FAILED=decline IN_PROGRESS=processing REFUNDED=ignore; " +
			"decline=FAILED dispute=DISPUTED error=IN_PROGRESS processing=IN_PROGRESS success=COMPLETED",
	},
	{
		name: "smallint codes with a lookup table",
		create: `create table payment_statuses (id smallint primary key, code varchar(20) not null unique, title_ru text);
			insert into payment_statuses values (1, 'new', 'Новый'), (2, 'pending', 'Ожидает'), (3, 'success', 'Успех'), (4, 'declined', 'Отказ'),
				(5, 'error', 'Ошибка');
			create table payments (payment_id text primary key, sum bigint not null, status_id smallint not null references payment_statuses,
				created_at timestamptz, updated_at timestamptz);
			comment on column payments.sum is 'сумма в тыйынах';
			insert into payments select 'p' || n, n * 100, 1 + n % 5, now(), now() from generate_series(1, 300) n`,
		table: "public.payments", unit: "minor",
		columns: "payment_id=payment_id amount=sum status=status_id>payment_statuses.code created_at=created_at updated_at=updated_at",
		words:   "declined=decline error=error new=new pending=pending success=success; decline=declined dispute=pending error=error processing=pending success=success",
	},
	{
		name: "codes without names",
		create: `create table payments (payment_id text primary key, amount integer not null, status smallint not null,
				created_at timestamptz, updated_at timestamptz);
			comment on column payments.status is '0 - new, 1 - paid, 2 - declined';
			insert into payments select 'p' || n, n * 100, n % 3, now(), now() from generate_series(1, 300) n`,
		table:     "public.payments",
		columns:   "payment_id=payment_id amount=amount status=status created_at=created_at updated_at=updated_at",
		words:     "; ",
		questions: []string{"--status '0=new'", "--status '1=new'", "--status '2=new'", "--unit 'major'"},
	},
	{
		name: "two projects in one table",
		create: `create table shops (id serial primary key, title text, hh_project_id uuid);
			insert into shops (title, hh_project_id) values ('A', '` + projectA + `'), ('B', '` + projectB + `');
			create table payins (shop_id integer not null references shops, payment_id text not null, amount numeric(10,2), currency text,
				status text, created_at timestamptz, updated_at timestamptz, primary key (shop_id, payment_id));
			insert into payins select 1 + n % 2, 'p' || n / 2, n, 'KGS', (array['new', 'success', 'decline'])[1 + n % 3], now(), now()
			from generate_series(1, 300) n`,
		projects: []string{strings.ToUpper(projectA), projectB}, table: "public.payins", unit: "major",
		columns: "project_id=shop_id>shops.hh_project_id payment_id=payment_id amount=amount currency=currency status=status " +
			"created_at=created_at updated_at=updated_at",
		words: "decline=decline new=new success=success; decline=decline dispute=new error=new processing=new success=success",
	},
	{
		name: "two projects without ids",
		create: `create table payins (shop text not null, payment_id text primary key, amount numeric(10,2), status text, created_at timestamptz);
			insert into payins select 's' || n % 2, 'p' || n, n, (array['new', 'success', 'decline'])[1 + n % 3], now()
			from generate_series(1, 300) n`,
		projects: []string{projectA, projectB}, table: "public.payins", unit: "major",
		columns:   "payment_id=payment_id amount=amount status=status created_at=created_at",
		words:     "decline=decline new=new success=success; decline=decline dispute=new error=new processing=new success=success",
		questions: []string{"--column 'project_id=shop'"},
	},
	{
		name: "local times",
		create: `create table deposits (external_id varchar(64) not null unique, id bigserial primary key, amount numeric(10,2), status text,
				created_at timestamp, updated_at timestamp);
			insert into deposits (external_id, amount, status, created_at, updated_at)
			select 'p' || n, n, (array['new', 'success', 'decline'])[1 + n % 3], now() at time zone 'Asia/Bishkek' - n * interval '1 minute',
				now() at time zone 'Asia/Bishkek' from generate_series(1, 300) n`,
		table: "public.deposits", unit: "major", zone: "Asia/Bishkek",
		columns: "payment_id=external_id amount=amount status=status created_at=created_at updated_at=updated_at",
		words:   "decline=decline new=new success=success; decline=decline dispute=new error=new processing=new success=success",
	},
	{
		name: "old local times",
		create: `create table deposits (external_id varchar(64) not null unique, amount numeric(10,2), status text, created_at timestamp default now());
			insert into deposits select 'p' || n, n, (array['new', 'success', 'decline'])[1 + n % 3], now() - n * interval '9 hours'
			from generate_series(1, 300) n`,
		table: "public.deposits", unit: "major", columns: "payment_id=external_id amount=amount status=status created_at=created_at",
		words:     "decline=decline new=new success=success; decline=decline dispute=new error=new processing=new success=success",
		questions: []string{"--timezone 'UTC'"},
	},
	{
		name: "times of the column's default",
		create: `create table deposits (external_id varchar(64) not null unique, amount numeric(10,2), status text,
				created_at timestamp default (now() at time zone 'utc'));
			insert into deposits select 'p' || n, n, (array['new', 'success', 'decline'])[1 + n % 3], now() - n * interval '9 hours'
			from generate_series(1, 300) n`,
		table: "public.deposits", unit: "major", zone: "UTC", columns: "payment_id=external_id amount=amount status=status created_at=created_at",
		words: "decline=decline new=new success=success; decline=decline dispute=new error=new processing=new success=success",
	},
	{
		name: "view with soft deletes",
		create: `create table orders (id uuid primary key, total numeric(12,2), status text, created_at timestamptz, deleted_at timestamptz);
			create view active_orders as select * from orders where deleted_at is null;
			insert into orders select gen_random_uuid(), n, (array['new', 'success', 'decline'])[1 + n % 3], now(), case when n % 9 = 0 then now() end
			from generate_series(1, 300) n`,
		table: "public.orders", unit: "major", live: `"deleted_at" is null`, columns: "payment_id=id amount=total status=status created_at=created_at",
		words: "decline=decline new=new success=success; decline=decline dispute=new error=new processing=new success=success",
	},
	{
		name: "view with another condition",
		create: `create table orders (id uuid primary key, total numeric(12,2), status text, created_at timestamptz, kind text, deleted_at timestamptz);
			create view payins as select * from orders where kind = 'payin' and deleted_at is null;
			insert into orders select gen_random_uuid(), n, 'new', now(), case when n % 9 = 0 then 'payout' else 'payin' end
			from generate_series(1, 300) n`,
		questions: []string{"--table 'public.payins'"},
	},
	{
		name: "the chosen view",
		create: `create table orders (id uuid primary key, total numeric(12,2), status text, created_at timestamptz, kind text, deleted_at timestamptz);
			create view payins as select id, total, status, created_at from orders where kind = 'payin' and deleted_at is null;
			insert into orders select gen_random_uuid(), n, (array['new', 'success', 'decline'])[1 + n % 3], now(), 'payin'
			from generate_series(1, 300) n`,
		flags: []string{"table=payins"},
		table: "public.payins", unit: "major", columns: "payment_id=id amount=total status=status created_at=created_at",
		words: "decline=decline new=new success=success; decline=decline dispute=new error=new processing=new success=success",
	},
	{
		name: "payins and payouts in one table",
		create: `create table transactions (id uuid primary key, amount numeric(12,2), status text, type text, created_at timestamptz);
			insert into transactions select gen_random_uuid(), n, case when n % 3 = 0 then 'sent' else (array['new', 'success', 'decline'])[n % 3] end,
			case when n % 3 = 0 then 'withdrawal' else 'deposit' end, now() from generate_series(1, 300) n`,
		table: "public.transactions", unit: "major", live: `cast(p."type" as text) in ('deposit')`,
		columns:   "payment_id=id amount=amount status=status created_at=created_at",
		words:     "new=new success=success; dispute=new error=new processing=new success=success",
		questions: []string{"--status 'new=decline'"},
	},
	{
		name: "partitioned by month",
		create: `create table payments (payment_id text not null, amount bigint not null, status text, created_at timestamptz not null, updated_at timestamptz,
				primary key (payment_id, created_at)) partition by range (created_at);
			create table payments_2026_10 partition of payments for values from ('2026-10-01') to ('2026-11-01');
			create table payments_2026_11 partition of payments for values from ('2026-11-01') to ('2026-12-01');
			create table payments_rest partition of payments default;
			insert into payments select 'p' || n, n * 100, (array['new', 'success', 'decline'])[1 + n % 3], timestamptz '2026-11-15' - n * interval '1 hour'
			from generate_series(1, 700) n`,
		flags: []string{"unit=minor"},
		table: "public.payments", unit: "minor",
		columns: "payment_id=payment_id amount=amount status=status created_at=created_at updated_at=updated_at",
		words:   "decline=decline new=new success=success; decline=decline dispute=new error=new processing=new success=success",
	},
	{
		name: "quoted names in another schema",
		create: `create schema "Shop"; create table "Shop"."PaymentOrders" ("OrderId" text primary key, "AmountTiyin" bigint, "Status" text,
				"ExpiresAt" timestamptz, "CreatedAt" timestamptz, "UpdatedAt" timestamptz, "IsDeleted" boolean not null default false);
			create table "Shop"."PaymentOrdersArchive" (like "Shop"."PaymentOrders" including all);
			insert into "Shop"."PaymentOrders" select 'p' || n, n, (array['New', 'Paid', 'Declined'])[1 + n % 3], now(), now(), now()
			from generate_series(1, 300) n`,
		table: "Shop.PaymentOrders", unit: "minor", live: `"IsDeleted" is not true`,
		columns: "payment_id=OrderId amount=AmountTiyin status=Status lifetime=ExpiresAt created_at=CreatedAt updated_at=UpdatedAt",
		words:   "Declined=decline New=new Paid=success; decline=Declined dispute=New error=New processing=New success=Paid",
	},
	{
		name: "Russian statuses",
		create: `create table платежи (reference char(12) primary key, сумма numeric(12,2), статус text, дата_создания timestamptz, обновлено timestamptz);
			insert into платежи select 'r' || n, n, (array['Новый', 'В обработке', 'Оплачен', 'Отклонён', 'Спор', 'Возврат'])[1 + n % 6], now(), now()
			from generate_series(1, 300) n`,
		table: "public.платежи", unit: "major", columns: "payment_id=reference amount=сумма status=статус created_at=дата_создания updated_at=обновлено",
		words: "В обработке=processing Возврат=ignore Новый=new Оплачен=success Отклонён=decline Спор=dispute; " +
			"decline=Отклонён dispute=Спор error=В обработке processing=В обработке success=Оплачен",
	},
	{
		name: "unclear words",
		create: `create table payments (payment_id text primary key, amount numeric(12,2), status text, created_at timestamptz);
			insert into payments select 'p' || n, n, (array['new', 'approved', 'paid', 'hold', 'declined', 'expired'])[1 + n % 6], now()
			from generate_series(1, 300) n`,
		flags: []string{"status=hold=processing"},
		table: "public.payments", unit: "major", columns: "payment_id=payment_id amount=amount status=status created_at=created_at",
		words: "declined=decline expired=decline hold=processing new=new paid=success; " +
			"decline=declined dispute=hold error=hold processing=hold success=paid",
		questions: []string{"--status 'approved=new'"},
	},
	{
		name: "orders and payments",
		create: `create table orders (id bigserial primary key, total numeric(12,2), status text, created_at timestamptz);
			create table payments (id uuid primary key, amount numeric(12,2), status text, created_at timestamptz);
			insert into orders (total) values (1); insert into payments values (gen_random_uuid())`,
		questions: []string{"--table 'public.payments'"},
	},
	{
		name: "amounts of two kinds and two ids",
		create: `create table payments (payment_id text unique, provider_payment_id text unique, amount numeric(12,2), total numeric(12,2), status text,
				created_at timestamptz);
			insert into payments select 'p' || n, 'q' || n, n, n, (array['new', 'success', 'decline'])[1 + n % 3], now()
			from generate_series(1, 300) n`,
		table: "public.payments", columns: "status=status created_at=created_at",
		words:     "decline=decline new=new success=success; decline=decline dispute=new error=new processing=new success=success",
		questions: []string{"--column 'amount=amount'", "--column 'payment_id=payment_id'"},
	},
	{name: "no table", create: "create table users (id bigserial primary key, name text)", questions: []string{"--table 'public.users'"}},
}

// propose inspects a new database and returns the mapping and the questions.
func propose(t *testing.T, m *merchantCase) (*mapping.Mapping, []mapping.Question, error) {
	t.Helper()
	url := sqltest.EmptyPostgresURL(t)
	sqltest.DB(t, url).MustExec(m.create)
	conn, err := db.Open(url, slog.New(slog.DiscardHandler), func(error) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s, err := mapping.Inspect(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	c := mapping.Choices{Projects: m.projects}
	if m.projects == nil {
		c.Projects = []string{projectA}
	}
	if m.ask != nil {
		c.Ask = func(_ context.Context, _, id string) reconcile.Answer {
			if info := m.ask(id); info != nil {
				return reconcile.Answer{Result: reconcile.ResultAnswered, Info: &highhelp.PayinInfo{PaymentInfo: info}}
			}
			return reconcile.Answer{Result: reconcile.ResultNotFound}
		}
	}
	for _, flag := range m.flags {
		name, value, _ := strings.Cut(flag, "=")
		if err := c.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	return mapping.Propose(t.Context(), conn, s, c)
}

func TestPropose(t *testing.T) {
	t.Parallel()
	for _, want := range merchantCases {
		t.Run(want.name, func(t *testing.T) {
			t.Parallel()
			m, questions, err := propose(t, &want)
			if err != nil {
				t.Fatal(err)
			}
			var open []string
			for _, q := range questions {
				t.Logf("%s Proposal %q, certain %v: %s", q.Text, q.Proposal, q.Certain, q.Evidence)
				if !q.Certain {
					open = append(open, q.Example())
				}
			}
			got := merchantCase{questions: open}
			if m != nil {
				got.table, got.unit, got.zone, got.live = m.Table.String(), string(m.Unit), m.Zone, m.Live
				got.columns, got.words = columnsOf(m), wordsOf(m)
			}
			for _, c := range [][3]string{
				{"table", got.table, want.table}, {"columns", got.columns, want.columns}, {"unit", got.unit, want.unit},
				{"zone", got.zone, want.zone}, {"live", got.live, want.live}, {"words", got.words, want.words},
			} {
				if c[1] != c[2] {
					t.Errorf("%s:\n%s, want\n%s", c[0], c[1], c[2])
				}
			}
			if diff := cmp.Diff(want.questions, got.questions); diff != "" {
				t.Errorf("questions (-want +got):\n%s", diff)
			}
		})
	}
}

func columnsOf(m *mapping.Mapping) string {
	var all []string
	for _, r := range mapping.Roles {
		f, ok := m.Fields[r]
		switch {
		case !ok:
		case f.Column == nil:
			all = append(all, string(r)+"="+f.Expression)
		case f.Lookup != nil:
			all = append(all, fmt.Sprintf("%s=%s>%s.%s", r, f.Column.Name, f.Lookup.Table, f.Lookup.Name))
		default:
			all = append(all, string(r)+"="+f.Column.Name)
		}
	}
	return strings.Join(all, " ")
}

func wordsOf(m *mapping.Mapping) string {
	var words, written []string
	for _, w := range m.Statuses {
		words = append(words, w.Word+"="+w.Status)
	}
	slices.Sort(words)
	for _, status := range slices.Sorted(maps.Keys(m.Words)) {
		written = append(written, status+"="+m.Words[status])
	}
	return strings.Join(words, " ") + "; " + strings.Join(written, " ")
}
