package reconcile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hhrecon/highhelp"
)

const (
	testProject = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	testPayment = "KG-20261122-000123"
)

// now is the time of every run in these tests. The sample payin expired half an hour before.
var now = time.Date(2026, 11, 23, 2, 30, 0, 0, time.UTC)

func samplePayin() Payin {
	return Payin{
		ProjectID: testProject, PaymentID: testPayment, Amount: 500000, Currency: "KGS", Status: "pending",
		Lifetime: 600, CreatedAt: now.Add(-40 * time.Minute), UpdatedAt: now.Add(-39 * time.Minute),
	}
}

func sampleInfo(status, sub string) *highhelp.PayinInfo {
	return &highhelp.PayinInfo{
		Status: status, SubStatus: sub, ProjectID: testProject, PaymentID: testPayment, RequestID: "16a10539",
		PaymentInfo: &highhelp.PaymentInfo{
			Amount: 500000, OldAmount: 500000, InitialAmount: 500000, Currency: "KGS", Lifetime: 600,
			ExpirationDate: now.Add(-10 * time.Minute).Unix(), Type: "payin",
		},
	}
}

func sampleRules() Rules {
	return Rules{Now: now, Grace: 15 * time.Minute, DifferentAmount: Hold}
}

func answered(info *highhelp.PayinInfo) *Answer {
	return &Answer{Result: ResultAnswered, Info: info, At: now}
}

// patterns are the 15 ways in which the merchant's amount (M) and HighHelp's initial (I), old (O) and paid (A)
// amounts can be equal or different. Equal letters mean equal amounts. The expected causes were not computed, but
// taken from the rules.
var patterns = []struct {
	miOA   string // one letter each for M, I, O and A, in this order; equal letters mean equal amounts
	causes string
}{
	{"aaaa", ""},
	{"aaab", "appeal"},
	{"aaba", "appeal,reprice"},
	{"abaa", "reprice,record"},
	{"baaa", "record"},
	{"aabb", "reprice"},
	{"abab", "appeal,reprice,record"},
	{"abba", "appeal,record"},
	{"aabc", "appeal,reprice"},
	{"abac", "appeal,reprice,record"},
	{"abca", "appeal,reprice,record"},
	{"baac", "appeal,record"},
	{"baca", "appeal,reprice,record"},
	{"bcaa", "reprice,record"},
	{"abcd", "appeal,reprice,record"},
}

// statuses are all documented statuses and some undocumented statuses. Each status has the expected outcome for equal
// amounts, the expected outcome for different amounts, and the cause that the status itself adds.
var statuses = []struct {
	status, sub   string
	overdue       bool
	equal, differ Outcome
	cause         Causes
	compared      bool
}{
	{"processing", "new", false, Pending, DifferentAmount, 0, true},
	{"processing", "requisites", false, Pending, DifferentAmount, 0, true},
	{"processing", "awaiting_confirm", false, Pending, DifferentAmount, 0, true},
	{"processing", "awaiting_3ds_result", false, Pending, DifferentAmount, 0, true},
	{"processing", "awaiting_redirect_result", false, Pending, DifferentAmount, 0, true},
	{"processing", "sent_verification", false, Pending, DifferentAmount, 0, true},
	{"processing", "invalid_verification", false, Pending, DifferentAmount, 0, true},
	{"processing", "paid", false, Pending, DifferentAmount, 0, true},
	{"processing", "payout_process", false, Pending, DifferentAmount, 0, true},
	{"processing", "", false, Pending, DifferentAmount, 0, true},
	{"processing", "of_tomorrow", false, Pending, DifferentAmount, 0, true},
	{"processing", "new", true, Timeout, Timeout, CauseOverdue, true},
	{"processing", "paid", true, Timeout, Timeout, CauseOverdue, true},
	{"processing", "", true, Timeout, Timeout, CauseOverdue, true},
	{"dispute", "no_payment", false, Timeout, Timeout, CauseNoPayment, true},
	{"dispute", "confirm_timeout", false, Timeout, Timeout, CauseConfirmTimeout, true},
	{"dispute", "different_amount", false, DifferentAmount, DifferentAmount, CauseProvider, true},
	{"dispute", "incorrect_requisites", false, Disputed, Disputed, 0, true},
	{"dispute", "payout_failed", false, Disputed, Disputed, 0, true},
	{"dispute", "others", true, Disputed, Disputed, 0, true},
	{"dispute", "", false, Disputed, Disputed, 0, true},
	{"dispute", "of_tomorrow", true, Disputed, Disputed, 0, true},
	{"error", "", false, Rejected, Rejected, 0, false},
	{"error", "of_tomorrow", true, Rejected, Rejected, 0, false},
	{"decline", "", false, Declined, Declined, 0, false},
	{"decline", "of_tomorrow", true, Declined, Declined, 0, false},
	{"success", "", false, Confirmed, DifferentAmount, 0, true},
	{"success", "of_tomorrow", true, Confirmed, DifferentAmount, 0, true}, // a new sub-status that the settings allow
}

