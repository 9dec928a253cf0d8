package workbook

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/totals"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares a text with the given file in the folder testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func makeWorkbook(t *testing.T, s *testArchive, scope reconcile.ReportScope, maxRows int) (*excelize.File, Summary) {
	t.Helper()
	return workbookWith(t, s, scope, bishkek(), maxRows)
}

func workbookWith(
	t *testing.T, s *testArchive, scope reconcile.ReportScope, o reports.Options, maxRows int,
) (*excelize.File, Summary) {
	t.Helper()
	var out bytes.Buffer
	summary, err := write(context.Background(), &out, s, scope, o, testHooks{maxRows: maxRows})
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("HHRECON_KEEP_REPORTS"); dir != "" { // keeps the workbooks, so a person can inspect them
		name := strings.ReplaceAll(t.Name(), "/", "-") + ".xlsx"
		if err := os.WriteFile(filepath.Join(dir, name), out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, summary
}

// cellsOf returns a workbook's cells as text, as Excel shows them.
func cellsOf(t *testing.T, f *excelize.File) string {
	t.Helper()
	var text strings.Builder
	for _, sheet := range f.GetSheetList() {
		fmt.Fprintf(&text, "== %s ==\n", sheet)
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j, value := range row {
				if len(value) > 300 {
					value = value[:100] + " … " + value[len(value)-100:]
				}
				row[j] = strings.ReplaceAll(value, "\n", `\n`)
			}
			fmt.Fprintf(&text, "%d| %s\n", i+1, strings.TrimRight(strings.Join(row, " | "), " |"))
		}
	}
	return text.String()
}

func TestWorkbook(t *testing.T) {
	interrupted := everything()
	interrupted.run.State, interrupted.run.Note, interrupted.run.ClosedAt = reconcile.Interrupted,
		reconcile.Because("run.stopped_by_signal"), time.Time{}
	interrupted.findings = interrupted.findings[:4]
	held, released, discarded := heldArchive(), heldArchive(), heldArchive()
	released.run.State, discarded.run.State = reconcile.Released, reconcile.Discarded
	for _, s := range []*testArchive{released, discarded} {
		s.findings, s.run.Selected, s.run.Impact.Answered = s.findings[6:9], 3, 3
	}
	partial := newTestArchive()
	for n, result := range []reconcile.Result{reconcile.ResultAnswered, reconcile.ResultUnreachable,
		reconcile.ResultNotAsked, reconcile.ResultNotAsked} {
		p := payin(n, 150000, "KGS")
		if result == reconcile.ResultAnswered {
			partial.add(p, theirs(p, "success", "", 150000, 150000, 150000), result, "Paid as asked: 1 500.00 KGS.")
			continue
		}
		partial.add(p, nil, result, map[reconcile.Result]string{
			reconcile.ResultUnreachable: "No usable answer from HighHelp: 503 Service Unavailable after 6 tries.",
			reconcile.ResultNotAsked:    "No usable answer from HighHelp: it was not asked, being down for too long.",
		}[result])
		partial.run.Impact.Answered--
	}
	dry := everything()
	dry.run.DryRun = true
	for i := range dry.findings {
		if dry.findings[i].Changes {
			dry.findings[i].Correction = reconcile.CorrectionDryRun
		}
	}
	period := reconcile.ReportScope{Window: reconcile.Window{From: at("2026-11-01T00:00:00+06:00"),
		To: at("2026-12-01T00:00:00+06:00")}}
	for _, c := range []struct {
		name  string
		shelf *testArchive
		scope reconcile.ReportScope
	}{
		{"everything", everything(), one(everything())},
		{"empty", newTestArchive(), one(newTestArchive())},
		{"interrupted", interrupted, one(interrupted)},
		{"held", held, one(held)},
		{"released", released, one(released)},
		{"discarded", discarded, one(discarded)},
		{"partial", partial, one(partial)},
		{"dry", dry, one(dry)},
		{"period", everything(), period},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, _ := makeWorkbook(t, c.shelf, c.scope, excelize.TotalRows)
			golden(t, c.name+".txt", cellsOf(t, f))
		})
	}
}

