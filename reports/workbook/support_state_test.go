package workbook

import (
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// TestMarksInWorkbook checks that the sheet for HighHelp's support has the state of each question. The sheet ignores a
// state that was saved for another answer.
func TestMarksInWorkbook(t *testing.T) {
	s := newTestArchive()
	p := payin(1, 500_000, "KGS")
	f := s.add(p, theirs(p, "dispute", "others", 500_000, 500_000, 700_000), reconcile.ResultAnswered, "")
	mark := reconcile.SupportCase{
		ProjectID: f.ProjectID, PaymentID: f.PaymentID, Answer: f.SupportAnswer(), State: reconcile.SupportSent, By: "Aida",
		Note: "=ticket 12", At: at("2026-11-02T09:30:00+06:00"),
	}
	headings := []string{"Our question", "State", "Marked by", "Marked at (Asia/Bishkek)", "Note"}
	for _, c := range []struct {
		word string
		want []string
	}{
		{mark.Answer, []string{"sent", "Aida", "2026-11-02 09:30:00", "=ticket 12"}},
		{"disputed dispute:others 1 1 1", []string{"new"}},
	} {
		o := bishkek()
		mark.Answer = c.word
		o.Support = marked{mark}
		file, _ := workbookWith(t, s, one(s), o, excelize.TotalRows)
		rows, err := file.GetRows(english(supportTitle))
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		last := len(rows[0]) - len(headings)
		if !slices.Equal(rows[0][last:], headings) || !slices.Equal(rows[1][last+1:], c.want) {
			t.Errorf("marked about %q: %q over %q", c.word, rows[0][last:], rows[1][last+1:])
		}
	}
	file, _ := makeWorkbook(t, s, one(s), excelize.TotalRows)
	if rows, err := file.GetRows(english(supportTitle)); err != nil || rows[0][len(rows[0])-1] != "Our question" {
		t.Errorf("without a support store: %q, %v", rows[0], err)
	}
}