// TestJudgePatterns checks every pattern with its amounts in every order of size, for every status and both policies.
func TestJudgePatterns(t *testing.T) {
	seen := 0
	for _, pattern := range patterns {
		for _, value := range assignments(pattern.miOA) {
			for _, s := range statuses {
				for _, policy := range []Policy{Hold, Accept} {
					seen++
					p, info, rules := samplePayin(), sampleInfo(s.status, s.sub), sampleRules()
					p.Amount, info.PaymentInfo.InitialAmount = value[0], value[1]
					info.PaymentInfo.OldAmount, info.PaymentInfo.Amount = value[2], value[3]
					rules.DifferentAmount, rules.SuccessSubStatuses = policy, []string{"of_tomorrow"}
					rules.AcceptWithin = &AcceptWithin{BasisPoints: 100_000}
					if s.overdue {
						info.PaymentInfo.ExpirationDate = now.Add(-16 * time.Minute).Unix()
					}
					name := fmt.Sprintf("%s %v %s:%s overdue=%t %s", pattern.miOA, value, s.status, s.sub, s.overdue, policy)

					wantCauses, err := ParseCauses(pattern.causes)
					if err != nil {
						t.Fatal(err)
					}
					wantOutcome := s.equal
					if !s.compared {
						wantCauses = 0
					} else if wantCauses != 0 {
						wantOutcome = s.differ
					}
					wantCauses |= s.cause

					got := Judge(&p, answered(info), &rules)
					if got.Outcome != wantOutcome || got.Causes != wantCauses {
						t.Errorf("%s: got %s {%s}, want %s {%s}", name, got.Outcome, got.Causes, wantOutcome, wantCauses)
					}
					settles := policy == Accept || value[3] == value[0] && value[1] == value[0]
					if want := wantAfter(wantOutcome, s.status, s.sub, settles, value[3]); got.After != want {
						t.Errorf("%s: writes %+v, want %+v", name, got.After, want)
					}
					if !got.Changes {
						t.Errorf("%s: changes nothing", name)
					}
				}
			}
		}
	}
	if seen < 15*len(statuses)*2 {
		t.Fatalf("only %d cases", seen)
	}
}

// wantAfter returns the row after the correction that the domain rules specify, for a pending row
// without a settled amount.
func wantAfter(o Outcome, status, sub string, settles bool, paid int64) State {
	switch {
	case o == Confirmed:
		return State{"success", sub, paid}
	case o == DifferentAmount && status == "success" && !settles:
		return State{"dispute", "different_amount", paid}
	case o == DifferentAmount && status == "success":
		return State{"success", sub, paid}
	}
	return State{status, sub, 0}
}

// assignments returns amounts for the letters of a pattern, in every order of size.
func assignments(pattern string) [][4]int64 {
	letters := 0
	for _, c := range pattern {
		letters = max(letters, int(c-'a')+1)
	}
	var out [][4]int64
	for _, order := range permutations(letters) {
		var value [4]int64
		for i, c := range pattern {
			value[i] = 300000 + 100000*int64(order[c-'a'])
		}
		out = append(out, value)
	}
	return out
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var out [][]int
	for _, rest := range permutations(n - 1) {
		for at := 0; at <= len(rest); at++ {
			p := append(append(append([]int{}, rest[:at]...), n-1), rest[at:]...)
			out = append(out, p)
		}
	}
	return out
}

// TestJudgeStatusMap checks that the merchant's statuses are written, also when a success is held.
func TestJudgeStatusMap(t *testing.T) {
	rules := sampleRules()
	rules.StatusMap = map[string]string{
		"success": "paid", "dispute": "question", "different_amount": "other_sum", "no_payment": "unpaid", "error": "failed",
	}
	for _, tt := range []struct {
		status, sub string
		paid        int64
		want        State
	}{
		{"success", "", 500000, State{"paid", "", 500000}},
		{"success", "", 700000, State{"question", "other_sum", 700000}},
		{"dispute", "no_payment", 500000, State{"question", "unpaid", 0}},
		{"dispute", "others", 500000, State{"question", "others", 0}},
		{"error", "", 500000, State{"failed", "", 0}},
		{"decline", "", 500000, State{"decline", "", 0}},
	} {
		p, info := samplePayin(), sampleInfo(tt.status, tt.sub)
		info.PaymentInfo.Amount = tt.paid
		if got := Judge(&p, answered(info), &rules); got.After != tt.want {
			t.Errorf("%s:%s writes %+v, want %+v", tt.status, tt.sub, got.After, tt.want)
		}
	}
}

