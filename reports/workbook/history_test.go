package workbook

import (
	"fmt"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// november is a period that ends with the run of the archive that the function everything returns.
var november = reconcile.ReportScope{Window: reconcile.Window{From: at("2026-10-30T00:00:00+06:00"),
	To: at("2026-12-01T00:00:00+06:00")}}

// threeRuns returns the archive of the function everything, with two earlier runs. In these runs, some
// payins have other findings.
func threeRuns() *testArchive {
	s := everything()
	entry := func(n int, outcome reconcile.Outcome, paid int64) reconcile.HistoryEntry {
		return reconcile.HistoryEntry{
			RunID: int64(4 + n), StartedAt: at("2026-10-29T02:30:00+06:00").AddDate(0, 0, n), Outcome: outcome, PaidAmount: paid,
		}
	}
	act := func(kind reconcile.ActionKind, result reconcile.Correction, status string) reconcile.Action {
		return reconcile.Action{Kind: kind, At: at("2026-10-31T20:00:00Z"), By: "Aida", Result: result,
			After: reconcile.State{Status: status}}
	}
	last := func(payin, applied int, entries []reconcile.HistoryEntry, actions ...reconcile.Action) {
		f := &s.findings[payin]
		s.histories = append(s.histories, reconcile.PayinHistory{
			ProjectID: f.ProjectID, PaymentID: f.PaymentID, Currency: f.Currency, Amount: f.Amount, Runs: 3,
			Applied: int64(applied),
			Entries: append(entries, entry(3, f.Outcome, f.PaidAmount)), Actions: actions,
		})
	}
	last(0, 2, []reconcile.HistoryEntry{entry(1, reconcile.Pending, 150000), entry(2, reconcile.DifferentAmount, 200000)})
	last(6, 1, []reconcile.HistoryEntry{entry(1, reconcile.DifferentAmount, 500000),
		entry(2, reconcile.DifferentAmount, 300000)},
		act(reconcile.ActionUndo, reconcile.CorrectionApplied, "processing"),
		act(reconcile.ActionDecide, reconcile.CorrectionSuperseded, "success"))
	last(13, 0, []reconcile.HistoryEntry{entry(1, reconcile.Declined, 0), entry(2, reconcile.Declined, 13000),
		entry(2, reconcile.Declined, 0)},
		act(reconcile.ActionDecide, reconcile.CorrectionNone, "dispute"))
	last(19, 0, []reconcile.HistoryEntry{entry(2, reconcile.Pending, 19000)})
	last(23, 0, []reconcile.HistoryEntry{entry(2, reconcile.Pending, 900)}) // a payment ID with a harmful text
	return s
}

// TestHistory checks the sheet with the payins' histories in three languages.
func TestHistory(t *testing.T) {
	s := threeRuns()
	for _, language := range i18n.Languages {
		t.Run(language, func(t *testing.T) {
			o := bishkek()
			o.Language = language
			f, done := workbookWith(t, s, november, o, excelize.TotalRows)
			title := textIn(t, language, historyTitle)
			if i := slices.IndexFunc(done.Sheets, func(s SheetRows) bool { return s.Name == title }); i < 0 ||
				done.Sheets[i].Rows != 5 {
				t.Errorf("sheets %v", done.Sheets)
			}
			kept, err := f.GetCellValue(textIn(t, language, summaryTitle), "B11")
			if want := fmt.Sprint(len(s.findings) - 5); err != nil || kept != want {
				t.Errorf("%s payins did not change, %v; want %s", kept, err, want)
			}
			for _, sheet := range f.GetSheetList() {
				if sheet != title {
					if err := f.DeleteSheet(sheet); err != nil {
						t.Fatal(err)
					}
				}
			}
			golden(t, "history."+language+".txt", cellsOf(t, f))
		})
	}
}

// TestHistoryOfPeriods checks that only a period has the sheet, and that the sheet contains a text if no finding
// changed.
func TestHistoryOfPeriods(t *testing.T) {
	s := everything()
	f, _ := makeWorkbook(t, s, november, excelize.TotalRows)
	if cell, err := f.GetCellValue(english(historyTitle), "A2"); err != nil ||
		cell != "No payin changed its outcome or amount during the period. Unchanged payins: 25." {
		t.Errorf("%q, %v", cell, err)
	}
	if layout, err := f.GetPageLayout(english(historyTitle)); err != nil || *layout.FitToWidth != 1 {
		t.Errorf("an empty sheet is %+v pages wide, %v", layout.FitToWidth, err)
	}
	f, _ = makeWorkbook(t, threeRuns(), one(s), excelize.TotalRows)
	if slices.Contains(f.GetSheetList(), english(historyTitle)) {
		t.Error("a run's report has payin histories")
	}
	f, _ = makeWorkbook(t, threeRuns(), november, 3) // three rows for each worksheet
	for name, id := range map[string]string{english(historyTitle): s.findings[0].PaymentID,
		english(historyTitle) + " (2)": s.findings[13].PaymentID} {
		if cell, err := f.GetCellValue(name, "B2"); err != nil || cell != id {
			t.Errorf("%s: %q, %v; want %q", name, cell, err, id)
		}
	}
}

// TestHistoriesTie checks that a workbook is not delivered if an outcome has more histories than payins.
func TestHistoriesTie(t *testing.T) {
	for why, change := range map[string]func(j *reconcile.PayinHistory){
		"the totals do not agree (histories that end as declined in KGS: 2, payins: 1): write the report again": func(
			*reconcile.PayinHistory) {
		},
		"the totals do not agree (histories that end as declined in RUB: 1, payins: 0): write the report again": func(
			j *reconcile.PayinHistory) {
			j.Currency = "RUB"
		},
	} {
		s := threeRuns()
		j := s.histories[2]
		change(&j)
		s.histories = append(s.histories, j)
		untiedIn(t, s, november, why)
	}
}

// TestNamelessProject checks that the id of a project without a name is on one line, in each sheet of a period.
func TestNamelessProject(t *testing.T) {
	o := bishkek()
	o.Projects = nil
	f, _ := workbookWith(t, threeRuns(), november, o, excelize.TotalRows)
	for sheet, cell := range map[string]string{
		english(historyTitle): "A2", english(differentTitle): "B2", english(allTitle): "B2",
	} {
		project, err := f.GetCellValue(sheet, cell)
		if err != nil || project != somProject {
			t.Errorf("%s %s: %q, %v", sheet, cell, project, err)
		}
		id, err := f.GetCellStyle(sheet, cell)
		if err != nil {
			t.Fatal(err)
		}
		if style, err := f.GetStyle(id); err != nil || !style.Alignment.ShrinkToFit || style.Alignment.WrapText {
			t.Errorf("%s: the project's id is wrapped: %+v, %v", sheet, style, err)
		}
	}
}
