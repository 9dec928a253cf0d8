package workbook

import (
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// TestSinceLastNight: golden pairs of nights, with every step and every bucket of age at both its ends.
func TestSinceLastNight(t *testing.T) {
	first := newTestArchive().run
	first.ID, first.StartedAt = 6, at("2026-10-31T02:30:00+06:00")
	standing := func(created, then, now string, amount int64) reconcile.Transition {
		s := reconcile.Transition{PaymentID: "P-" + created, Currency: "KGS", Amount: amount, CreatedAt: at(created),
			StatusThen: then, Status: now, Outcome: reconcile.Pending}
		if now == "success" {
			s.Outcome = reconcile.Confirmed
		}
		return s
	}
	s := everything()
	s.before = &first
	back, yen, superseded, reversed := standing("2026-10-20T00:00:00Z", "", "processing", 70000),
		standing("2026-10-30T00:00:00Z", "new", "new", 500), standing("2026-10-31T00:00:00Z", "new", "new", 90000),
		standing("2026-10-31T00:00:02Z", "success", "success", 90000)
	back.Earlier, yen.Currency, superseded.Correction, reversed.Outcome = true, "JPY", reconcile.CorrectionSuperseded,
		reconcile.Reversed
	s.standings = []reconcile.Transition{
		standing("2026-10-31T20:00:00Z", "", "processing", 10000),
		standing("2026-10-29T20:30:01Z", "processing", "processing", 20000), // not quite two days
		standing("2026-10-29T20:30:00Z", "processing", "dispute", 30000),    // two days
		standing("2026-10-27T20:30:00Z", "new", "new", 40000),               // four
		standing("2026-10-23T20:30:00Z", "new", "new", 50000),               // eight
		standing("2026-10-01T20:30:00Z", "new", "new", 55000),               // thirty
		standing("2026-09-30T20:30:00Z", "new", "new", 60000),               // thirty-one
		back, yen, superseded, reversed,
		standing("2026-10-30T20:00:00Z", "processing", "success", 80000),
		standing("2026-10-30T20:00:01Z", "processing", "", 85000),
		standing("2026-10-30T20:00:02Z", "", "success", 85001),        // settled at first sight
		standing("2026-10-30T20:00:03Z", "success", "success", 85002), // nothing new
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
