package workbook

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

func TestHeadline(t *testing.T) {
	for _, c := range []struct {
		state              reconcile.RunState
		selected, answered int64
		want, brief        string
	}{
		{reconcile.Complete, 0, 0, "COMPLETE", "COMPLETE"},
		{reconcile.Complete, 9999, 9999, "COMPLETE", "COMPLETE"},
		{reconcile.Complete, 9999, 9995, "PARTIAL: 9 995 of 9 999 payins answered (99.9 %)", "PARTIAL, 99.9 %"},
		{reconcile.Complete, 1_000_000, 999_999, "PARTIAL: 999 999 of 1 000 000 payins answered (99.9 %)", "PARTIAL, 99.9 %"},
		{reconcile.Complete, 3, 0, "PARTIAL: 0 of 3 payins answered (0.0 %)", "PARTIAL, 0.0 %"},
		{reconcile.Held, 3, 1, "HELD", "HELD"},
		{reconcile.Released, 3, 3, "HELD, released", "HELD, released"},
		{reconcile.Released, 3, 1, "HELD, released", "HELD, released"},
		{reconcile.Discarded, 3, 1, "HELD, discarded", "HELD, discarded"},
		{reconcile.Interrupted, 3, 1, "OPEN (interrupted)", "OPEN (interrupted)"},
		{reconcile.Running, 3, 1, "OPEN (running)", "OPEN (running)"},
	} {
		run := newTestArchive().run
		run.State, run.Selected, run.Impact.Answered = c.state, c.selected, c.answered
		if !reports.IsClosed(&run) {
			run.ClosedAt = time.Time{}
		}
		if got := reports.FormatResult(i18n.English(), &run); got != c.want || reports.BriefResult(&run) != c.brief {
			t.Errorf("%s, %d of %d: %q, %q", c.state, c.answered, c.selected, got, reports.BriefResult(&run))
		}
	}
}

// TestCoverage checks the numbers of answered, unanswered and not queried payins. A workbook is not delivered if these
// numbers differ from the database.
func TestCoverage(t *testing.T) {
	s := newTestArchive()
	for n, result := range []reconcile.Result{
		reconcile.ResultNotFound, reconcile.ResultRefused, reconcile.ResultUnreachable, reconcile.ResultNotAsked,
		reconcile.ResultNotAsked,
	} {
		s.add(payin(n, 1000, "KGS"), nil, result, "")
	}
	const want = "the totals of the workbook do not agree: " +
		"run 7 was closed with 5 answered payins, but its findings have 2"
	if _, err := Write(t.Context(), io.Discard, s, one(s), bishkek()); err == nil || err.Error() != want {
		t.Error(err)
	}
	s.run.Impact.Answered = 2
	summary, err := Write(t.Context(), io.Discard, s, one(s), bishkek())
	if err != nil || summary.Coverage != (reports.Coverage{Answered: 2, Unanswered: 1, NotAsked: 2}) {
		t.Errorf("%+v, %v", summary.Coverage, err)
	}
}

// TestVerified checks that a period's workbook has the number of successes that HighHelp confirmed, and that a run's
// workbook omits this number.
func TestVerified(t *testing.T) {
	for _, language := range i18n.Languages {
		o := bishkek()
		o.Language = language
		o.Verified = func(_ context.Context, w reconcile.Window, runs ...reconcile.Run) *reconcile.Verified {
			if w != november.Window || len(runs) == 0 {
				t.Errorf("the window is %v and the report has %d runs", w, len(runs))
			}
			return &reconcile.Verified{Successes: 2000, Confirmed: 1999, NeverAsked: 1}
		}
		f, _ := workbookWith(t, threeRuns(), november, o, excelize.TotalRows)
		for title, value := range map[string]string{"successes": "2000", "confirmed": "1 999 (99.9 %)", "never_asked": "1"} {
			cells, err := f.SearchSheet(f.GetSheetName(0), textIn(t, language, "fact."+title))
			if err != nil || len(cells) != 1 {
				t.Fatalf("%s: %v, %v", title, cells, err)
			}
			got, err := f.GetCellValue(f.GetSheetName(0), strings.Replace(cells[0], "A", "B", 1))
			if err != nil || strings.ReplaceAll(got, "\u00a0", " ") != value {
				t.Errorf("%s: %q, %v", title, got, err)
			}
		}
		workbookWith(t, threeRuns(), one(threeRuns()), o, excelize.TotalRows)
	}
}
