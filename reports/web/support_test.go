package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// newSupportPage returns a page with three payins about which a person must ask HighHelp's support,
// and one other payin.
func newSupportPage(t *testing.T) *testPage {
	t.Helper()
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "dispute", "others", 300000, 500000, 700000)
	tp.row("KG-2", 150000, "error", "")
	tp.row("KG-3", 100000, "dispute", "payout_failed", 100000, 100000, 100000)
	tp.row("KG-4", 100000, "success", "", 100000, 100000, 100000)
	tp.run(reconcile.Request{})
	return tp
}

// picks returns the values of the check boxes of some payins, as the page shows them now.
func (tp *testPage) picks(ids ...string) []string {
	tp.Helper()
	cases, err := reports.SupportCases(tp.Context(), tp.store, tp.store,
		reconcile.ReportScope{Window: reconcile.Window{From: time.Now().AddDate(0, 0, -1), To: tp.later()}})
	tp.must(err)
	var picks []string
	for _, id := range ids {
		for i := range cases {
			if cases[i].PaymentID == id {
				picks = append(picks, pickOf(&cases[i]))
			}
		}
	}
	if len(picks) != len(ids) {
		tp.Fatalf("%d of the payins %v are cases for support", len(picks), ids)
	}
	return picks
}

// marking returns the fields of the form that saves support states.
func marking(state, note string, picks []string) url.Values {
	return url.Values{"mark": {state}, "note": {note}, "pick": picks}
}

// TestSupport checks the list of payins and their support states.
func TestSupport(t *testing.T) {
	tp := newSupportPage(t)
	p := tp.as(reconcile.RoleFinance)
	p.get("/support").wants(http.StatusOK).says("3 payins.", "KG-1",
		"merchant's 3 000.00 KGS HighHelp's: initial 3 000.00 KGS old 5 000.00 KGS amount 7 000.00 KGS",
		"The payin is in dispute:others. What happened", "request_id req-KG-1", "KG-2",
		"1 500.00 KGS HighHelp's: initial – old – amount –", "KG-3").lacks("KG-4")
	p.post("/support/mark", marking("sent", "ticket <12>",
		tp.picks("KG-1", "KG-2"))).follow().says("2 payins are marked as sent.", "sent finance, 20", "ticket <12>", "KG-3")
	p.get("/support?state=new").says("1 payin.", "KG-3").lacks("KG-1", "KG-2")
	p.post("/support/mark", marking("settled", "", tp.picks("KG-2"))).follow().says("1 payin is marked as settled.",
		"2 payins.").lacks("KG-2")
	p.get("/support?state=settled").says("1 payin.", "KG-2")
	p.get("/support?state=answered").says("No payin has the state answered.")
	p.get(payinAddress(projectID, "KG-1")).says("finance marked the question for HighHelp's support as sent",
		"Note: ticket <12>").lacks("the mark no longer applies")

	tp.says("KG-1", "dispute", "others", 300000, 500000, 900000)
	tp.run(reconcile.Request{})
	p.get("/support?state=new").says("2 payins.", "KG-1", "sent before HighHelp's answer changed: finance, 20",
		"9 000.00 KGS",
		"KG-3")
	p.get(payinAddress(projectID, "KG-1")).says("HighHelp's answer has changed since, so the mark no longer applies.")
}

// TestSupportStale checks that no support state is saved if a selected payin has changed since the page was shown.
func TestSupportStale(t *testing.T) {
	tp := newSupportPage(t)
	p := tp.as(reconcile.RoleFinance)
	old := tp.picks("KG-1", "KG-2")
	tp.says("KG-1", "dispute", "others", 300000, 500000, 900000)
	tp.run(reconcile.Request{})
	p.post("/support/mark", marking("sent", "my note",
		old)).wants(http.StatusConflict).says("Nothing was marked: 1 payin changed since this page was shown", "my note")
	old = tp.picks("KG-2")
	tp.as(reconcile.RoleAdmin).post("/support/mark", marking("settled", "", old)).wants(http.StatusSeeOther)
	p.post("/support/mark", marking("sent", "", old)).wants(http.StatusConflict)
	p.get("/support?state=sent").says("No payin has the state sent.")
}

