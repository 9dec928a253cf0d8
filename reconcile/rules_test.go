package reconcile

import (
	"cmp"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp"
)

// ruleCase is a test case with the merchant's row, the settings, HighHelp's answer, and the expected verdict.
type ruleCase struct {
	name    string
	row     func(*Payin)
	rules   func(*Rules)
	answer  *Answer
	outcome Outcome
	doubt   Doubt
	causes  Causes
	after   State  // zero if there is no correction
	reason  string // a part of the expected reason; empty means any reason
}

func (c *ruleCase) run(t *testing.T) {
	t.Helper()
	p, rules := samplePayin(), sampleRules()
	if c.row != nil {
		c.row(&p)
	}
	if c.rules != nil {
		c.rules(&rules)
	}
	got := Judge(&p, c.answer, &rules)
	if got.Outcome != c.outcome || got.Doubt != c.doubt || got.Causes != c.causes {
		t.Errorf("got %s {%s} (doubt %d), want %s {%s} (doubt %d)",
			got.Outcome, got.Causes, got.Doubt, c.outcome, c.causes, c.doubt)
	}
	want := cmp.Or(c.after, State{p.Status, p.SubStatus, p.SettledAmount})
	if got.After != want || got.Changes != (c.after != State{}) {
		t.Errorf("writes %+v (changes %t), want %+v", got.After, got.Changes, want)
	}
	f := NewFinding(p, 1, c.answer, &rules)
	if f.Verdict != got {
		t.Errorf("the finding has %+v, not %+v", f.Verdict, got)
	}
	stored := ParseReason(f.Reason.Code, f.Reason.Data(), "")
	if f.Reason.IsZero() || !reflect.DeepEqual(stored, f.Reason) {
		t.Errorf("reason %s is stored as %s", f.Reason, stored)
	}
	if !strings.Contains(f.Reason.String(), c.reason) {
		t.Errorf("reason %s, want %s in it", f.Reason, c.reason)
	}
}

func runAll(t *testing.T, cases []ruleCase) {
	t.Helper()
	names := make(map[string]bool)
	for _, c := range cases {
		if names[c.name] {
			t.Errorf("%q is there twice", c.name)
		}
		names[c.name] = true
		t.Run(c.name, c.run)
	}
}

// says returns an answer of HighHelp. The amounts are HighHelp's initial (I), old (O) and paid (A) amounts. An omitted
// amount is the payin's amount.
func says(status, sub string, amounts ...int64) *Answer {
	info := sampleInfo(status, sub)
	if len(amounts) == 3 {
		i := info.PaymentInfo
		i.InitialAmount, i.OldAmount, i.Amount = amounts[0], amounts[1], amounts[2]
	}
	return answered(info)
}

func changed(a *Answer, change func(*highhelp.PayinInfo)) *Answer {
	change(a.Info)
	return a
}

func rowWith(status, sub string, settled int64) func(*Payin) {
	return func(p *Payin) { p.Status, p.SubStatus, p.SettledAmount = status, sub, settled }
}