// TestJudgeHarm checks that a correction that sets the status decline, error or dispute is harmful, even if the
// correction holds a success. An unchanged row has no correction.
func TestJudgeHarm(t *testing.T) {
	for status, want := range map[string]bool{"decline": true, "error": true, "dispute": true, "processing": false,
		"success": false} {
		p, rules := samplePayin(), sampleRules()
		if v := Judge(&p, answered(sampleInfo(status, "")), &rules); v.Harmful != want {
			t.Errorf("%s: harmful %t", status, v.Harmful)
		}
		p.Status = status
		if v := Judge(&p, answered(sampleInfo(status, "")), &rules); v.Harmful {
			t.Errorf("%s is in the row already, and counts as harmful", status)
		}
	}
	p, held, rules := samplePayin(), sampleInfo("success", ""), sampleRules()
	held.PaymentInfo.Amount = 1
	if v := Judge(&p, answered(held), &rules); !v.Harmful {
		t.Error("a hold is a dispute, and does not count as harmful")
	}
}

// TestJudgeIsIdempotent checks that a row that is already correct is not written again.
func TestJudgeIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, a, rules := drawCase(t)
		first := Judge(&p, a, &rules)
		p.Status, p.SubStatus, p.SettledAmount = first.After.Status, first.After.SubStatus, first.After.SettledAmount
		if second := Judge(&p, a, &rules); second.Changes || second.Harmful {
			t.Fatalf("first %+v, then %+v", first, second)
		}
	})
}

// TestJudgeProperties checks properties for any input. There is exactly one known outcome. The three steps between the
// amounts add up. An untrusted answer changes nothing. A harmful verdict is a change.
func TestJudgeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, a, rules := drawCase(t)
		v := Judge(&p, a, &rules)
		count := 0
		for _, o := range Outcomes {
			if v.Outcome == o {
				count++
			}
		}
		if count != 1 {
			t.Fatalf("%q is %d outcomes", v.Outcome, count)
		}
		row := State{p.Status, p.SubStatus, p.SettledAmount}
		if v.Changes != (v.After != row) {
			t.Fatalf("changes %t from %+v to %+v", v.Changes, row, v.After)
		}
		if (!v.Outcome.Trusted() || v.Outcome == NotFound || v.Outcome == Reversed) && v.Changes {
			t.Fatalf("%s changes the row to %+v", v.Outcome, v.After)
		}
		if (v.Outcome == Unverifiable) != (v.Doubt != 0) {
			t.Fatalf("%s with doubt %d", v.Outcome, v.Doubt)
		}
		if v.Outcome == Reversed && !rules.isFinal(p.Status) && !rules.isHeldSuccess(&p) {
			t.Fatalf("a row that says %s:%s is reversed", p.Status, p.SubStatus)
		}
		if v.Changes && v.After.Status == rules.merchantStatus("success") {
			info := a.Info.PaymentInfo
			settles := info.Amount == p.Amount && info.InitialAmount == p.Amount
			if v.After.SettledAmount != info.Amount || !settles && rules.DifferentAmount != Accept {
				t.Fatalf("%+v writes %+v", info, v.After)
			}
		}
		if rules.isFinal(p.Status) && v.Changes {
			t.Fatalf("a final row would become %+v", v.After)
		}
		if v.Harmful && !v.Changes {
			t.Fatal("harmful without a change")
		}
		if v.Changes && v.After.Status == rules.merchantStatus("success") && a.Info.Status != "success" {
			t.Fatalf("success is written where HighHelp says %q", a.Info.Status)
		}
		f := NewFinding(p, 1, a, &rules)
		record, reprice, appeal := f.Steps()
		if f.Compared() && f.Amount+record+reprice+appeal != f.PaidAmount {
			t.Fatalf("%d %+d %+d %+d is not %d", f.Amount, record, reprice, appeal, f.PaidAmount)
		}
		if f.Compared() && (f.Causes.Has(CauseRecord) != (record != 0) || f.Causes.Has(CauseReprice) != (reprice != 0) ||
			f.Causes.Has(CauseAppeal) != (appeal != 0)) {
			t.Fatalf("causes %s, steps %d %d %d", f.Causes, record, reprice, appeal)
		}
		if again := Judge(&p, a, &rules); again != v {
			t.Fatalf("judged twice: %+v, %+v", v, again)
		}
		if !f.ExpiresAt.IsZero() && (f.ExpiresAt.Year() < 2000 || f.ExpiresAt.After(now.AddDate(1, 0, 0))) {
			t.Fatalf("the payin expires %s", f.ExpiresAt)
		}
		if f.SameAnswer(&f) != (f.ProviderStatus != "") {
			t.Fatalf("the answer %q is the same as itself: %t", f.ProviderStatus, f.SameAnswer(&f))
		}
		if again := NewFinding(f.Payin, 1, a, &rules); again.Verdict != f.Verdict || again.Facts != f.Facts ||
			again.Reason.String() != f.Reason.String() {
			t.Fatalf("with the facts that are kept %+v is %+v", f, again)
		}
	})
}

