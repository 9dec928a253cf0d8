package workbook

import (
	"fmt"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// november is a period in which everything's run is the last one.
var november = reconcile.ReportScope{Window: reconcile.Window{From: at("2026-10-30T00:00:00+06:00"),
	To: at("2026-12-01T00:00:00+06:00")}}

// threeNights is everything with two nights before: some of its payins had other words then, the others had the same.
func threeNights() *testArchive {
	s := everything()
	stage := func(n int, outcome reconcile.Outcome, paid int64) reconcile.HistoryEntry {
		return reconcile.HistoryEntry{
			RunID: int64(4 + n), StartedAt: at("2026-10-29T02:30:00+06:00").AddDate(0, 0, n), Outcome: outcome, PaidAmount: paid,
		}
	}
	act := func(kind reconcile.ActionKind, result reconcile.Correction, status string) reconcile.Action {
		return reconcile.Action{Kind: kind, At: at("2026-10-31T20:00:00Z"), By: "Aida", Result: result,
			After: reconcile.State{Status: status}}
	}
	last := func(payin, applied int, stages []reconcile.HistoryEntry, actions ...reconcile.Action) {
		f := &s.findings[payin]
		s.histories = append(s.histories, reconcile.PayinHistory{
			ProjectID: f.ProjectID, PaymentID: f.PaymentID, Currency: f.Currency, Amount: f.Amount, Runs: 3,
			Applied: int64(applied),
			Entries: append(stages, stage(3, f.Outcome, f.PaidAmount)), Actions: actions,
		})
	}
	last(0, 2, []reconcile.HistoryEntry{stage(1, reconcile.Pending, 150000), stage(2, reconcile.DifferentAmount, 200000)})
	last(6, 1, []reconcile.HistoryEntry{stage(1, reconcile.DifferentAmount, 500000),
		stage(2, reconcile.DifferentAmount, 300000)},
		act(reconcile.ActionUndo, reconcile.CorrectionApplied, "processing"),
		act(reconcile.ActionDecide, reconcile.CorrectionSuperseded, "success"))
	last(13, 0, []reconcile.HistoryEntry{stage(1, reconcile.Declined, 0), stage(2, reconcile.Declined, 13000),
		stage(2, reconcile.Declined, 0)},
		act(reconcile.ActionDecide, reconcile.CorrectionNone, "dispute"))
	last(19, 0, []reconcile.HistoryEntry{stage(2, reconcile.Pending, 19000)})
	last(23, 0, []reconcile.HistoryEntry{stage(2, reconcile.Pending, 900)}) // its id means harm
	return s
}

// TestJourney: the history of each payin, in three languages; the workbook's proof holds with it.
func TestJourney(t *testing.T) {
	s := threeNights()
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
				t.Errorf("%s kept one word, %v; want %s", kept, err, want)
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

// TestJourneyOfPeriods: a run has no such sheet, and where nothing changed it says so.
func TestJourneyOfPeriods(t *testing.T) {
	s := everything()
	f, _ := makeWorkbook(t, s, november, excelize.TotalRows)
	if cell, err := f.GetCellValue(english(historyTitle), "A2"); err != nil ||
		cell != "No payin changed its outcome or amount; 25 stayed the same throughout." {
		t.Errorf("%q, %v", cell, err)
	}
	if layout, err := f.GetPageLayout(english(historyTitle)); err != nil || *layout.FitToWidth != 1 {
		t.Errorf("an empty sheet is %+v pages wide, %v", layout.FitToWidth, err)
	}
	f, _ = makeWorkbook(t, threeNights(), one(s), excelize.TotalRows)
	if slices.Contains(f.GetSheetList(), english(historyTitle)) {
		t.Error("a run's report tells journeys")
	}
	f, _ = makeWorkbook(t, threeNights(), november, 3) // rows a worksheet
	for name, id := range map[string]string{english(historyTitle): s.findings[0].PaymentID,
		english(historyTitle) + " (2)": s.findings[13].PaymentID} {
		if cell, err := f.GetCellValue(name, "B2"); err != nil || cell != id {
			t.Errorf("%s: %q, %v; want %q", name, cell, err, id)
		}
	}
}

// TestJourneysTie: more journeys to a word than there are payins with it deliver nothing.
func TestJourneysTie(t *testing.T) {
	for why, change := range map[string]func(j *reconcile.PayinHistory){
		"how payins got there does not tie: 2 came to declined in KGS, of 1: make the report again": func(
			*reconcile.PayinHistory) {
		},
		"how payins got there does not tie: 1 came to declined in RUB, of none: make the report again": func(
			j *reconcile.PayinHistory) {
			j.Currency = "RUB"
		},
	} {
		s := threeNights()
		j := s.histories[2]
		change(&j)
		s.histories = append(s.histories, j)
		untiedIn(t, s, november, why)
	}
}

// TestNamelessProject: where a project has no name its id stands on one line, in each sheet of a period.
func TestNamelessProject(t *testing.T) {
	o := bishkek()
	o.Projects = nil
	f, _ := workbookWith(t, threeNights(), november, o, excelize.TotalRows)
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
