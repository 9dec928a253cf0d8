package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
)

// merchantSchema is a merchant's database in sql/merchant/testdata. The file has three parts: the schema; statements
// that insert rows from the table sample and rows that hhrecon must ignore; and a query for the rows of all payins. The
// expected values are independent of the program.
type merchantSchema struct {
	file     string
	id       string   // format of the ids, with the payin's number; "" for ids of all kinds
	flags    []string // of hhrecon init
	words    string   // for HighHelp's processing, dispute, error, success and decline
	table    string
	columns  []string // columns that corrections or the merchant's triggers may change
	log      string   // table to which a trigger writes each change of a row
	projects []string // IDs of the projects; default: one project
	age      time.Duration
	question []string // question that hhrecon init asks without the last flag
}

const secondProject = "0cb4b0f0-7a4c-4b5e-9a51-1d0c3c1f7c11"

var merchantSchemas = []merchantSchema{
	{
		file: "orders", id: "order-%d", flags: []string{"--column", "payment_id='order-' || id"},
		words: "processing,processing,processing,paid,cancelled",
		table: "orders", columns: []string{"status", "status_reason", "paid_total", "updated_at"},
	},
	{
		file: "enum_uuid", id: "0b3f7d1e-0000-4000-8000-%012d",
		words: "in_progress,dispute,error,paid,declined",
		table: "payments", columns: []string{"state", "state_details", "paid_tiyin", "modified_at"}, log: "payment_events",
	},
	{
		file: "lookup", id: "DEP%08d", words: "PROCESSING,APPEAL,ERROR,PAID,DECLINED",
		table: "deposits", columns: []string{"status_id", "sub_status", "settled_minor", "updated_at"},
	},
	{
		file: "two_projects", id: "T-%d", flags: []string{"--column", "payment_id=order_ref"},
		words: "в обработке,спор,ошибка,успешно,отклонен",
		table: "transactions", columns: []string{"status", "sub_status", "settled_amount", "updated_at"},
		projects: []string{demoProject, secondProject},
	},
	{
		file: "local_times", id: "INV/%d", words: "processing,dispute,error,completed,rejected",
		table: "invoices", columns: []string{"status", "sub_status", "paid_sum", "modified"}, age: 20 * time.Hour,
		flags: []string{"--column", "payment_id=invoice_no", "--timezone", "Asia/Bishkek"},
		question: []string{"Which time zone do the times in column created of public.invoices have?",
			"--timezone '"},
	},
	{
		file:  "no_updated_at",
		flags: []string{"--status", "failed_technical=error", "--column", "payment_id=reference"},
		words: "in_process,disputed,failed_technical,done,failed",
		table: "topups", columns: []string{"status", "status_details", "received_som"}, log: "topup_changes",
	},
	{
		file: "no_settled", words: "IN_PROGRESS,DISPUTED,ERROR,SUCCESS,CANCELED",
		table: "deposits", columns: []string{"status", "substatus", "updated_at"},
	},
	{
		file: "soft_deletes", id: "T%06d", words: "processing,dispute,error,paid,declined",
		table: "payments", columns: []string{"status", "received_amount", "updated_at"},
	},
	{
		file: "partitioned", flags: []string{"--column", "payment_id=provider_ref", "--column", "project_id=none"},
		words: "processing,processing,processing,succeeded,failed",
		table: "payments", columns: []string{"status", "updated_at"},
	},
	{
		file: "camel_case", flags: []string{"--column", "payment_id=OrderNumber"},
		words:   "InProgress,Disputed,InProgress,Completed,Rejected",
		table:   `"Billing"."PaymentOrders"`,
		columns: []string{"Status", "SubStatus", "PaidAmount", "UpdatedAt", "RowVersion"},
	},
}

// storedPayin is a payin in the merchant's table. The amount is in minor units.
type storedPayin struct {
	Status, SubStatus string
	Settled           int64     // 0 if the table has none
	ChangedAt         time.Time // the zero time if the table has none
}