// TestJudgeLines has a case for each line of the documented table of outcomes, and for each reason of a line.
func TestJudgeLines(t *testing.T) {
	with := func(change func(*highhelp.PayinInfo)) *Answer { return changed(says("success", ""), change) }
	runAll(t, []ruleCase{
		{name: "1 no usable answer", answer: &Answer{Result: ResultUnreachable}, outcome: Unreachable},
		{
			name: "1 never asked", answer: &Answer{Result: ResultNotAsked}, outcome: Unreachable,
			reason: "payin.not_asked",
		},
		{name: "2 unknown to HighHelp", answer: &Answer{Result: ResultNotFound}, outcome: NotFound},
		{name: "3 refused", answer: &Answer{Result: ResultRefused}, outcome: Unverifiable, doubt: DoubtRefused},
		{
			name: "3 another payment", answer: with(func(i *highhelp.PayinInfo) { i.PaymentID = "other" }),
			outcome: Unverifiable, doubt: DoubtPaymentID,
		},
		{
			name:    "3 payment_id compares byte by byte",
			answer:  with(func(i *highhelp.PayinInfo) { i.PaymentID = strings.ToLower(testPayment) }),
			outcome: Unverifiable, doubt: DoubtPaymentID,
		},
		{
			name: "3 no payment_id", answer: with(func(i *highhelp.PayinInfo) { i.PaymentID = "" }),
			outcome: Unverifiable, doubt: DoubtPaymentID,
		},
		{
			name: "3 another project", answer: with(func(i *highhelp.PayinInfo) { i.ProjectID = "other" }),
			outcome: Unverifiable, doubt: DoubtProjectID,
		},
		{
			name: "3 no project_id", answer: with(func(i *highhelp.PayinInfo) { i.ProjectID = "" }),
			outcome: Unverifiable, doubt: DoubtProjectID,
		},
		{
			name:   "3 another currency",
			answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo.Currency = "RUB" }), outcome: Unverifiable,
			doubt: DoubtCurrency,
		},
		{
			name: "3 no currency", answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo.Currency = "" }),
			outcome: Unverifiable, doubt: DoubtCurrency,
		},
		{
			name: "3 no payment_info", answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo = nil }),
			outcome: Unverifiable, doubt: DoubtNoPaymentInfo,
		},
		{
			name: "3 no amount", answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo.Amount = 0 }),
			outcome: Unverifiable, doubt: DoubtAmount,
		},
		{
			name:    "3 amount too large",
			answer:  with(func(i *highhelp.PayinInfo) { i.PaymentInfo.Amount = maxAmount + 1 }),
			outcome: Unverifiable, doubt: DoubtAmount,
		},
		{
			name:   "3 old_amount below zero",
			answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo.OldAmount = -1 }), outcome: Unverifiable,
			doubt: DoubtAmount,
		},
		{
			name:    "3 no initial_amount",
			answer:  with(func(i *highhelp.PayinInfo) { i.PaymentInfo.InitialAmount = 0 }),
			outcome: Unverifiable, doubt: DoubtAmount,
		},
		{
			name: "3 an amount of a decline out of range", answer: says("decline", "", 0, 0, -1),
			outcome: Unverifiable, doubt: DoubtAmount,
		},
		{
			name: "3 a payout", answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo.Type = "payout" }),
			outcome: Unverifiable, doubt: DoubtType,
		},
		{name: "3 an unknown status", answer: says("refunded", ""), outcome: Unverifiable, doubt: DoubtStatus},
		{name: "3 no status", answer: says("", ""), outcome: Unverifiable, doubt: DoubtStatus},
		{
			name: "3 a sub-status that is no word", answer: says("dispute", "a\x00b"), outcome: Unverifiable,
			doubt: DoubtSubStatus,
		},
		{
			name: "3 a sub-status without end", answer: says("dispute", strings.Repeat("x", 65)),
			outcome: Unverifiable, doubt: DoubtSubStatus,
		},
		{
			name: "3 an unlisted sub-status under success", answer: says("success", "reversed"),
			outcome: Unverifiable, doubt: DoubtSuccess, reason: `"\"reversed\""`,
		},
		{
			name:    "3 before 5: a decline about another payin",
			answer:  with(func(i *highhelp.PayinInfo) { i.Status, i.PaymentID = "decline", "other" }),
			outcome: Unverifiable, doubt: DoubtPaymentID,
		},
		{name: "5 decline", answer: says("decline", "", 1, 2, 3), outcome: Declined, after: State{Status: "decline"}},
		{
			name: "5 decline clears the settled amount", row: rowWith("pending", "", 7),
			answer: says("decline", ""), outcome: Declined, after: State{Status: "decline"},
		},
		{
			name:    "5 decline with any sub-status, without payment_info",
			answer:  changed(says("decline", "of_tomorrow"), func(i *highhelp.PayinInfo) { i.PaymentInfo = nil }),
			outcome: Declined, after: State{Status: "decline", SubStatus: "of_tomorrow"},
		},
		{name: "6 error", answer: says("error", ""), outcome: Rejected, after: State{Status: "error"}},
		{
			name: "6 error with any sub-status, without payment_info", row: rowWith("pending", "", 7),
			answer:  changed(says("error", "of_tomorrow"), func(i *highhelp.PayinInfo) { i.PaymentInfo = nil }),
			outcome: Rejected, after: State{Status: "error", SubStatus: "of_tomorrow"},
		},
		{
			name: "7 not paid clears the settled amount", row: rowWith("pending", "", 7),
			answer: says("dispute", "no_payment"), outcome: Timeout, causes: CauseNoPayment,
			after: State{Status: "dispute", SubStatus: "no_payment"},
		},
		{
			name: "7 not confirmed leaves it", row: rowWith("pending", "", 7),
			answer: says("dispute", "confirm_timeout"), outcome: Timeout, causes: CauseConfirmTimeout,
			after: State{"dispute", "confirm_timeout", 7},
		},
		{
			name: "7 overdue leaves it", row: rowWith("pending", "", 7),
			answer:  changed(says("processing", "new"), expires(now.Add(-16*time.Minute).Unix())),
			outcome: Timeout, causes: CauseOverdue, after: State{"processing", "new", 7},
		},
		{
			name:   "7 before 8: not paid, and another sum",
			answer: says("dispute", "no_payment", 500000, 500000, 400000), outcome: Timeout,
			causes: CauseNoPayment | CauseAppeal, after: State{Status: "dispute", SubStatus: "no_payment"},
		},
		{
			name: "8 HighHelp says so itself", answer: says("dispute", "different_amount"),
			outcome: DifferentAmount, causes: CauseProvider,
			after: State{Status: "dispute", SubStatus: "different_amount"},
		},
		{
			name: "8 an appeal under processing", answer: says("processing", "paid", 500000, 500000, 400000),
			outcome: DifferentAmount, causes: CauseAppeal,
			after: State{Status: "processing", SubStatus: "paid"},
		},
		{
			name: "8 a hold", answer: says("success", "", 500000, 500000, 400000), outcome: DifferentAmount,
			causes: CauseAppeal, after: State{"dispute", "different_amount", 400000},
		},
		{
			name: "9 disputed", answer: says("dispute", "others", 500000, 500000, 400000), outcome: Disputed,
			causes: CauseAppeal, after: State{Status: "dispute", SubStatus: "others"},
		},
		{
			name: "9 an unknown sub-status is mentioned", answer: says("dispute", "of_tomorrow"),
			outcome: Disputed, after: State{Status: "dispute", SubStatus: "of_tomorrow"},
			reason: "payin.new_sub_status",
		},
		{name: "10 confirmed", answer: says("success", ""), outcome: Confirmed, after: State{"success", "", 500000}},
		{
			name:   "10 with a listed sub-status",
			rules:  func(r *Rules) { r.SuccessSubStatuses = []string{"instant"} },
			answer: says("success", "instant"), outcome: Confirmed, after: State{"success", "instant", 500000},
			reason: "payin.confirmed",
		},
		{
			name:    "10 project_id compares case-insensitively",
			answer:  with(func(i *highhelp.PayinInfo) { i.ProjectID = strings.ToUpper(testProject) }),
			outcome: Confirmed, after: State{"success", "", 500000},
		},
		{
			name: "11 pending", answer: says("processing", "paid"), outcome: Pending,
			after: State{Status: "processing", SubStatus: "paid"},
		},
		{
			name: "11 an unknown sub-status is mentioned", answer: says("processing", "of_tomorrow"),
			outcome: Pending, after: State{Status: "processing", SubStatus: "of_tomorrow"},
			reason: "payin.new_sub_status",
		},
		{
			name: "11 an empty sub-status is none", row: rowWith("processing", "", 0),
			answer: says("processing", ""), outcome: Pending,
		},
	})
}

