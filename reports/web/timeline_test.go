package web

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// TestPayinPage checks that the page shows a payin's queries, answers, changes of the row, and decisions.
func TestPayinPage(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 500000, 700000)
	tp.row("KG-2", 100000, "processing", "awaiting_confirm", 100000, 100000, 100000)
	tp.run(reconcile.Request{DryRun: true})
	tp.run(reconcile.Request{})
	tp.run(reconcile.Request{})
	tp.run(reconcile.Request{})
	viewer := tp.as(reconcile.RoleViewer)
	a := viewer.get(payinAddress(projectID, "KG-1")).wants(http.StatusOK).says(
		"HighHelp says success",
		"Created for 3 000.00 KGS; then changed to 5 000.00 KGS by an earlier transfer or price change; "+
			"after an appeal it was changed to the 7 000.00 KGS that the customer paid.",
		"The merchant's row stayed pending. The planned state was dispute: different_amount, settled 7 000.00 KGS.",
		"The merchant's row was changed from pending to dispute: different_amount, settled 7 000.00 KGS.",
		"The same result in 1 later run", "This payin waits for a decision", "A user with the role finance can decide.",
	)
	if a.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("Content-Type is %s", a.header.Get("Content-Type"))
	}
	viewer.get(payinAddress(projectID, "KG-2")).says("HighHelp says processing: awaiting confirm",
		"Created for 1 000.00 KGS.", "Outcome: pending").lacks("waits for a decision")
	viewer.get(payinAddress(projectID, "KG-3")).wants(http.StatusNotFound).says("This payin is unknown")
	viewer.get(payinAddress("another", "KG-1")).wants(http.StatusNotFound)

	finance := tp.as(reconcile.RoleFinance)
	finance.get(payinAddress(projectID, "KG-1")).says("HighHelp is right: the merchant's row becomes success, settled "+
		"7 000.00 KGS.", "Nothing is credited: the merchant's row becomes decline.",
		"The merchant's row does not change.")
	finance.post("/payin/decide", url.Values{"project": {projectID}, "id": {"KG-1"}, "choice": {"accept"},
		"note": {"the customer <b>confirmed</b>"}, "run": {"4"}, "seq": {"1"}}).
		follow().says("Decided: accept; the merchant's row is now success, settled 7 000.00 KGS.", "finance decided",
		"Note: the customer <b>confirmed</b>", "finance decided this on").
		lacks("This payin waits for a decision")
	if s := tp.rowState("KG-1"); s != "success//700000" {
		t.Errorf("the row is %s", s)
	}
}

// TestTimelineEntries checks that consecutive runs with the same result share an entry.
func TestTimelineEntries(t *testing.T) {
	at := time.Date(2026, 11, 23, 2, 31, 0, 0, time.UTC)
	f := func(day int, outcome reconcile.Outcome, problem string) reconcile.Finding {
		return reconcile.Finding{
			RunID: int64(day), Payin: reconcile.Payin{Status: "pending", Amount: 100, Currency: "KGS"},
			Result: reconcile.ResultUnreachable, Reason: reconcile.Words(problem),
			Verdict: reconcile.Verdict{Outcome: outcome}, Correction: reconcile.CorrectionNone, CheckedAt: at.AddDate(0, 0, day),
		}
	}
	got := timelineOf(&reconcile.PayinTimeline{
		Findings: []reconcile.Finding{
			f(1, reconcile.Unreachable, "No usable answer."), f(2, reconcile.Unreachable, "No usable answer."),
			f(3, reconcile.Unreachable, "Another one."),
			f(5, reconcile.Unreachable, "Another one."),
		},
		Alerts: []reconcile.Alert{{ReceivedAt: at.AddDate(0, 0, 4), Status: "success", State: reconcile.AlertDone}},
	})
	if len(got) != 4 || len(got[0].Repeated) != 1 || len(got[1].Repeated) != 0 || got[2].Kind != "alert" ||
		len(got[3].Repeated) != 0 {
		t.Fatalf("the entries are %+v", got)
	}
	if got[0].Repeated[0].RunID != 2 {
		t.Errorf("the entries are %+v", got)
	}
}

// TestAmountSentence checks the sentence about the steps from M to A. The sentence omits steps that are zero.
func TestAmountSentence(t *testing.T) {
	for _, c := range []struct {
		m, i, o, a int64
		status     string
		want       string
	}{
		{100, 100, 100, 100, "success", "Created for 1.00 KGS; customer paid 1.00 KGS."},
		{100, 100, 100, 300, "success", "Created for 1.00 KGS; after an appeal it was changed to the 3.00 KGS that the " +
			"customer paid."},
		{100, 200, 200, 200, "success", "The merchant's row says 1.00 KGS, but the payin was created at " +
			"HighHelp for 2.00 KGS; customer paid 2.00 KGS."},
		{100, 100, 200, 200, "processing", "Created for 1.00 KGS; then changed to 2.00 KGS by an earlier transfer or " +
			"price change."},
		{100, 100, 100, 300, "dispute", "Created for 1.00 KGS; after an appeal it was changed to 3.00 KGS."},
	} {
		f := reconcile.Finding{Payin: reconcile.Payin{Amount: c.m, Currency: "KGS"}, InitialAmount: c.i, OldAmount: c.o,
			PaidAmount: c.a, ProviderStatus: c.status}
		if got := amounts(&f); got != noBreak(c.want) {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
