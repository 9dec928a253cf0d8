package workbook

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// daysOf returns n days of totals. The totals of the last day match the archive's run.
func daysOf(s *testArchive, n int) []reconcile.DailyTotals {
	days := make([]reconcile.DailyTotals, n)
	for i := range days {
		day := at("2026-11-01T00:00:00+06:00").AddDate(0, 0, i+1-n)
		days[i] = reconcile.DailyTotals{Day: day, Runs: 1, Counts: map[reconcile.Outcome]int64{
			reconcile.Confirmed: 400 + int64(i*i%70), reconcile.DifferentAmount: int64(i % 9),
			reconcile.Pending: 30 + int64(i%5), reconcile.Timeout: int64(i * 3 % 11),
		}}
	}
	last := &days[n-1]
	last.Counts = make(map[reconcile.Outcome]int64)
	for _, f := range s.findings {
		last.Counts[f.Outcome]++
	}
	return days
}

// TestDailyTotals checks a row for each day, a column for each outcome that occurred, and a chart.
func TestDailyTotals(t *testing.T) {
	s := everything()
	others := sheetCharts(t, first(makeWorkbook(t, s, one(s), excelize.TotalRows)))
	s.days = daysOf(s, 30)
	f, _ := makeWorkbook(t, s, one(s), excelize.TotalRows)
	if got, want := f.GetSheetList()[:4], []string{english(summaryTitle), english(controlTitle), english(dailyTotalsTitle),
		english(sinceTitle)}; !slices.Equal(got, want) {
		t.Errorf("sheets %q, want %q", got, want)
	}
	if link := cellsOf(t, f); !strings.Contains(link,
		"Daily totals | 30 | Payins by outcome for each of the last 30 days") {
		t.Error("the Summary has no link to the daily totals")
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
		t.Errorf("first day %q, want %q", got, want)
	}
	if last := table[30]; last[0] != "2026-11-01" || last[2] != "25" {
		t.Errorf("last day %q", last)
	}
	if charts := sheetCharts(t, f); charts != others+1 {
		t.Errorf("%d charts, and %d without daily totals", charts, others)
	}
}

// sameWords compares two lists of words regardless of order.
func sameWords(a, b string) bool {
	one, other := strings.Fields(a), strings.Fields(b)
	slices.Sort(one)
	slices.Sort(other)
	return slices.Equal(one, other)
}

// TestOneDay checks that one day has a table without a chart, and that the sheet is missing if there is no day.
func TestOneDay(t *testing.T) {
	s := everything()
	before := sheetCharts(t, first(makeWorkbook(t, s, one(s), excelize.TotalRows)))
	s.days = daysOf(s, 1)
	f, _ := makeWorkbook(t, s, one(s), excelize.TotalRows)
	if after := sheetCharts(t, f); after != before {
		t.Errorf("%d charts, %d without daily totals", after, before)
	}
	if cell, err := f.GetCellValue(english(dailyTotalsTitle), "A1"); err != nil || cell != "Payins by outcome, one day" {
		t.Errorf("%q, %v", cell, err)
	}
	if cell, err := f.GetCellValue(english(dailyTotalsTitle), "A6"); err != nil || cell != "2026-11-01" {
		t.Errorf("%q, %v", cell, err)
	}
	s.days = nil
	f, _ = makeWorkbook(t, s, one(s), excelize.TotalRows)
	if slices.Contains(f.GetSheetList(), english(dailyTotalsTitle)) {
		t.Error("there is a sheet without days")
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

// TestDailyTotalsTie checks that a workbook is not delivered if the totals of a day differ from the totals of
// the day's only run.
func TestDailyTotalsTie(t *testing.T) {
	s := everything()
	s.days = daysOf(s, 3)
	s.days[2].Counts[reconcile.Confirmed]--
	untied(t, s, "the daily totals do not agree: the number of confirmed payins is 8 in run 7, but 7 in the totals "+
		"of its day")
	s.days = daysOf(s, 3)
	s.days[2].Counts["unknown"] = 1
	untied(t, s, "the daily totals do not agree: run 7 has 25 payins, but its day has 26")
	s.days[2].Runs = 2 // another run contributes to the totals of the day
	makeWorkbook(t, s, one(s), excelize.TotalRows)
}

// untied checks that Write writes nothing and returns an error with the given reason.
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