func drawCase(t *rapid.T) (Payin, *Answer, Rules) {
	amount := rapid.OneOf(rapid.SampledFrom([]int64{0, 1, 300000, 500000, 700000, maxAmount, maxAmount + 1, -1}),
		rapid.Int64())
	word := rapid.OneOf(rapid.SampledFrom([]string{"", "processing", "dispute", "error", "decline", "success", "new",
		"pending", "paid", "no_payment", "confirm_timeout", "different_amount", "others"}), rapid.String())
	p := samplePayin()
	p.Amount, p.SettledAmount = amount.Draw(t, "M"), rapid.Int64Range(0, maxAmount).Draw(t, "settled")
	p.Status, p.SubStatus = word.Draw(t, "row status"), word.Draw(t, "row sub-status")
	p.Currency = rapid.SampledFrom([]string{"KGS", "RUB", "XXX"}).Draw(t, "currency")
	lifetime := rapid.OneOf(rapid.Int64Range(-1, 86_401), rapid.Int64())
	p.Lifetime = lifetime.Draw(t, "lifetime")
	p.Facts.HeldSuccess = rapid.IntRange(0, 9).Draw(t, "held success") == 0
	if rapid.IntRange(0, 9).Draw(t, "faulty") == 0 {
		p.Facts.Fault, p.Amount = "fault.amount", 0
	}
	info := sampleInfo(word.Draw(t, "status"), word.Draw(t, "sub-status"))
	info.PaymentInfo.Amount, info.PaymentInfo.OldAmount = amount.Draw(t, "A"), amount.Draw(t, "O")
	info.PaymentInfo.InitialAmount = amount.Draw(t, "I")
	info.PaymentInfo.ExpirationDate = rapid.OneOf(
		rapid.Just(int64(0)), rapid.Int64Range(now.Unix()-4000, now.Unix()+4000), rapid.Int64(),
		rapid.Int64Range(now.Add(-time.Hour).UnixMicro(), now.UnixMicro()),
	).Draw(t, "expiry")
	info.PaymentInfo.Lifetime = lifetime.Draw(t, "HighHelp's lifetime")
	info.ProjectID = rapid.SampledFrom([]string{testProject, strings.ToUpper(testProject)}).Draw(t, "project")
	if rapid.IntRange(0, 9).Draw(t, "no payment_info") == 0 {
		info.PaymentInfo = nil
	}
	a := &Answer{At: now, Result: rapid.SampledFrom([]Result{
		ResultAnswered, ResultAnswered, ResultAnswered, ResultNotFound, ResultRefused, ResultUnreachable, ResultNotAsked,
	}).Draw(t, "result")}
	if a.Result == ResultAnswered {
		a.Info = info
	}
	rules := sampleRules()
	rules.DifferentAmount = rapid.SampledFrom([]Policy{Hold, Accept}).Draw(t, "policy")
	if rapid.Bool().Draw(t, "listed") {
		rules.SuccessSubStatuses = []string{"paid", "others"}
	}
	rules.AcceptWithin = rapid.SampledFrom([]*AcceptWithin{nil, {BasisPoints: 0}, {BasisPoints: 100_000},
		{BasisPoints: 5000, Sum: 100_000}}).Draw(t, "within")
	if rapid.Bool().Draw(t, "mapped") {
		rules.StatusMap = map[string]string{"success": "paid", "processing": "pending"}
	}
	return p, a, rules
}

// TestJudgeDoesNotAllocate checks that Judge allocates no memory, since runs may have millions of payins.
func TestJudgeDoesNotAllocate(t *testing.T) {
	p, a, rules := samplePayin(), answered(sampleInfo("success", "")), sampleRules()
	if n := testing.AllocsPerRun(100, func() { Judge(&p, a, &rules) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkJudge(b *testing.B) {
	p, a, rules := samplePayin(), answered(sampleInfo("success", "")), sampleRules()
	b.ReportAllocs()
	for b.Loop() {
		Judge(&p, a, &rules)
	}
}
