package workbook

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

// earlier is a ReportFinder that finds one report. The report is about the scope in the field scope.
type earlier struct {
	*testArchive
	scope reconcile.ReportScope
}

func (e earlier) Report(context.Context, int64) (reconcile.Report, error) {
	return reconcile.Report{ID: 3, BaseID: 3, Scope: e.scope}, nil
}

func (e earlier) Run(_ context.Context, id int64) (reconcile.Run, error) {
	return reconcile.Run{ID: id, ProjectID: somProject, StartedAt: at("2026-10-31T02:30:00+06:00")}, nil
}

// corrects returns the options for the second corrected version of a report.
func (s *testArchive) corrects(t *testing.T, base, scope reconcile.ReportScope) reports.Options {
	t.Helper()
	e := earlier{s, base}
	o, err := bishkek().For(context.Background(), e, e, &reconcile.Report{ID: 5, BaseID: 3, Version: 2, Scope: scope})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestCorrection checks that a corrected report lists only differences and names the earlier report. The corrected
// report must omit other payins of its run and open payins that became too old for the period.
func TestCorrection(t *testing.T) {
	s := everything()
	s.findings = s.findings[6:9]
	scope := one(s)
	refused(t, s, "selected 25 payins, but has 3 findings")
	scope.Correction = 5
	if err := reports.WriteCSV(context.Background(), io.Discard, s, scope, bishkek()); !errors.Is(err,
		reports.ErrNoVersion) {
		t.Errorf("a correction without a corrected report: %v", err)
	}
	o := s.corrects(t, reconcile.ReportScope{RunID: 4}, scope)
	f, summary := workbookWith(t, s, scope, o, 1_000_000)
	if summary.Payins != 3 || summary.Unresolved != 0 || summary.Run.ID != 7 {
		t.Errorf("%+v", summary)
	}
	cells := cellsOf(t, f)
	for _, want := range []string{"Correction 2 | to the report on run 4 of 2026-10-31", "Payins listed | 3",
		"Payins listed 3 = sum of outcomes 3 ✓"} {
		if !strings.Contains(cells, want) {
			t.Errorf("no %q in:\n%s", want, cells)
		}
	}
	properties, err := f.GetDocProps()
	if err != nil || !strings.HasPrefix(properties.Title,
		"Correction 2 to the report on run 4 of 2026-10-31 · Som widget") {
		t.Errorf("title %+v, %v", properties, err)
	}
	if got, want := reports.FileName(s.run, o, "xlsx"),
		"hhrecon-som-widget-run-4-2026-10-31-correction-2.xlsx"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestCorrectionOfAPeriod checks that the corrected report of a period is named after the period.
func TestCorrectionOfAPeriod(t *testing.T) {
	s := everything()
	october := reconcile.ReportScope{ProjectID: somProject,
		Window: reconcile.Window{From: at("2026-10-01T00:00:00+06:00"), To: at("2026-11-01T00:00:00+06:00")}}
	scope := october
	scope.Correction = 5
	f, _ := workbookWith(t, s, scope, s.corrects(t, october, scope), 1_000_000)
	if want := "Correction 2 | to the report for 2026-10-01 to 2026-10-31"; !strings.Contains(cellsOf(t, f), want) {
		t.Errorf("no %q in:\n%s", want, cellsOf(t, f))
	}
}

// TestLargest checks the ten largest differences, compared in major units regardless of the currency. Equal differences
// stay in the order of the payins.
func TestLargest(t *testing.T) {
	s := newTestArchive()
	for n, d := range []int64{5, -70, 0, 3, -3, 8, 9, 1, 2, 4, 6, 7, 10, 11} {
		p := payin(n, 150000, "KGS")
		s.add(p, theirs(p, "success", "", 150000, 150000, 150000+d), reconcile.ResultAnswered, "")
	}
	yen := payin(20, 1000, "JPY")
	s.add(yen, theirs(yen, "success", "", 1000, 1000, 1001), reconcile.ResultAnswered, "") // 1 JPY is more than 0.70 KGS
	unanswered := payin(21, 9_000_000, "KGS")
	s.add(unanswered, nil, reconcile.ResultUnreachable, "")
	s.run.Impact.Answered--
	_, summary := makeWorkbook(t, s, one(s), 1_000_000)
	var got []int64
	for _, f := range summary.Largest {
		got = append(got, f.PaidAmount-f.Amount)
	}
	if want := []int64{1, -70, 11, 10, 9, 8, 7, 6, 5, 4}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	s.findings = s.findings[2:5]
	scope := one(s)
	scope.Correction = 1
	if _, summary = workbookWith(t, s, scope, s.corrects(t, one(s), scope), 1_000_000); len(summary.Largest) != 2 ||
		summary.Largest[0].PaidAmount < 150000 {
		t.Errorf("%+v", summary.Largest)
	}
}

// TestChanges checks that a corrected report shows what was reported earlier and what is reported now about each payin,
// in each language. If the payins do not agree, the report must not be delivered.
func TestChanges(t *testing.T) {
	s := everything()
	s.findings = s.findings[6:9]
	first, second := &s.findings[0], &s.findings[1]
	s.reported = map[string]reconcile.Reported{
		first.PaymentID: {RunID: 4, Currency: first.Currency, Amount: first.Amount, Outcome: reconcile.Confirmed,
			PaidAmount: first.Amount, SettledAmount: first.Amount},
		second.PaymentID: {RunID: 3, Currency: "USD", Amount: 100, Outcome: reconcile.Unreachable},
	}
	scope := one(s)
	scope.Correction = 5
	var text strings.Builder
	for _, language := range i18n.Languages {
		t.Run(language, func(t *testing.T) {
			o := s.corrects(t, reconcile.ReportScope{RunID: 4}, scope)
			o.Language = language
			f, _ := workbookWith(t, s, scope, o, excelize.TotalRows)
			for _, sheet := range f.GetSheetList() {
				(&room{t: t, f: f, sheet: sheet}).check()
				if sheet != textIn(t, language, changesTitle) {
					if err := f.DeleteSheet(sheet); err != nil {
						t.Fatal(err)
					}
				}
			}
			text.WriteString(cellsOf(t, f))
		})
	}
	golden(t, "changes.txt", text.String())

	want := "the totals do not agree: the earlier reports have 0 of 3 payins: write the report again"
	if _, err := Write(t.Context(), io.Discard, mute{s}, scope,
		s.corrects(t, reconcile.ReportScope{RunID: 4}, scope)); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	s = everything() // a period's report also has the project
	october := reconcile.ReportScope{Window: reconcile.Window{From: at("2026-10-01T00:00:00+06:00"),
		To: at("2026-11-01T00:00:00+06:00")}}
	scope = october
	scope.Correction = 5
	f, _ := workbookWith(t, s, scope, s.corrects(t, october, scope), excelize.TotalRows)
	rows, err := f.GetRows(english(changesTitle))
	if err != nil || len(rows) != 1+len(s.findings) || rows[0][0] != "Project" || rows[1][1] != s.findings[0].PaymentID {
		t.Errorf("%q, %v", rows, err)
	}
	f, _ = makeWorkbook(t, everything(), one(s), excelize.TotalRows)
	if slices.Contains(f.GetSheetList(), english(changesTitle)) {
		t.Error("a report that is not a correction has the sheet of changes")
	}
}

// mute is an archive whose method Changes returns no changes.
type mute struct{ *testArchive }

func (mute) Changes(context.Context, reconcile.ReportScope) iter.Seq2[reconcile.Change, error] {
	return func(func(reconcile.Change, error) bool) {}
}
