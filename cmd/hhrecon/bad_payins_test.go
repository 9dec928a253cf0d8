package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// badPayins maps the last two digits of a payin's number to the expected outcome and correction of a bad payin.
var badPayins = map[int]string{
	11: "confirmed locked", 22: "unverifiable none", 33: "unverifiable none",
	44: "confirmed refused", 55: "unreachable none",
}

// TestBadPayins executes a run with locked rows, rows without an amount, duplicate rows, rows that a trigger refuses,
// and payins for which HighHelp answers 403. The run must report each bad payin, settle all other payins, and take only
// a little longer than without bad payins. HHRECON_BAD_PAYINS is the number of payins.
func TestBadPayins(t *testing.T) {
	t.Parallel()
	n := sizeFromEnv(t, "HHRECON_BAD_PAYINS", 300)
	samples := openPayins(n)
	// The last digit of a payin's number selects the kind of payin.
	good := map[int]string{1: "timeout applied", 2: "declined applied", 3: "different_amount applied"}
	want := make(map[string]string, n)
	for i := range samples {
		g := samples[i].Gateway
		g.Status, g.SubStatus = "success", ""
		id, rest := g.PaymentID, i%10
		want[id] = "confirmed applied"
		switch {
		case badPayins[i%100] != "":
			want[id] = badPayins[i%100]
		case good[rest] != "":
			want[id] = good[rest]
			switch rest {
			case 1:
				g.Status, g.SubStatus = "dispute", "no_payment"
			case 2:
				g.Status = "decline"
			case 3:
				g.InitialAmount, g.OldAmount, g.Amount = g.Amount, g.Amount, 140000
			}
		}
	}
	s := newFixture(t, longTimeouts+withoutHold, samples)
	url, _ := s.postgres()
	began := time.Now()
	s.start(url, "run").wantStatus(exitOK).wantOutput("COMPLETE")
	without := time.Since(began)

	url, db := s.postgres()
	s.breakPayins(db)
	tx := db.MustBegin()
	defer func() { _ = tx.Rollback() }()
	if locked := queryCount(t, db, `select count(*) from payins where payment_id ~ '11$'`); locked != int64(n/100) {
		t.Fatalf("%d payins to lock", locked)
	}
	tx.MustExec(`select from payins where payment_id ~ '11$' for update`)
	began = time.Now()
	p := s.start(url, "run").wantStatus(exitUntrusted).wantOutput("PARTIAL",
		fmt.Sprintf("%d REFUSED by the merchant's table, %[1]d LOCKED by another transaction", n/100))
	t.Logf("%d payins: %s without bad ones, %s with\n%s", n, without, time.Since(began), p.out.String())

	_, file, _ := strings.Cut(p.out.String(), "Workbook: ")
	book, err := excelize.OpenFile(filepath.Join(s.dir, strings.TrimSpace(file)))
	must(t, err)
	defer func() { _ = book.Close() }()
	if diff := cmp.Diff(want, listed(t, book, "All payins")); diff != "" {
		t.Errorf("all payins in the workbook (-want +got):\n%s", diff)
	}
	for sheet, words := range map[string][]string{
		"Unresolved": {"unverifiable", "unreachable"}, "Corrections": {"applied", "refused", "locked"},
	} {
		some := maps.Clone(want)
		maps.DeleteFunc(some, func(_, is string) bool {
			return !slices.ContainsFunc(words, func(word string) bool { return strings.Contains(is, word) })
		})
		if diff := cmp.Diff(some, listed(t, book, sheet)); diff != "" {
			t.Errorf("%s in the workbook (-want +got):\n%s", sheet, diff)
		}
	}
	s.start(url, "verify").wantStatus(exitOK)
	for what, query := range map[string]string{
		"corrections that are not in their row": `select count(*) from hhrecon_finding as f 
			where correction = 'applied' and not exists (
				select from payins as p where p.payment_id = f.payment_id and p.status = f.status_after
				and p.sub_status is not distinct from f.sub_status_after
				and p.settled_amount is not distinct from f.settled_amount_after)`,
		"bad payins that were changed": `select count(*) from payins where payment_id ~ '(11|22|33|44|55)$'
			and (status <> 'processing' or updated_at <> created_at)`,
	} {
		if n := queryCount(t, db, query); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

// listed returns the payins in a sheet with their outcomes and corrections.
func listed(t *testing.T, book *excelize.File, sheet string) map[string]string {
	t.Helper()
	rows, err := book.GetRows(sheet)
	must(t, err)
	heading := slices.IndexFunc(rows, func(row []string) bool { return slices.Contains(row, "Payment ID") })
	if heading < 0 {
		t.Fatalf("sheet %s: %q", sheet, rows)
	}
	column := func(row []string, title string) string {
		i := slices.Index(rows[heading], title)
		if i < 0 || i >= len(row) {
			return "none" // the sheet Unresolved has no column for corrections
		}
		return row[i]
	}
	found := make(map[string]string)
	for _, row := range rows[heading+1:] {
		found[column(row, "Payment ID")] = column(row, "Outcome") + " " + column(row, "Correction")
	}
	return found
}

// breakPayins makes some payins of the database bad, in the ways that TestBadPayins describes.
func (s *fixture) breakPayins(db *sqltest.Database) {
	s.t.Helper()
	db.MustExec(`
		alter table payins drop constraint payins_pkey;
		alter table payins alter column amount drop not null;
		create index payins_key on payins (project_id, payment_id);
		update payins set amount = null where payment_id ~ '22$';
		insert into payins select * from payins where payment_id ~ '33$';
		create function refuse() returns trigger language plpgsql as $$
			begin
				if new.payment_id ~ '[02468]44$' then return null; end if;
				raise exception 'no credit today';
			end $$;
		create trigger refuse before update on payins for each row when (new.payment_id ~ '44$') execute function refuse()`)
	for _, sample := range s.samples {
		if id := sample.Merchant.PaymentID; strings.HasSuffix(id, "55") {
			must(s.t, s.box.Inject(sandbox.Fault{Name: "no_json", StatusCode: 403, PaymentID: id}))
		}
	}
}
