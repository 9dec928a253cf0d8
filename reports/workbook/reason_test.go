package workbook

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

// TestReasons compares the reasons of every outcome, every cause and every difference of amounts in each language with
// a golden file. The file must contain every code.
func TestReasons(t *testing.T) {
	s := everything()
	s.findings = s.findings[:len(s.findings)-2]
	ask := func(status, subStatus string, m, i, o, a int64) *reconcile.Finding {
		p := payin(len(s.findings), m, "KGS")
		return s.add(p, theirs(p, status, subStatus, i, o, a), reconcile.ResultAnswered, "")
	}
	ask("success", "", 300000, 300000, 500000, 700000)
	ask("success", "", 500000, 500000, 500000, 700000)
	ask("success", "", 500000, 300000, 300000, 300000)
	ask("success", "", 500000, 500000, 300000, 300000)
	ask("success", "", 500000, 500000, 500000, 50000000) // A = 100·M
	ask("success", "", 50000000, 500000, 500000, 500000) // M = 100·I
	ask("success", "", 500000, 50000000, 50000000, 50000000)
	ask("success", "", 500000, 400000, 300000, 200000) // all three steps
	ask("dispute", "different_amount", 500000, 500000, 500000, 500000)
	ask("dispute", "different_amount", 10_000_000_000, 10_000_000_000, 10_000_000_000, 9_999_000_000)
	ask("dispute", "confirm_timeout", 500000, 500000, 500000, 700000)
	ask("processing", "brand_new_word", 500000, 500000, 500000, 500000)
	ask("success", "", 1, 1, 1, 10_000_000_000_000)
	refused := ask("decline", "", 500000, 500000, 500000, 500000)
	refused.Correction = reconcile.CorrectionRefused
	refused.Reason = refused.Reason.With(reconcile.Because("row.refused", "no such word"))
	down := s.add(payin(90, 100, "KGS"), nil, reconcile.ResultNotAsked,
		"No usable answer from HighHelp: it was not asked, being down for too long.")
	down.Correction = reconcile.CorrectionNone
	left := s.add(payin(94, 100, "KGS"), nil, reconcile.ResultNotAsked, "")
	left.Reason = reconcile.Because("payin.abandoned")

	ask("dispute", "", 700, 700, 700, 700)
	final := payin(91, 500000, "KGS")
	final.Status = "success"
	s.add(final, theirs(final, "decline", "", 500000, 500000, 500000), reconcile.ResultAnswered, "")
	long := payin(92, 500000, "KGS")
	long.CreatedAt = long.CreatedAt.AddDate(0, 0, -5)
	stuck := theirs(long, "processing", "paid", 500000, 500000, 500000)
	stuck.PaymentInfo.ExpirationDate = long.CreatedAt.Unix()
	s.add(long, stuck, reconcile.ResultAnswered, "")
	ask("success", "", 500000, 500000, 300000, 500000) // a second transfer
	ask("success", "", 500000, 5000000, 5000000, 5000000)
	odd := ask("processing", "paid", 500000, 500000, 500000, 500000)
	odd.Reason = odd.Reason.With(reconcile.Because("payin.odd_expiry", "1795999250000"))
	odd.Reason = odd.Reason.With(reconcile.Because("payin.decided"))
	hold := payin(93, 500000, "KGS")
	hold.Status, hold.SubStatus, hold.SettledAmount, hold.Facts.HeldSuccess = "dispute", "different_amount", 300000, true
	s.add(hold, theirs(hold, "decline", "", 500000, 500000, 500000), reconcile.ResultAnswered, "")
	s.findings = append(s.findings, append(doubted(t)[9:], failures(t)[:1]...)...)

	codes := make(map[string]bool)
	outcomes, causes := make(map[reconcile.Outcome]bool), reconcile.Causes(0)
	var text strings.Builder
	for i := range s.findings {
		outcomes[s.findings[i].Outcome] = true
		causes |= s.findings[i].Causes
		for _, r := range append(s.findings[i].Reason.And, s.findings[i].Reason) {
			codes[r.Code] = true
		}
		f := &s.findings[i]
		fmt.Fprintf(&text, "%d %s M %d I %d O %d A %d\n", f.Seq, f.Outcome, f.Amount, f.InitialAmount, f.OldAmount,
			f.PaidAmount)
		for _, language := range i18n.Languages {
			o := bishkek()
			o.Language = language
			r, err := reports.NewReport(t.Context(), s, one(s), o)
			if err != nil {
				t.Fatal(err)
			}
			sentence := (&reports.Row{Finding: f, Report: r}).ReasonText()
			fmt.Fprintf(&text, "  %s\n", sentence)
		}
	}
	golden(t, "reasons.txt", text.String())

	for _, o := range reconcile.Outcomes {
		if !outcomes[o] {
			t.Errorf("there is no reason for the outcome %s", o)
		}
	}
	if names := causes.Names(); len(names) != len(causesLegend) {
		t.Errorf("there are reasons only for the causes %q", names)
	}
	hasEveryCode(t, codes)
}

// hasEveryCode checks that codes contains all reasons of the catalogue about payins and amounts.
func hasEveryCode(t *testing.T, codes map[string]bool) {
	t.Helper()
	catalogue, err := os.ReadFile("../i18n/reason.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range regexp.MustCompile(`"((?:payin|amounts)\.\w+)"`).FindAllStringSubmatch(string(catalogue), -1) {
		if !codes[code[1]] {
			t.Errorf("no finding has a reason with the code %s", code[1])
		}
	}
}

// TestLanguages checks a workbook in each language, and reads decisions from it. An unknown language is an error.
func TestLanguages(t *testing.T) {
	for _, language := range i18n.Languages[1:] {
		t.Run(language, func(t *testing.T) {
			s, o := everything(), bishkek()
			o.Language = language
			f, summary := workbookWith(t, s, one(s), o, excelize.TotalRows)
			golden(t, "everything."+language+".txt", cellsOf(t, f))
			different := summary.Sheets[2].Name
			titles, err := f.GetRows(different)
			if err != nil {
				t.Fatal(err)
			}
			for i, title := range titles[0] {
				if isTitle(title, reports.ColDecision.Title) {
					cell, _ := excelize.CoordinatesToCellName(i+1, 2)
					if err := f.SetCellValue(different, cell, "accept"); err != nil {
						t.Fatal(err)
					}
				}
			}
			book, err := f.WriteToBuffer()
			if err != nil {
				t.Fatal(err)
			}
			rows, faults, err := ReadDecisions(book)
			if err != nil || len(faults) > 0 || len(rows) != 1 || rows[0].Choice != reconcile.ChoiceAccept ||
				rows[0].RunID != 7 {
				t.Errorf("%+v, %+v, %v", rows, faults, err)
			}
		})
	}
	o := bishkek()
	o.Language = "de"
	if _, err := reports.NewReport(t.Context(), everything(), one(everything()), o); err == nil ||
		!strings.Contains(err.Error(), `"de"`) {
		t.Error(err)
	}
}
