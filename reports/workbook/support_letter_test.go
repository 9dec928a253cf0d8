package workbook

import (
	"context"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// marked is a SupportStore that contains one case.
type marked struct{ reconcile.SupportCase }

func (m marked) SaveSupportCases(context.Context, []reconcile.SupportCase) error { return nil }

func (m marked) SupportCases(context.Context, string) (map[reconcile.SupportKey]reconcile.SupportCase, error) {
	return map[reconcile.SupportKey]reconcile.SupportCase{m.Key(): m.SupportCase}, nil
}

func (m marked) SupportCasesOf(ctx context.Context,
	_ []reconcile.SupportKey) (map[reconcile.SupportKey]reconcile.SupportCase, error) {
	return m.SupportCases(ctx, "")
}

// TestSupportCases checks that a saved support state is valid only while HighHelp's answer is the same. A payin without
// a question is not a case.
func TestSupportCases(t *testing.T) {
	s := newTestArchive()
	asked := payin(1, 500_000, "KGS")
	f := s.add(asked, theirs(asked, "dispute", "others", 500_000, 500_000, 700_000), reconcile.ResultAnswered, "")
	fine := payin(2, 1000, "KGS")
	s.add(fine, theirs(fine, "decline", "", 1000, 1000, 1000), reconcile.ResultAnswered, "")
	mark := reconcile.SupportCase{ProjectID: f.ProjectID, PaymentID: f.PaymentID, Answer: f.SupportAnswer(),
		State: reconcile.SupportSent}
	for _, c := range []struct {
		word string
		want reconcile.SupportState
	}{{mark.Answer, reconcile.SupportSent}, {"disputed dispute:others 1 1 1", reconcile.SupportNew}} {
		mark.Answer = c.word
		cases, err := reports.SupportCases(t.Context(), s, marked{mark}, reconcile.ReportScope{RunID: f.RunID})
		if err != nil || len(cases) != 1 || cases[0].State != c.want {
			t.Errorf("marked about %q: %+v, %v", c.word, cases, err)
		}
	}
}

// TestSupportLetter checks that the letter has every amount and both time zones, and that untrusted text cannot break a
// line or become a formula.
func TestSupportLetter(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Bishkek")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 20, 30, 0, 0, time.UTC)
	f := reconcile.Finding{
		Payin: reconcile.Payin{ProjectID: "p", PaymentID: "=cmd\n2. payment_id forged", Amount: 500_000,
			Currency: "KGS", CreatedAt: at},
		InitialAmount: 300_000, OldAmount: 500_000, PaidAmount: 700_000, ProviderStatus: "dispute",
		ProviderSubStatus: "others", CheckedAt: at,
	}
	cases := []reports.Case{{Finding: f, Question: "What happened?", State: reconcile.SupportNew}}
	var letter, table strings.Builder
	if err := reports.WriteSupportLetter(&letter, cases, reports.Options{Zone: zone}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"1. payment_id =cmd 2. payment_id forged\n   request_id –\n",
		"our amount: 5 000.00 KGS; yours: initial 3 000.00 KGS, old 5 000.00 KGS, paid 7 000.00 KGS",
		"created 2026-11-23T02:30:00+06:00 (2026-11-22 20:30:00 UTC); expires –;", "What happened?",
	} {
		if !strings.Contains(letter.String(), want) {
			t.Errorf("the letter lacks %q:\n%s", want, letter.String())
		}
	}
	if err := reports.WriteSupportCSV(&table, cases, reports.Options{Zone: zone}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table.String(), "\uFEFF"))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	got := strings.Join(rows[1][4:14], "|")
	if want := "'=cmd\n2. payment_id forged||dispute:others|KGS|5000.00|3000.00|5000.00|7000.00|2026-11-23 " +
		"02:30:00|2026-11-22 20:30:00"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
