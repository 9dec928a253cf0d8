package workbook

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// TestTie checks that a workbook, CSV or JSON is not delivered if its totals differ from those of the database. The
// error must name the wrong total.
func TestTie(t *testing.T) {
	for _, c := range []struct {
		name   string
		tamper func(*reconcile.Finding)
		want   string
	}{
		{"an outcome", func(f *reconcile.Finding) {
			if f.Seq == 3 {
				f.Outcome = reconcile.Pending
			}
		}, "confirmed in KGS: payins: 6 in the findings, 7 in the database's totals"},
		{"a merchant's amount", func(f *reconcile.Finding) {
			if f.Seq == 14 {
				f.Amount++
			}
		}, "declined in KGS: the sum of the merchant's amounts: 130.01 in the findings, 130.00 in the database's totals"},
		{"a paid amount", func(f *reconcile.Finding) {
			if f.Seq == 22 {
				f.PaidAmount--
			}
		}, "different_amount in KWD: the sum of the paid amounts: 12 345.678 in the findings, 12 345.679 in the " +
			"database's totals"},
		{"an initial amount", func(f *reconcile.Finding) { f.InitialAmount *= 2 }, "the sum of the initial amounts"},
		{"an old amount", func(f *reconcile.Finding) { f.OldAmount *= 2 }, "the sum of the old amounts"},
		{"a currency", func(f *reconcile.Finding) {
			if f.Currency == "JPY" {
				f.Currency = "KRW"
			}
		}, "confirmed in KRW: payins: 1 in the findings, 0 in the database's totals"},
		{"a correction", func(f *reconcile.Finding) {
			if f.Correction == reconcile.CorrectionSuperseded {
				f.Correction = reconcile.CorrectionApplied
			}
		}, "disputed in KGS: applied corrections: 1 in the findings, 0 in the database's totals"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := everything()
			s.tamper = c.tamper
			refused(t, s, c.want)
		})
	}
}

// refused checks that Write, WriteCSV and WriteJSON deliver no report, and that each error names the wrong total.
func refused(t *testing.T, s *testArchive, why string) {
	t.Helper()
	unmade(t, s, "the totals of the %s do not agree: ", why)
}

// unmade checks that Write, WriteCSV and WriteJSON deliver no report, and that each error contains both texts.
func unmade(t *testing.T, s *testArchive, says, why string) {
	t.Helper()
	ctx, scope := context.Background(), one(s)
	var out bytes.Buffer
	_, err := Write(ctx, &out, s, scope, bishkek())
	for kind, err := range map[string]error{
		"workbook": err,
		"CSV":      reports.WriteCSV(ctx, &out, s, scope, bishkek()),
		"JSON":     reports.WriteJSON(ctx, &out, s, scope, bishkek()),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf(says, kind)) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want %s", kind, err, why)
		}
	}
	if out.Len() != 0 {
		t.Errorf("%d bytes were delivered", out.Len())
	}
}

func TestSelectedIsFound(t *testing.T) {
	s := everything()
	s.run.Selected++
	refused(t, s, "run 7 selected 26 payins, but has 25 findings")
	s.run.State = reconcile.Interrupted // some payins have no finding yet
	if _, err := Write(context.Background(), io.Discard, s, one(s), bishkek()); err != nil {
		t.Error(err)
	}
}

// TestSumsBeyond64Bits checks that a sum that does not fit in 64 bits is exact and is written as text.
func TestSumsBeyond64Bits(t *testing.T) {
	s := newTestArchive()
	for n := range 3 {
		s.add(payin(n, math.MaxInt64-1, "KGS"), nil, reconcile.ResultNotFound, "HighHelp does not know this payin.")
	}
	f, _ := makeWorkbook(t, s, one(s), excelize.TotalRows)
	const want = "276 701 161 105 643 274.18" // 3 · (2^63 - 2)
	for _, sheet := range []string{summaryTitle, controlTitle} {
		rows, err := f.GetRows(english(sheet))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(rows, func(row []string) bool { return slices.Contains(row, want) }) {
			t.Errorf("%s has no %s: %q", sheet, want, rows)
		}
	}
}

// TestOddCurrencies checks a workbook with unknown currencies, and with more currencies than the bridge has columns.
func TestOddCurrencies(t *testing.T) {
	odd := []string{
		"", " ", "kgs", "KGS ", "K*", "?GS", "<>", ">A", "=1+1", "KGS\x00", "KGS\u200b", "\U0001F4B0", "\"", "XXX", "som",
		strings.Repeat("long", 20_000), strings.Repeat("long", 20_000) + "er",
	}
	s := newTestArchive()
	for i, currency := range append(odd, "KGS", "USD", "EUR", "JPY", "KWD", "RUB", "KZT", "UZS", "TJS", "CNY", "AED") {
		for n := range i + 1 {
			s.add(payin(100*i+n, 150_000, currency), nil, reconcile.ResultNotFound, "HighHelp does not know this payin.")
		}
	}
	f, done := makeWorkbook(t, s, one(s), excelize.TotalRows)
	if len(done.Totals) != len(odd)+11 {
		t.Errorf("%d totals", len(done.Totals))
	}
	rows, err := f.GetRows(english(allTitle))
	if err != nil {
		t.Fatal(err)
	}
	named := make(map[string]int)
	for _, row := range rows[1:] {
		named[row[3]]++
	}
	for i, currency := range odd[:len(odd)-2] {
		if name := reports.CurrencyName(currency); named[name] != i+1 || name == "" {
			t.Errorf("%q is named %q in %d rows", currency, name, named[name])
		}
	}
}

// TestPanic checks that a panic in a report becomes an error that names the report, the run and the cause.
func TestPanic(t *testing.T) {
	s := everything()
	s.tamper = func(f *reconcile.Finding) {
		if f.Seq == 3 {
			_ = s.findings[len(s.findings)]
		}
	}
	unmade(t, s, "the %s of run 7 cannot be written because of a bug in hhrecon: ",
		"index out of range [25] with length 25 (mismatch_test.go, line ")
}