func expires(date int64) func(*highhelp.PayinInfo) {
	return func(i *highhelp.PayinInfo) { i.PaymentInfo.ExpirationDate = date }
}

// TestFaultyRows checks that a payin with an invalid row is unverifiable for any answer.
func TestFaultyRows(t *testing.T) {
	for name, c := range map[string]struct {
		row    func(*Payin)
		doubt  Doubt
		reason string
	}{
		"no payment_id": {func(p *Payin) { p.PaymentID = "" }, DoubtOwnPaymentID, "fault.payment_id"},
		"payment_id too long": {
			func(p *Payin) { p.PaymentID = strings.Repeat("ж", 256) }, DoubtOwnPaymentID, "fault.payment_id",
		},
		"payment_id with NUL":     {func(p *Payin) { p.PaymentID = "a\x00" }, DoubtText, "fault.text"},
		"status that is no UTF-8": {func(p *Payin) { p.Status = "\xff" }, DoubtText, "fault.text"},
		"amount zero":             {func(p *Payin) { p.Amount = 0 }, DoubtOwnAmount, "doubt.own_amount 0"},
		"amount too large":        {func(p *Payin) { p.Amount = math.MaxInt64 }, DoubtOwnAmount, "doubt.own_amount"},
		"amount below zero":       {func(p *Payin) { p.Amount = math.MinInt64 }, DoubtOwnAmount, "doubt.own_amount"},
		"no currency": {
			func(p *Payin) { p.Currency = "" }, DoubtUnknownCurrency, "doubt.unknown_currency",
		},
		"unknown currency": {
			func(p *Payin) { p.Currency = "XXX" }, DoubtUnknownCurrency, `doubt.unknown_currency "\"XXX\""`,
		},
		"small letters": {
			func(p *Payin) { p.Currency = "kgs" }, DoubtUnknownCurrency, "doubt.unknown_currency",
		},
		"amount null": {
			func(p *Payin) { p.Facts.Fault, p.Amount = "fault.amount", 0 }, DoubtRow, "fault.amount",
		},
		"two rows": {
			func(p *Payin) { p.Facts = Facts{Fault: "fault.duplicate", Rows: 2} }, DoubtRow,
			"fault.duplicate 2",
		},
	} {
		for _, status := range []string{"pending", "success", "decline"} {
			for _, a := range []*Answer{
				says("success", ""), says("decline", ""), {Result: ResultNotAsked}, {Result: ResultNotFound},
			} {
				k := ruleCase{
					name: name, row: func(p *Payin) { p.Status = status; c.row(p) }, answer: a, outcome: Unverifiable,
					doubt: c.doubt, reason: "payin.not_comparable (" + c.reason,
				}
				t.Run(name, k.run)
			}
		}
	}
	long := strings.Repeat("ж", 255)
	ok := ruleCase{
		row:     func(p *Payin) { p.PaymentID = long },
		answer:  changed(says("success", ""), func(i *highhelp.PayinInfo) { i.PaymentID = long }),
		outcome: Confirmed, after: State{"success", "", 500000},
	}
	t.Run("the longest payment_id", ok.run)
}

