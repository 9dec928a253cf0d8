package mapping_test

import (
	"log/slog"
	"strings"
	"testing"

	"hhrecon/sql/db"
	"hhrecon/sql/mapping"
	"hhrecon/sql/sqltest"
)

// Inspect finds a table that the connected user may not read. The error names the statement that the
// table's owner must run.
func TestUnreadableTable(t *testing.T) {
	t.Parallel()
	address := sqltest.PostgresURL(t)
	root := sqltest.DB(t, address)
	root.MustExec(`create schema "Shop"; create table "Shop".orders (payment_id text primary key, amount bigint,
		paid_amount bigint, status text, created_at timestamptz); insert into "Shop".orders values ('1', 1, 1, 'new', now())`)
	user, _ := sqltest.TwoUsers(t, address)
	conn, err := db.Open(user, slog.New(slog.DiscardHandler), func(error) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s, err := mapping.Inspect(t.Context(), conn)
	if err != nil || len(s.Tables) != 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	_, _, err = mapping.Propose(t.Context(), conn, s, mapping.Choices{Table: "shop.orders"})
	cure := `grant usage on schema "Shop" to ` + s.User + `; grant select on "Shop".orders to ` + s.User
	if err == nil || !strings.Contains(err.Error(), cure) {
		t.Errorf("%v; want %s", err, cure)
	}
	root.MustExec(`revoke all on payins from public, ` + s.User + `; ` + cure)
	if s, err = mapping.Inspect(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	m, _, err := mapping.Propose(t.Context(), conn, s, mapping.Choices{Table: "shop.orders"})
	if err != nil || m.Fields[mapping.PaymentID].Column.Name != "payment_id" {
		t.Errorf("%+v, %v", m, err)
	}
}
