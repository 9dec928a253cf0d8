package reconcile

import (
	"strings"
	"testing"
)

func TestAhead(t *testing.T) {
	answer := func(status, sub string, amount int64) Finding {
		return Finding{
			ProviderStatus: status, ProviderSubStatus: sub, PaidAmount: amount, OldAmount: 3000, InitialAmount: 3000,
			Verdict: Verdict{Outcome: Pending},
		}
	}
	unverifiable, unknown := answer("", "", 0), answer("", "", 0)
	unverifiable.Outcome, unknown.Outcome = Unverifiable, NotFound
	for _, tt := range []struct {
		name        string
		status, sub string
		amount      int64
		answer      Finding
		latest      bool
		want        bool
	}{
		{"the same", "success", "", 3000, answer("success", "", 3000), true, false},
		{"success, still processing", "success", "", 3000, answer("processing", "paid", 3000), true, true},
		{"an earlier one of several", "success", "", 3000, answer("processing", "paid", 3000), false, true},
		{"success, still a dispute", "success", "", 3000, answer("dispute", "no_payment", 3000), true, true},
		{"dispute, still processing", "dispute", "no_payment", 3000, answer("processing", "new", 3000), true, true},
		{"processing, success by now", "processing", "paid", 3000, answer("success", "", 3000), true, false},
		{"dispute, success by now", "dispute", "no_payment", 3000, answer("success", "", 3000), true, false},
		{"decline, still a success", "decline", "", 3000, answer("success", "", 3000), true, true},
		{"another step of processing", "processing", "paid", 3000, answer("processing", "new", 3000), true, true},
		{"an old step of processing", "processing", "new", 3000, answer("processing", "paid", 3000), false, false},
		{"another amount", "success", "", 7000, answer("success", "", 3000), true, true},
		{"an old amount", "success", "", 2000, answer("success", "", 3000), false, false},
		{"no amount that it says", "success", "", 0, answer("success", "", 3000), true, false},
		{"no amount to compare", "decline", "", 3000, answer("decline", "", 0), true, false},
		{"an answer that is not trusted", "success", "", 3000, unverifiable, true, false},
		{"a payin that HighHelp does not know yet", "processing", "new", 3000, unknown, true, true},
	} {
		a := Alert{Status: tt.status, SubStatus: tt.sub, Amount: tt.amount, OldAmount: 3000, InitialAmount: 3000}
		if got := a.Ahead(&tt.answer, tt.latest); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// TestUnreadableAlerts checks that an unreadable alert is stored with the reason why the alert is unreadable.
func TestUnreadableAlerts(t *testing.T) {
	const good = `{"project_id":"` + testProject + `","general":{"payment_id":"p"},"status":{"status":"success"},
		"payment_info":{"amount":3,"old_amount":2,"initial_amount":1}}`
	a := AlertOf(testProject, "digest", []byte(good), now)
	if a.State != AlertWaiting || a.PaymentID != "p" || a.TextDigest != "digest" || a.Note != "" ||
		a.Amount != 3 || a.OldAmount != 2 || a.InitialAmount != 1 {
		t.Errorf("%+v", a)
	}
	for what, body := range map[string]string{
		"no project":      `{"general":{"payment_id":"p"},"status":{"status":"success"}}`,
		"no status":       `{"project_id":"` + testProject + `","general":{"payment_id":"p"}}`,
		"no payin":        `{"project_id":"` + testProject + `","status":{"status":"success"}}`,
		"another project": `{"project_id":"another","general":{"payment_id":"p"},"status":{"status":"success"}}`,
		"a status text":   `{"project_id":"` + testProject + `","general":{"payment_id":"p"},"status":"success"}`,
		"a long id": `{"project_id":"` + testProject + `","general":{"payment_id":"` +
			strings.Repeat("x", maxPaymentID+1) + `"},"status":{"status":"success"}}`,
	} {
		a := AlertOf(testProject, "digest", []byte(body), now)
		if a.State != AlertUnreadable || a.ProjectID != testProject || a.Note == "" || a.TextDigest != "digest" ||
			string(a.Body) != body {
			t.Errorf("%s: %+v", what, a)
		}
		if named := strings.Contains(body, `"payment_id":"p"`); named != (a.PaymentID == "p") {
			t.Errorf("%s: it is kept for payin %q", what, a.PaymentID)
		}
	}
}