// expected returns the row that must result from HighHelp's answer by the rules, without the time of the change.
func (m *merchantSchema) expected(s sandbox.Sample, before storedPayin) storedPayin {
	status, sub, settled := "", "", int64(0)
	switch s.Outcome {
	case "confirmed":
		status, settled = "success", s.Gateway.Amount
	case "different_amount":
		if status, sub = s.Gateway.Status, s.Gateway.SubStatus; status == "success" { // a person decides
			status, sub, settled = "dispute", "different_amount", s.Gateway.Amount
		}
	case "timeout", "disputed", "pending", "declined", "rejected":
		status, sub = s.Gateway.Status, s.Gateway.SubStatus
	case "not_found", "unreachable", "unverifiable", "reversed":
		return before
	}
	if s.Merchant.Final() {
		return before
	}
	highhelp := []string{"processing", "dispute", "error", "success", "decline"}
	word := strings.Split(m.words, ",")[slices.Index(highhelp, status)]
	return storedPayin{word, sub, settled, before.ChangedAt}
}

// TestMerchantSchemas checks that init maps each schema, and that the first run and its undo write every row correctly.
// Before init, the database user may only read. After init, the user has the rights that init prints.
func TestMerchantSchemas(t *testing.T) {
	t.Parallel()
	for _, m := range merchantSchemas {
		t.Run(m.file, func(t *testing.T) {
			t.Parallel()
			s := newMerchant(t, &m)
			if m.question != nil {
				s.init("unknown", m.flags[:len(m.flags)-2]...).wantStatus(exitUsage).wantOutput(m.question...)
				if _, err := os.Stat(filepath.Join(s.dir, "unknown")); err == nil {
					t.Error("init wrote a folder")
				}
			}
			s.setUp()
			s.initWithKeys()
			s.start(s.user, "check").wantStatus(exitOK)
			before := s.stored()
			s.night()
			after := s.stored()
			s.start(s.user, "run").wantStatus(exitUntrusted)
			compare(t, "after a second run", after, s.stored())
			for run := range s.projects {
				s.start(s.user, "undo", fmt.Sprint(run+1), "--by", "Aida", "--note", "test").wantStatus(exitOK)
			}
			undone := s.stored()
			for id, row := range undone { // a trigger may have set the time
				row.ChangedAt = before[id].ChangedAt
				undone[id] = row
			}
			compare(t, "after the undo", before, undone)
		})
	}
}

// night executes one run, and compares every row of the merchant's table with the expected row.
func (s *schemaFixture) night() {
	s.t.Helper()
	before, tables := s.stored(), s.tables()
	start := time.Now().Add(-time.Second)
	s.start(s.user, "run", "--json").wantStatus(exitUntrusted)
	after, end := s.stored(), time.Now().Add(time.Second)
	want, outcomes, changed := maps.Clone(before), make(map[string]string), 0
	for _, sample := range s.samples[:200] {
		id := sample.Merchant.PaymentID
		row := s.expected(sample, before[id])
		outcomes[id] = sample.Outcome + " none"
		if row != before[id] {
			changed++
			outcomes[id] = sample.Outcome + " applied"
			if at := after[id].ChangedAt; at.IsZero() || at.After(start) && at.Before(end) {
				row.ChangedAt = at
			}
		}
		want[id] = row
	}
	compare(s.t, "rows", want, after)
	for name, rows := range s.tables() {
		if name == s.log {
			if n := len(rows) - len(tables[name]); n != changed {
				s.t.Errorf("%s has %d new rows, and %d payins have changed", name, n, changed)
			}
		} else if !slices.Equal(rows, tables[name]) {
			s.t.Errorf("other columns or tables have changed: %s", name)
		}
	}
	var findings []struct {
		ID     string `db:"payment_id"`
		Result string `db:"result"`
	}
	must(s.t, s.db.Select(&findings, "select payment_id, outcome || ' ' || correction as result from hhrecon_finding"))
	found := make(map[string]string)
	for _, f := range findings {
		found[f.ID] = f.Result
	}
	if len(findings) != 200 {
		s.t.Errorf("%d findings", len(findings))
	}
	compare(s.t, "findings", outcomes, found)
}

// compare fails the test if two maps differ.
func compare[V comparable](t *testing.T, what string, want, got map[string]V) {
	t.Helper()
	for id, row := range want {
		if got[id] != row {
			t.Errorf("%s: %s: got %+v, want %+v", what, id, got[id], row)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: got %d, want %d", what, len(got), len(want))
	}
}
