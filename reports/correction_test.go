package reports

import (
	"slices"
	"strings"
	"testing"

	"hhrecon/reconcile"
)

// TestCorrection: a correction lists the differences only, so it need not have all that its run selected, nor what
// left the window; and it says what it is.
func TestCorrection(t *testing.T) {
	s := everything()
	s.findings = s.findings[6:9]
	scope := one(s)
	refused(t, s, "selected 25 payins, its findings are 3")
	scope.Correction = 5
	o := bishkek()
	o.Edition = 2
	f, summary := workbookWith(t, s, scope, o, 1_000_000)
	if summary.Payins != 3 || summary.Unresolved != 0 || summary.Run.ID != 7 {
		t.Errorf("%+v", summary)
	}
	cells := cellsOf(t, f)
	for _, want := range []string{"Correction 2 | Only the payins", "Payins listed 3 = sum of outcomes 3 ✓"} {
		if !strings.Contains(cells, want) {
			t.Errorf("no %q in:\n%s", want, cells)
		}
	}
	properties, err := f.GetDocProps()
	if err != nil || !strings.HasPrefix(properties.Title, "Correction 2 to Run 7") {
		t.Errorf("title %+v, %v", properties, err)
	}
	if got, want := FileName(s.run, o, "xlsx"), "hhrecon-som-widget-run-7-2026-11-01-correction-2.xlsx"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestLargest: the ten that are furthest apart, in major units whatever their currency, ties in their order.
func TestLargest(t *testing.T) {
	s := newShelf()
	for n, d := range []int64{5, -70, 0, 3, -3, 8, 9, 1, 2, 4, 6, 7, 10, 11} {
		p := payin(n, 150000, "KGS")
		s.add(p, theirs(p, "success", "", 150000, 150000, 150000+d), reconcile.ResultAnswered, "")
	}
	yen := payin(20, 1000, "JPY")
	s.add(yen, theirs(yen, "success", "", 1000, 1000, 1001), reconcile.ResultAnswered, "") // 1 JPY is more than 0.70 KGS
	unanswered := payin(21, 9_000_000, "KGS")
	s.add(unanswered, nil, reconcile.ResultUnreachable, "")
	s.run.Weight.Answered--
	_, summary := workbook(t, s, one(s), 1_000_000)
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
	if _, summary = workbook(t, s, scope, 1_000_000); len(summary.Largest) != 2 || summary.Largest[0].PaidAmount < 150000 {
		t.Errorf("%+v", summary.Largest)
	}
}
