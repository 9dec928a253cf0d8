package workbook

import (
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// TestSincePreviousRun compares pairs of runs with golden files. The runs contain every kind of change, and payins at
// the limits of every age group.
func TestSincePreviousRun(t *testing.T) {
	first := newTestArchive().run
	first.ID, first.StartedAt = 6, at("2026-10-31T02:30:00+06:00")
	transition := func(created, then, now string, amount int64) reconcile.Transition {
		s := reconcile.Transition{PaymentID: "P-" + created, Currency: "KGS", Amount: amount, CreatedAt: at(created),
			StatusThen: then, Status: now, Outcome: reconcile.Pending}
		if now == "success" {
			s.Outcome = reconcile.Confirmed
		}
		return s
	}
	s := everything()
	s.before = &first
	back, yen, superseded, reversed := transition("2026-10-20T00:00:00Z", "", "processing", 70000),
		transition("2026-10-30T00:00:00Z", "new", "new", 500), transition("2026-10-31T00:00:00Z", "new", "new", 90000),
		transition("2026-10-31T00:00:02Z", "success", "success", 90000)
	back.Earlier, yen.Currency, superseded.Correction, reversed.Outcome = true, "JPY", reconcile.CorrectionSuperseded,
		reconcile.Reversed
	s.transitions = []reconcile.Transition{
		transition("2026-10-31T20:00:00Z", "", "processing", 10000),
		transition("2026-10-29T20:30:01Z", "processing", "processing", 20000), // almost two days old
		transition("2026-10-29T20:30:00Z", "processing", "dispute", 30000),    // two days old
		transition("2026-10-27T20:30:00Z", "new", "new", 40000),               // four days old
		transition("2026-10-23T20:30:00Z", "new", "new", 50000),               // eight days old
		transition("2026-10-01T20:30:00Z", "new", "new", 55000),               // thirty days old
		transition("2026-09-30T20:30:00Z", "new", "new", 60000),               // thirty-one days old
		back, yen, superseded, reversed,
		transition("2026-10-30T20:00:00Z", "processing", "success", 80000),
		transition("2026-10-30T20:00:01Z", "processing", "", 85000),
		transition("2026-10-30T20:00:02Z", "", "success", 85001),        // settled in its first run
		transition("2026-10-30T20:00:03Z", "success", "success", 85002), // no change
	}
	quiet := everything()
	quiet.before = &first
	for name, s := range map[string]*testArchive{"since": s, "quiet": quiet} {
		t.Run(name, func(t *testing.T) {
			f, _ := makeWorkbook(t, s, one(s), excelize.TotalRows)
			for _, sheet := range f.GetSheetList() {
				if sheet != english(summaryTitle) && sheet != english(sinceTitle) {
					if err := f.DeleteSheet(sheet); err != nil {
						t.Fatal(err)
					}
				}
			}
			golden(t, name+".txt", cellsOf(t, f))
		})
	}
}
