package workbook

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// nightsOf are nights up to that of the shelf's run.
func nightsOf(s *testArchive, n int) []reconcile.DailyTotals {
	nights := make([]reconcile.DailyTotals, n)
	for i := range nights {
		day := at("2026-11-01T00:00:00+06:00").AddDate(0, 0, i+1-n)
		nights[i] = reconcile.DailyTotals{Day: day, Runs: 1, Counts: map[reconcile.Outcome]int64{
			reconcile.Confirmed: 400 + int64(i*i%70), reconcile.DifferentAmount: int64(i % 9),
			reconcile.Pending: 30 + int64(i%5), reconcile.Timeout: int64(i * 3 % 11),
		}}
	}
	last := &nights[n-1]
	last.Counts = make(map[reconcile.Outcome]int64)
	for _, f := range s.findings {
		last.Counts[f.Outcome]++
	}
	return nights
}

// TestNights: a row a night, a column for each outcome that there was, and a chart of them from the second night on.
func TestNights(t *testing.T) {
	s := everything()
	others := sheetCharts(t, first(makeWorkbook(t, s, one(s), excelize.TotalRows)))
	s.nights = nightsOf(s, 30)
	f, _ := makeWorkbook(t, s, one(s), excelize.TotalRows)
	if got, want := f.GetSheetList()[:4], []string{english(summaryTitle), english(controlTitle), english(dailyTotalsTitle),
		english(sinceTitle)}; !slices.Equal(got, want) {
		t.Errorf("sheets %q, want %q", got, want)
	}
	if link := cellsOf(t, f); !strings.Contains(link,
		"Daily totals | 30 | Payins by outcome for each of the last 30 days") {
		t.Error("the Summary does not lead to the nights")
	}
	rows, err := f.GetRows(english(dailyTotalsTitle))
	if err != nil {
		t.Fatal(err)
	}
	table := rows[dayTableRow-1:]
	if len(table) != 31 {
		t.Fatalf("%d rows: %q", len(table), table)
	}
	if got, want := strings.Join(table[0], " "),
		"Day Runs Payins confirmed different_amount timeout disputed declined rejected pending reversed not_found "+
			"unverifiable unreachable"; !sameWords(got, want) {
		t.Errorf("header %q, want %q", got, want)
	}
	if got, want := strings.Join(table[1][:4], " "), "2026-10-03 1 430 400"; got != want {
		t.Errorf("first night %q, want %q", got, want)
	}
	if last := table[30]; last[0] != "2026-11-01" || last[2] != "25" {
		t.Errorf("last night %q", last)
	}
	if charts := sheetCharts(t, f); charts != others+1 {
		t.Errorf("%d charts, and %d without nights", charts, others)
	}
}

// sameWords compares without looking at the order.
func sameWords(a, b string) bool {
	one, other := strings.Fields(a), strings.Fields(b)
	slices.Sort(one)
	slices.Sort(other)
	return slices.Equal(one, other)
}

// TestOneNight has a table and no chart; no night has no sheet.
func TestOneNight(t *testing.T) {
	s := everything()
	before := sheetCharts(t, first(makeWorkbook(t, s, one(s), excelize.TotalRows)))
	s.nights = nightsOf(s, 1)
	f, _ := makeWorkbook(t, s, one(s), excelize.TotalRows)
	if after := sheetCharts(t, f); after != before {
		t.Errorf("%d charts, %d without nights", after, before)
	}
	if cell, err := f.GetCellValue(english(dailyTotalsTitle), "A1"); err != nil || cell != "Payins by outcome, one day" {
		t.Errorf("%q, %v", cell, err)
	}
	if cell, err := f.GetCellValue(english(dailyTotalsTitle), "A6"); err != nil || cell != "2026-11-01" {
		t.Errorf("%q, %v", cell, err)
	}
	s.nights = nil
	f, _ = makeWorkbook(t, s, one(s), excelize.TotalRows)
	if slices.Contains(f.GetSheetList(), english(dailyTotalsTitle)) {
		t.Error("a sheet without a night")
	}
}

func first(f *excelize.File, _ Summary) *excelize.File { return f }

// sheetCharts counts the charts in the file.
func sheetCharts(t *testing.T, f *excelize.File) int {
	t.Helper()
	n := 0
	f.Pkg.Range(func(name, _ any) bool {
		if strings.HasPrefix(name.(string), "xl/charts/chart") {
			n++
		}
		return true
	})
	return n
}

// TestNightsTie: a night that is not as its run is delivers nothing.
func TestNightsTie(t *testing.T) {
	s := everything()
	s.nights = nightsOf(s, 3)
	s.nights[2].Counts[reconcile.Confirmed]--
	untied(t, s, "the nights do not tie: confirmed: 8 payins in the totals of run 7, 7 in those of its night")
	s.nights = nightsOf(s, 3)
	s.nights[2].Counts["unknown"] = 1
	untied(t, s, "the nights do not tie: run 7 has 25 payins, its night 26")
	s.nights[2].Runs = 2 // another one of the same day has its part in it
	makeWorkbook(t, s, one(s), excelize.TotalRows)
}

// untied makes sure that a workbook is refused for a reason, and that not one byte is delivered.
func untied(t *testing.T, s *testArchive, why string) {
	t.Helper()
	untiedIn(t, s, one(s), why)
}

func untiedIn(t *testing.T, s *testArchive, scope reconcile.ReportScope, why string) {
	t.Helper()
	var out bytes.Buffer
	if _, err := Write(t.Context(), &out, s, scope, bishkek()); err == nil || err.Error() != why || out.Len() > 0 {
		t.Errorf("%v, %d bytes; want %s", err, out.Len(), why)
	}
}