// TestSupportFaults checks that an invalid form is refused, and that the form keeps the user's selection and text.
func TestSupportFaults(t *testing.T) {
	tp := newSupportPage(t)
	p := tp.as(reconcile.RoleFinance)
	a := p.post("/support/mark", marking("", "my note",
		tp.picks("KG-1"))).wants(http.StatusUnprocessableEntity).says("choose a new state", "my note")
	if n := strings.Count(a.body, " checked>"); n != 1 {
		t.Errorf("%d boxes are still ticked, want 1", n)
	}
	p.post("/support/mark", marking("sent", "",
		nil)).wants(http.StatusUnprocessableEntity).says("tick the payins to mark")
	p.post("/support/mark", marking("lost", "", tp.picks("KG-1"))).wants(http.StatusUnprocessableEntity)
	p.post("/support/mark", marking("sent", strings.Repeat("x", maxForm),
		tp.picks("KG-1"))).wants(http.StatusBadRequest).says("The form is incomplete")
	if n := strings.Count(p.get("/support?tick=all").body, `name="pick"`); n != 3 {
		t.Errorf("%d boxes, want 3", n)
	}
	if n := strings.Count(p.get("/support?tick=all").body, " checked>"); n != 3 {
		t.Errorf("%d boxes are ticked by Tick all, want 3", n)
	}
	tp.as(reconcile.RoleViewer).get("/support").says("KG-1",
		"A user with the role finance can mark payins.").lacks("Choose KG-1", "Tick all")
	if marks, err := tp.store.SupportCases(t.Context(), ""); err != nil || len(marks) > 0 {
		t.Errorf("marks were made: %v, %v", marks, err)
	}
}

// TestSupportFiles checks that the letter and the CSV file contain only the shown payins.
func TestSupportFiles(t *testing.T) {
	tp := newSupportPage(t)
	viewer := tp.as(reconcile.RoleViewer)
	letter := viewer.get("/support/letter?project="+projectID).wants(http.StatusOK).says(
		"questions about 3 of your payins",
		"payment_id KG-1", "yours: initial 3 000.00 KGS, old 5 000.00 KGS, paid 7 000.00 KGS")
	if kind, to := letter.header.Get("Content-Type"),
		letter.header.Get("Content-Disposition"); kind != "text/plain; charset=utf-8" ||
		!strings.HasPrefix(to, "attachment; filename=highhelp-support-20") || !strings.HasSuffix(to, ".txt") {
		t.Errorf("the letter has the type %s and disposition %s", kind, to)
	}
	tp.as(reconcile.RoleFinance).post("/support/mark", marking("sent", "", tp.picks("KG-1"))).wants(http.StatusSeeOther)
	table := viewer.get("/support/csv?state=sent").wants(http.StatusOK)
	if lines := strings.Count(table.body, "\r\n"); lines != 2 || !strings.Contains(table.body, "KG-1") ||
		!strings.HasPrefix(table.header.Get("Content-Type"), "text/csv") {
		t.Errorf("%d lines: %s", lines, table.body)
	}
	viewer.get("/support/letter?state=settled").wants(http.StatusNotFound).says("There is nothing to send")
}

// TestSupportPages checks lists that are longer than a page. A letter contains only the payins of one page.
func TestSupportPages(t *testing.T) {
	tp := newTestPage(t)
	for i := range supportPage + 2 {
		tp.row(fmt.Sprintf("KG-%03d", i), 100000, "error", "")
	}
	tp.run(reconcile.Request{})
	p := tp.as(reconcile.RoleFinance)
	first := p.get("/support").says("100 of 102 payins.", "KG-000", "More").lacks("KG-100")
	_, rest, _ := strings.Cut(first.body, `rel="next" href="`)
	next, _, _ := strings.Cut(rest, `"`)
	p.get(strings.ReplaceAll(next, "&amp;", "&")).says("2 of 102 payins.", "KG-100", "KG-101").lacks("KG-000", "More")
	p.get("/support/letter?skip=100").says("questions about 2 of your payins", "KG-101").lacks("KG-000")
	p.get("/support?skip=-5").says("KG-000")
	p.get("/support?skip=5000").says("100 of 102 payins.", "KG-000")
	ids := make([]string, supportPage)
	for i := range ids {
		ids[i] = fmt.Sprintf("KG-%03d", i)
	}
	p.post("/support/mark", marking("sent", strings.Repeat("ж", 1000),
		tp.picks(ids...))).follow().says("100 payins are marked as sent.")
}