// TestFirstRunOfThreeStatuses checks that the first run over a table with one status for all open payins holds nothing.
// If the rows are in the status error, the successes are late credits.
func TestFirstRunOfThreeStatuses(t *testing.T) {
	answers := []*Answer{
		says("decline", "", 500000, 500000, 500000), says("dispute", "no_payment", 500000, 500000, 500000),
		says("error", "", 500000, 500000, 500000), says("processing", "new", 500000, 500000, 500000),
	}
	for status, want := range map[string]Correction{"pending": CorrectionApplied, "error": CorrectionHeld} {
		project := DefaultProject(testProject)
		project.StatusMap = threeStatuses
		rules := project.Rules(sampleRules().Now)
		var w ImpactSummary
		for i := range int64(200) {
			p, a := samplePayin(), says("success", "", 500000, 500000, 500000)
			if i%10 < int64(len(answers)) {
				a = answers[i%10]
			}
			p.Status = status
			f := NewFinding(p, i, a, &rules)
			w.Judged(&f, &rules)
		}
		w.Corrected = w.Changes
		mode, note := project.ChooseMode(&Run{ID: 1}, &w, ProjectUsual{})
		if held := w.Class(LateCredits).Hold != 0; mode != want || held != (want == CorrectionHeld) {
			t.Errorf("%s: %s, %+v, %v", status, mode, w.Classes, note)
		}
	}
}

// threeStatuses maps HighHelp's statuses to a table with one status for all open payins.
var threeStatuses = map[string]string{"processing": "pending", "dispute": "pending", "error": "pending",
	"success": "paid", "decline": "failed", "no_payment": "unpaid"}
