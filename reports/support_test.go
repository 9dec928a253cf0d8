package reports

import (
	"slices"
	"testing"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

func payin(amount int64, currency string) reconcile.Payin {
	return reconcile.Payin{ProjectID: somProject, PaymentID: "1", Amount: amount, Currency: currency, Status: "processing",
		SubStatus: "awaiting_confirm", Lifetime: 600, CreatedAt: time.Date(2026, 10, 31, 18, 0, 0, 0, time.UTC)}
}

// theirs returns an answer of HighHelp about a payin with the amount 1000.
func theirs(p reconcile.Payin, status, subStatus string, paid int64) *highhelp.PayinInfo {
	return &highhelp.PayinInfo{
		Status: status, SubStatus: subStatus, ProjectID: p.ProjectID, PaymentID: p.PaymentID, RequestID: "2",
		PaymentInfo: &highhelp.PaymentInfo{InitialAmount: 1000, OldAmount: 1000, Amount: paid, Currency: p.Currency,
			Type: "payin", ExpirationDate: p.CreatedAt.Add(10 * time.Minute).Unix()},
	}
}

// judged returns the finding about a payin two hours after the creation of the payin.
func judged(p reconcile.Payin, info *highhelp.PayinInfo, result reconcile.Result) *reconcile.Finding {
	rules := reconcile.DefaultProject(p.ProjectID).Rules(p.CreatedAt.Add(2 * time.Hour))
	f := &reconcile.Finding{Payin: p, Result: result,
		Verdict: reconcile.Judge(&p, &reconcile.Answer{Result: result, Info: info}, &rules)}
	if info != nil && f.Outcome.Trusted() {
		f.ProviderStatus, f.ProviderSubStatus = info.Status, info.SubStatus
		f.InitialAmount, f.OldAmount, f.PaidAmount = 1000, 1000, info.PaymentInfo.Amount
	}
	return f
}

// TestQuestion checks the questions for all statuses in HighHelp's table. Some statuses need no question.
func TestQuestion(t *testing.T) {
	for _, c := range []struct {
		status, subStatus string
		ours              string // the row's status
		paid              int64
		asked             bool
	}{
		{"dispute", "no_payment", "processing", 1000, false},
		{"dispute", "different_amount", "processing", 1000, true},
		{"dispute", "confirm_timeout", "processing", 1000, true},
		{"dispute", "incorrect_requisites", "processing", 1000, true},
		{"dispute", "payout_failed", "processing", 1000, true},
		{"dispute", "never_heard_of", "processing", 1000, true},
		{"processing", "awaiting_confirm", "processing", 1000, true}, // the payin is overdue
		{"error", "", "processing", 1000, true},
		{"decline", "", "processing", 1000, false},
		{"success", "", "processing", 1000, false},
		{"success", "", "processing", 2000, false}, // a person must decide, but no question to HighHelp is necessary
		{"success", "", "decline", 1000, true},     // a reversed payin
		{"success", "", "success", 1000, false},
	} {
		p := payin(1000, "KGS")
		p.Status = c.ours
		f := judged(p, theirs(p, c.status, c.subStatus, c.paid), reconcile.ResultAnswered)
		if got := question(i18n.English(), reconcile.FormatAmount, f); (got != "") != c.asked {
			state := reconcile.StatusText(c.status, c.subStatus)
			t.Errorf("%s, %d paid, ours %s (%s): %q", state, c.paid, c.ours, f.Outcome, got)
		}
	}
}

// TestQuestionWithoutAnswer checks that a missing answer or an error in the merchant's row needs no question. A payin
// that HighHelp does not know needs a question.
func TestQuestionWithoutAnswer(t *testing.T) {
	for _, c := range []struct {
		name   string
		payin  reconcile.Payin
		info   func(reconcile.Payin) *highhelp.PayinInfo
		result reconcile.Result
		asked  bool
	}{
		{"unreachable", payin(1000, "KGS"), nil, reconcile.ResultUnreachable, false},
		{"not asked", payin(1000, "KGS"), nil, reconcile.ResultNotAsked, false},
		{"not found", payin(1000, "KGS"), nil, reconcile.ResultNotFound, true},
		{"refused", payin(1000, "KGS"), nil, reconcile.ResultRefused, true},
		{"our currency", payin(1000, "QQQ"), success, reconcile.ResultAnswered, false},
		{"our amount", payin(0, "KGS"), success, reconcile.ResultAnswered, false},
	} {
		var info *highhelp.PayinInfo
		if c.info != nil {
			info = c.info(c.payin)
		}
		f := judged(c.payin, info, c.result)
		f.Doubt = 0 // a stored finding has no Doubt
		if got := question(i18n.English(), reconcile.FormatAmount, f); (got != "") != c.asked {
			t.Errorf("%s (%s): %q", c.name, f.Outcome, got)
		}
		if why := (&Report{Printer: i18n.English()}).unresolved(f); why == "" {
			t.Errorf("%s (%s) is not among the unresolved", c.name, f.Outcome)
		}
	}
}

func success(p reconcile.Payin) *highhelp.PayinInfo {
	return theirs(p, "success", "", 1000)
}

// TestAskedOutcomes checks that askedOutcomes has every outcome that has a question.
func TestAskedOutcomes(t *testing.T) {
	for _, o := range reconcile.Outcomes {
		f := reconcile.Finding{Payin: reconcile.Payin{Amount: 100, Currency: "KGS"},
			Verdict: reconcile.Verdict{Outcome: o, Causes: reconcile.CauseProvider}}
		if asked := slices.Contains(askedOutcomes, o); asked != (question(i18n.English(), reconcile.FormatAmount, &f) != "") {
			t.Errorf("%s: read %t, question %q", o, asked, question(i18n.English(), reconcile.FormatAmount, &f))
		}
	}
}
