package main

import (
	"net/url"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// ordersTable is a merchant's table with amounts in major units. HighHelp knows the number of an order as payment_id.
const ordersTable = `create table orders (id bigint primary key, customer_id bigint, amount numeric(12, 2) not null,
	currency text not null, status varchar(20) not null, paid_amount numeric(12, 2), created_at timestamptz not null,
	updated_at timestamptz not null)`

// orderStatuses contains the merchant's words for the statuses of samples. For other statuses, the merchant's word
// is the status itself.
var orderStatuses = map[string]string{"pending": "new", "dispute": "processing", "error": "processing",
	"success": "paid", "decline": "cancelled"}

// orders replaces the table payins by this table, which the user that runs hhrecon may read. It sets ORDER to an open
// order that HighHelp confirms.
func orders(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, _ []string) {
		db, state := sqltest.DB(t, superuserOf(ts)), stateOf(ts)
		user, err := url.Parse(ts.Getenv("HHRECON_DATABASE_URL"))
		ts.Check(err)
		db.MustExec("drop table payins; " + ordersTable)
		db.MustExec("grant select on orders to " + user.User.Username())
		state.samples = slices.DeleteFunc(state.samples, func(s sandbox.Sample) bool { return s.Fault != nil })
		for i := range state.samples {
			s := &state.samples[i]
			number := strconv.Itoa(70001 + i)
			if s.Merchant.PaymentID == ts.Getenv("CONFIRMED") {
				ts.Setenv("ORDER", number)
			}
			s.Merchant.PaymentID = number
			if s.Gateway != nil {
				s.Gateway.PaymentID = number
			}
			word, ok := orderStatuses[s.Merchant.Status]
			if !ok {
				word = s.Merchant.Status
			}
			db.MustExec(`insert into orders (id, amount, currency, status, paid_amount, created_at, updated_at)
				values ($1, $2 / 100.0, $3, $4, $5 / 100.0, $6, $7)`, number, s.Merchant.Amount, s.Merchant.Currency, word,
				s.Merchant.SettledAmount, s.Merchant.CreatedAt, s.Merchant.UpdatedAt)
		}
		ts.Check(state.box.Load(state.samples))
	}
}

func execute(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		_, err := sqltest.DB(t, superuserOf(ts)).Exec(ts.ReadFile(args[0]))
		ts.Check(err)
	}
}

func appendLine(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.ReadFile(args[0])+args[1]+"\n"), 0o600))
}