// heldArchive returns the archive of the function everything, with a held run.
func heldArchive() *testArchive {
	held := everything()
	held.run.State, held.run.Note = reconcile.Held, reconcile.Because(
		"hold.share", reconcile.Because("class.declines"), int64(120), int64(200), "50")
	for i := range held.findings {
		if held.findings[i].Changes {
			held.findings[i].Correction = reconcile.CorrectionHeld
		}
	}
	return held
}

// TestEqualBytes checks that the same input always gives the same bytes, although excelize keeps streams in a map.
func TestEqualBytes(t *testing.T) {
	var first []byte
	for range 8 {
		var out bytes.Buffer
		if _, err := Write(context.Background(), &out, everything(), one(everything()), bishkek()); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = out.Bytes()
		}
		if !bytes.Equal(first, out.Bytes()) {
			t.Fatal("equal input gave different bytes")
		}
	}
}

func TestSummaryOfWorkbook(t *testing.T) {
	s := everything()
	_, got := makeWorkbook(t, s, one(s), excelize.TotalRows)
	sums, err := s.Totals(context.Background(), one(s))
	if err != nil {
		t.Fatal(err)
	}
	want := Summary{
		Totals: totals.InOrder(sums), Payins: s.run.Selected, Unresolved: 1, Waiting: 3, Support: 10,
		Coverage: reports.Coverage{Answered: 23, Unanswered: 2}, Largest: got.Largest, Run: &s.run,
		Sheets: []SheetRows{
			{"Control", 1 + 7*int64(len(sums))}, {"Since previous run", 0}, {"Different amounts", 6}, {"Timeouts", 4},
			{"For HighHelp support", 10},
			{"Corrections", 18}, {"Unresolved", 6}, {"All payins", 25}, {"Legend", 44},
		},
	}
	if len(got.Largest) != 6 {
		t.Errorf("%d largest differences", len(got.Largest))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

// TestSheetsContinue checks that a sheet continues in another worksheet if its worksheet is full. The next worksheet
// has the same header, filter and print titles.
func TestSheetsContinue(t *testing.T) {
	s := everything()
	f, summary := makeWorkbook(t, s, one(s), 11)
	want := []string{
		"Summary", "Control", "Since previous run", "Different amounts", "Timeouts", "For HighHelp support", "Corrections",
		"Corrections (2)",
		"Unresolved", "All payins", "All payins (2)", "All payins (3)", "Legend", "Legend (2)", "Legend (3)", "Legend (4)",
		"Legend (5)",
	}
	if diff := cmp.Diff(want, f.GetSheetList()); diff != "" {
		t.Fatalf("sheets (-want +got):\n%s", diff)
	}
	var rows int64
	for _, name := range want[9:12] {
		lines, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		if lines[0][1] != "Payment ID" || len(lines) > 11 {
			t.Errorf("%s has %d rows under %q", name, len(lines), lines[0])
		}
		rows += int64(len(lines) - 1)
	}
	if rows != s.run.Selected || summary.Sheets[7].Rows != rows {
		t.Errorf("%d rows, %d in the summary, %d selected", rows, summary.Sheets[6].Rows, s.run.Selected)
	}
	repeated := 0
	for _, name := range f.GetDefinedName() {
		if name.Name == "_xlnm.Print_Titles" {
			repeated++
			if want := "'" + name.Scope + "'!$1:$1"; !strings.HasSuffix(name.RefersTo, want) {
				t.Errorf("%s repeats %s", name.Scope, name.RefersTo)
			}
		}
	}
	if repeated != len(want)-1 {
		t.Errorf("%d sheets repeat their header, not %d", repeated, len(want)-1)
	}
}

// TestNoPartialReport checks that a failed report writes nothing to its writer.
func TestNoPartialReport(t *testing.T) {
	s := everything()
	ctx, stop := context.WithCancel(context.Background())
	stop()
	var out bytes.Buffer
	if _, err := Write(ctx, &out, s, one(s), bishkek()); !errors.Is(err, context.Canceled) {
		t.Errorf("workbook: %v", err)
	}
	if err := reports.WriteCSV(ctx, &out, s, one(s), bishkek()); !errors.Is(err, context.Canceled) {
		t.Errorf("CSV: %v", err)
	}
	if err := reports.WriteJSON(ctx, &out, s, one(s), bishkek()); !errors.Is(err, context.Canceled) {
		t.Errorf("JSON: %v", err)
	}
	if out.Len() != 0 {
		t.Errorf("%d bytes were delivered", out.Len())
	}
}
