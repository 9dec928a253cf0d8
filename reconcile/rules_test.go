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

// ruling is a row of a table of the rules: the merchant's row, the settings and HighHelp's answer, and what comes of it.
type ruling struct {
	name    string
	row     func(*Payin)
	rules   func(*Rules)
	answer  *Answer
	outcome Outcome
	doubt   Doubt
	causes  Causes
	after   State  // zero: no correction
	reason  string // a part of the reason; "": any
}

func (c *ruling) run(t *testing.T) {
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
		t.Errorf("got %s {%s} (doubt %d), want %s {%s} (doubt %d)", got.Outcome, got.Causes, got.Doubt, c.outcome, c.causes, c.doubt)
	}
	want := cmp.Or(c.after, State{p.Status, p.SubStatus, p.SettledAmount})
	if got.After != want || got.Changes != (c.after != State{}) {
		t.Errorf("writes %+v (changes %t), want %+v", got.After, got.Changes, want)
	}
	f := findingOf(p, 1, c.answer, &rules)
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

func runAll(t *testing.T, cases []ruling) {
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

// says is an answer; amounts are I, O and A, if they are not as asked for.
func says(status, sub string, amounts ...int64) *Answer {
	info := sampleInfo(status, sub)
	if len(amounts) == 3 {
		info.PaymentInfo.InitialAmount, info.PaymentInfo.OldAmount, info.PaymentInfo.Amount = amounts[0], amounts[1], amounts[2]
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

// TestJudgeLines has a row for each line of the table of outcomes, and for each reason of a line that has several.
func TestJudgeLines(t *testing.T) {
	with := func(change func(*highhelp.PayinInfo)) *Answer { return changed(says("success", ""), change) }
	runAll(t, []ruling{
		{name: "1 no usable answer", answer: &Answer{Result: ResultUnreachable}, outcome: Unreachable},
		{name: "1 never asked", answer: &Answer{Result: ResultNotAsked}, outcome: Unreachable, reason: "payin.not_asked"},
		{name: "2 unknown to HighHelp", answer: &Answer{Result: ResultNotFound}, outcome: NotFound},
		{name: "3 refused", answer: &Answer{Result: ResultRefused}, outcome: Unverifiable, doubt: DoubtRefused},
		{name: "3 another payment", answer: with(func(i *highhelp.PayinInfo) { i.PaymentID = "other" }), outcome: Unverifiable, doubt: DoubtPaymentID},
		{name: "3 payment_id compares byte by byte", answer: with(func(i *highhelp.PayinInfo) { i.PaymentID = strings.ToLower(testPayment) }), outcome: Unverifiable, doubt: DoubtPaymentID},
		{name: "3 no payment_id", answer: with(func(i *highhelp.PayinInfo) { i.PaymentID = "" }), outcome: Unverifiable, doubt: DoubtPaymentID},
		{name: "3 another project", answer: with(func(i *highhelp.PayinInfo) { i.ProjectID = "other" }), outcome: Unverifiable, doubt: DoubtProjectID},
		{name: "3 no project_id", answer: with(func(i *highhelp.PayinInfo) { i.ProjectID = "" }), outcome: Unverifiable, doubt: DoubtProjectID},
		{name: "3 another currency", answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo.Currency = "RUB" }), outcome: Unverifiable, doubt: DoubtCurrency},
		{name: "3 no currency", answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo.Currency = "" }), outcome: Unverifiable, doubt: DoubtCurrency},
		{name: "3 no payment_info", answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo = nil }), outcome: Unverifiable, doubt: DoubtNoPaymentInfo},
		{name: "3 no amount", answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo.Amount = 0 }), outcome: Unverifiable, doubt: DoubtAmount},
		{name: "3 amount too large", answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo.Amount = maxAmount + 1 }), outcome: Unverifiable, doubt: DoubtAmount},
		{name: "3 old_amount below zero", answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo.OldAmount = -1 }), outcome: Unverifiable, doubt: DoubtAmount},
		{name: "3 no initial_amount", answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo.InitialAmount = 0 }), outcome: Unverifiable, doubt: DoubtAmount},
		{name: "3 an amount of a decline out of range", answer: says("decline", "", 0, 0, -1), outcome: Unverifiable, doubt: DoubtAmount},
		{name: "3 a payout", answer: with(func(i *highhelp.PayinInfo) { i.PaymentInfo.Type = "payout" }), outcome: Unverifiable, doubt: DoubtType},
		{name: "3 an unknown status", answer: says("refunded", ""), outcome: Unverifiable, doubt: DoubtStatus},
		{name: "3 no status", answer: says("", ""), outcome: Unverifiable, doubt: DoubtStatus},
		{name: "3 a sub-status that is no word", answer: says("dispute", "a\x00b"), outcome: Unverifiable, doubt: DoubtSubStatus},
		{name: "3 a sub-status without end", answer: says("dispute", strings.Repeat("x", 65)), outcome: Unverifiable, doubt: DoubtSubStatus},
		{name: "3 an unlisted sub-status under success", answer: says("success", "reversed"), outcome: Unverifiable, doubt: DoubtSuccess, reason: `"\"reversed\""`},
		{name: "3 before 5: a decline about another payin", answer: with(func(i *highhelp.PayinInfo) { i.Status, i.PaymentID = "decline", "other" }), outcome: Unverifiable, doubt: DoubtPaymentID},
		{name: "5 decline", answer: says("decline", "", 1, 2, 3), outcome: Declined, after: State{Status: "decline"}},
		{name: "5 decline clears the settled amount", row: rowWith("pending", "", 7), answer: says("decline", ""), outcome: Declined, after: State{Status: "decline"}},
		{name: "5 decline with any sub-status, without payment_info", answer: changed(says("decline", "of_tomorrow"), func(i *highhelp.PayinInfo) { i.PaymentInfo = nil }), outcome: Declined, after: State{Status: "decline", SubStatus: "of_tomorrow"}},
		{name: "6 error", answer: says("error", ""), outcome: Rejected, after: State{Status: "error"}},
		{name: "6 error with any sub-status, without payment_info", row: rowWith("pending", "", 7), answer: changed(says("error", "of_tomorrow"), func(i *highhelp.PayinInfo) { i.PaymentInfo = nil }), outcome: Rejected, after: State{Status: "error", SubStatus: "of_tomorrow"}},
		{name: "7 not paid clears the settled amount", row: rowWith("pending", "", 7), answer: says("dispute", "no_payment"), outcome: Timeout, causes: CauseNoPayment, after: State{Status: "dispute", SubStatus: "no_payment"}},
		{name: "7 not confirmed leaves it", row: rowWith("pending", "", 7), answer: says("dispute", "confirm_timeout"), outcome: Timeout, causes: CauseConfirmTimeout, after: State{"dispute", "confirm_timeout", 7}},
		{name: "7 overdue leaves it", row: rowWith("pending", "", 7), answer: changed(says("processing", "new"), expires(now.Add(-16*time.Minute).Unix())), outcome: Timeout, causes: CauseOverdue, after: State{"processing", "new", 7}},
		{name: "7 before 8: not paid, and another sum", answer: says("dispute", "no_payment", 500000, 500000, 400000), outcome: Timeout, causes: CauseNoPayment | CauseAppeal, after: State{Status: "dispute", SubStatus: "no_payment"}},
		{name: "8 HighHelp says so itself", answer: says("dispute", "different_amount"), outcome: DifferentAmount, causes: CauseProvider, after: State{Status: "dispute", SubStatus: "different_amount"}},
		{name: "8 an appeal under processing", answer: says("processing", "paid", 500000, 500000, 400000), outcome: DifferentAmount, causes: CauseAppeal, after: State{Status: "processing", SubStatus: "paid"}},
		{name: "8 a hold", answer: says("success", "", 500000, 500000, 400000), outcome: DifferentAmount, causes: CauseAppeal, after: State{"dispute", "different_amount", 400000}},
		{name: "9 disputed", answer: says("dispute", "others", 500000, 500000, 400000), outcome: Disputed, causes: CauseAppeal, after: State{Status: "dispute", SubStatus: "others"}},
		{name: "9 an unknown sub-status is mentioned", answer: says("dispute", "of_tomorrow"), outcome: Disputed, after: State{Status: "dispute", SubStatus: "of_tomorrow"}, reason: "payin.new_sub_status"},
		{name: "10 confirmed", answer: says("success", ""), outcome: Confirmed, after: State{"success", "", 500000}},
		{name: "10 with a listed sub-status", rules: func(r *Rules) { r.SuccessSubStatuses = []string{"instant"} }, answer: says("success", "instant"), outcome: Confirmed, after: State{"success", "instant", 500000}, reason: "payin.confirmed"},
		{name: "10 project_id compares case-insensitively", answer: with(func(i *highhelp.PayinInfo) { i.ProjectID = strings.ToUpper(testProject) }), outcome: Confirmed, after: State{"success", "", 500000}},
		{name: "11 pending", answer: says("processing", "paid"), outcome: Pending, after: State{Status: "processing", SubStatus: "paid"}},
		{name: "11 an unknown sub-status is mentioned", answer: says("processing", "of_tomorrow"), outcome: Pending, after: State{Status: "processing", SubStatus: "of_tomorrow"}, reason: "payin.new_sub_status"},
		{name: "11 an empty sub-status is none", row: rowWith("processing", "", 0), answer: says("processing", ""), outcome: Pending},
	})
}

func expires(date int64) func(*highhelp.PayinInfo) {
	return func(i *highhelp.PayinInfo) { i.PaymentInfo.ExpirationDate = date }
}

// TestFaultyRows: nothing about a faulty row is concluded from an answer, whatever it says.
func TestFaultyRows(t *testing.T) {
	for name, c := range map[string]struct {
		row    func(*Payin)
		doubt  Doubt
		reason string
	}{
		"no payment_id":           {func(p *Payin) { p.PaymentID = "" }, DoubtOwnPaymentID, "fault.payment_id"},
		"payment_id too long":     {func(p *Payin) { p.PaymentID = strings.Repeat("ж", 256) }, DoubtOwnPaymentID, "fault.payment_id"},
		"payment_id with NUL":     {func(p *Payin) { p.PaymentID = "a\x00" }, DoubtText, "fault.text"},
		"status that is no UTF-8": {func(p *Payin) { p.Status = "\xff" }, DoubtText, "fault.text"},
		"amount zero":             {func(p *Payin) { p.Amount = 0 }, DoubtOwnAmount, "doubt.own_amount 0"},
		"amount too large":        {func(p *Payin) { p.Amount = math.MaxInt64 }, DoubtOwnAmount, "doubt.own_amount"},
		"amount below zero":       {func(p *Payin) { p.Amount = math.MinInt64 }, DoubtOwnAmount, "doubt.own_amount"},
		"no currency":             {func(p *Payin) { p.Currency = "" }, DoubtUnknownCurrency, "doubt.unknown_currency"},
		"unknown currency":        {func(p *Payin) { p.Currency = "XXX" }, DoubtUnknownCurrency, `doubt.unknown_currency "\"XXX\""`},
		"small letters":           {func(p *Payin) { p.Currency = "kgs" }, DoubtUnknownCurrency, "doubt.unknown_currency"},
		"amount null":             {func(p *Payin) { p.Facts.Fault, p.Amount = "fault.amount", 0 }, DoubtRow, "fault.amount"},
		"two rows":                {func(p *Payin) { p.Facts = Facts{Fault: "fault.duplicate", Rows: 2} }, DoubtRow, "fault.duplicate 2"},
	} {
		for _, status := range []string{"pending", "success", "decline"} {
			for _, a := range []*Answer{says("success", ""), says("decline", ""), {Result: ResultNotAsked}, {Result: ResultNotFound}} {
				k := ruling{name: name, row: func(p *Payin) { p.Status = status; c.row(p) }, answer: a, outcome: Unverifiable, doubt: c.doubt, reason: "payin.not_comparable (" + c.reason}
				t.Run(name, k.run)
			}
		}
	}
	ok := ruling{row: func(p *Payin) { p.PaymentID = strings.Repeat("ж", 255) }, answer: changed(says("success", ""), func(i *highhelp.PayinInfo) {
		i.PaymentID = strings.Repeat("ж", 255)
	}), outcome: Confirmed, after: State{"success", "", 500000}}
	t.Run("the longest payment_id", ok.run)
}

// TestExpiry has the ends of each span, and what takes its place beyond them.
func TestExpiry(t *testing.T) {
	row := func(lifetime int64, age time.Duration) func(*Payin) {
		return func(p *Payin) { p.Lifetime, p.CreatedAt = lifetime, now.Add(-age) }
	}
	first := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	odd := func(date string) string { return "payin.odd_expiry \"" + date + "\"" }
	lasts := func(seconds int64) func(*highhelp.PayinInfo) {
		return func(i *highhelp.PayinInfo) { i.PaymentInfo.ExpirationDate, i.PaymentInfo.Lifetime = 0, seconds }
	}
	day, grace := 24*time.Hour, 15*time.Minute
	for name, c := range map[string]struct {
		row     func(*Payin)
		answer  func(*highhelp.PayinInfo)
		overdue bool
		reason  string
	}{
		"the end of the grace":                {nil, expires(now.Add(-grace).Unix()), false, ""},
		"a second later":                      {nil, expires(now.Add(-grace).Unix() - 1), true, ""},
		"2000-01-01":                          {row(86_400, 0), expires(first), true, ""},
		"a second earlier":                    {row(86_400, 0), expires(first - 1), false, odd("946684799")},
		"below zero":                          {row(600, day), expires(-1), true, odd("-1")},
		"in a year":                           {row(600, day), expires(now.AddDate(1, 0, 0).Unix()), false, ""},
		"a second more":                       {row(600, day), expires(now.AddDate(1, 0, 0).Unix() + 1), true, odd("1826937001")},
		"in milliseconds":                     {row(600, day), expires(now.UnixMilli()), true, "payin.odd_expiry"},
		"in microseconds":                     {row(600, day), expires(now.UnixMicro()), true, "payin.odd_expiry"},
		"the largest number":                  {row(600, day), expires(math.MaxInt64), true, odd("9223372036854775807")},
		"the smallest number":                 {row(600, day), expires(math.MinInt64), true, odd("-9223372036854775808")},
		"the row's lifetime before its end":   {row(300, 5*time.Minute+grace), lasts(60), false, ""},
		"the row's lifetime":                  {row(300, 5*time.Minute+grace+time.Second), lasts(86_400), true, ""},
		"a lifetime of one day":               {row(86_400, day+grace), lasts(60), false, ""},
		"of more than a day":                  {row(86_401, day), lasts(60), true, ""},
		"of 0, HighHelp's before its end":     {row(0, time.Minute+grace), lasts(60), false, ""},
		"of 0, HighHelp's":                    {row(0, time.Minute+grace+time.Second), lasts(60), true, ""},
		"of less than 0, HighHelp's too":      {row(-5, 10*time.Minute+grace), lasts(-5), false, ""},
		"neither's, the default":              {row(0, 10*time.Minute+grace+time.Second), lasts(math.MaxInt64), true, ""},
		"the largest lifetime, so HighHelp's": {row(math.MaxInt64, time.Hour), lasts(7200), false, ""},
	} {
		k := ruling{row: c.row, answer: changed(says("processing", "new"), c.answer), reason: c.reason, outcome: Pending, after: State{Status: "processing", SubStatus: "new"}}
		if c.overdue {
			k.outcome, k.causes = Timeout, CauseOverdue
		}
		t.Run(name, k.run)
	}
}

// contradictions are what HighHelp can say, with the line of the table that applies, and whether that contradicts a row
// that is success with 5 000.00, a row that is decline, and a held success.
var contradictions = []struct {
	status, sub               string
	paid                      int64
	outcome                   Outcome
	success, decline, holding bool
}{
	{"success", "", 500000, Confirmed, false, true, false},
	{"success", "listed", 500000, Confirmed, false, true, false},
	{"success", "of_tomorrow", 500000, Confirmed, true, true, true},
	{"success", "", 400000, DifferentAmount, true, true, false},
	{"success", "of_tomorrow", 400000, DifferentAmount, true, true, true},
	{"decline", "", 500000, Declined, true, false, true},
	{"decline", "of_tomorrow", 400000, Declined, true, false, true},
	{"error", "", 500000, Rejected, true, false, true},
	{"processing", "", 500000, Pending, true, false, true},
	{"processing", "new", 500000, Pending, true, false, true},
	{"processing", "paid", 500000, Pending, true, true, true},
	{"processing", "new", 400000, DifferentAmount, true, false, true},
	{"processing", "of_tomorrow", 500000, Pending, true, false, true},
	{"dispute", "no_payment", 500000, Timeout, true, false, false},
	{"dispute", "confirm_timeout", 500000, Timeout, true, true, false},
	{"dispute", "different_amount", 500000, DifferentAmount, true, true, false},
	{"dispute", "others", 500000, Disputed, true, true, false},
	{"dispute", "", 500000, Disputed, true, true, false},
	{"dispute", "of_tomorrow", 400000, Disputed, true, true, false},
}

// TestFinalRows: a final row is never written. It takes the line that applies, or is reversed; only then it waits for a
// person. So are held successes, which some answers may write.
func TestFinalRows(t *testing.T) {
	mapped := map[string]string{"success": "paid", "decline": "refused", "dispute": "question", "different_amount": "other_sum"}
	for _, c := range contradictions {
		for _, row := range []struct {
			name      string
			row       func(*Payin)
			reversed  bool
			final     bool
			statusMap map[string]string
		}{
			{"success", rowWith("success", "", 500000), c.success, true, nil},
			{"success, settled is null", rowWith("success", "", 0), c.success, true, nil},
			{"mapped success", rowWith("paid", "", 500000), c.success, true, mapped},
			{"decline", rowWith("decline", "", 0), c.decline, true, nil},
			{"mapped decline", rowWith("refused", "", 0), c.decline, true, mapped},
			{"held success", rowWith("dispute", "different_amount", 400000), c.holding, false, nil},
			{"mapped held success", rowWith("question", "other_sum", 400000), c.holding, false, mapped},
			{"held success in HighHelp's words", rowWith("dispute", "different_amount", 1), c.holding, false, mapped},
			{"held success by its facts", func(p *Payin) { p.Status, p.Facts.HeldSuccess = "dispute", true }, c.holding, false, nil},
		} {
			t.Run(row.name+" "+c.status+":"+c.sub, func(t *testing.T) {
				p, rules := samplePayin(), sampleRules()
				row.row(&p)
				rules.StatusMap, rules.SuccessSubStatuses = row.statusMap, []string{"listed"}
				a := says(c.status, c.sub, 500000, 500000, c.paid)
				f := findingOf(p, 1, a, &rules)
				want := c.outcome
				if row.reversed {
					want = Reversed
				}
				if f.Outcome != want || f.Doubt != 0 {
					t.Errorf("got %s (doubt %d), want %s", f.Outcome, f.Doubt, want)
				}
				before := State{p.Status, p.SubStatus, p.SettledAmount}
				if (row.final || row.reversed) && (f.Changes || f.After != before) {
					t.Errorf("the row would become %+v", f.After)
				}
				f.Correction = CorrectionNone
				if row.final && f.AwaitsDecision(&rules) != row.reversed {
					t.Errorf("%s waits for a person: %t", f.Outcome, f.AwaitsDecision(&rules))
				}
				if !row.final && !f.Facts.HeldSuccess {
					t.Error("the finding does not keep that the row is a held success")
				}
			})
		}
	}
}

// TestHeldSuccess: what becomes of a held success of 4 000.00 that no answer contradicts, and which rows are none.
func TestHeldSuccess(t *testing.T) {
	held := rowWith("dispute", "different_amount", 400000)
	byFacts := func(p *Payin) { p.Status, p.Facts.HeldSuccess = "dispute", true }
	runAll(t, []ruling{
		{name: "the same success", row: held, answer: says("success", "", 500000, 500000, 400000), outcome: DifferentAmount, causes: CauseAppeal},
		{name: "another sum", row: held, answer: says("success", "", 500000, 400000, 300000), outcome: DifferentAmount, causes: CauseAppeal | CauseReprice, after: State{"dispute", "different_amount", 300000}},
		{name: "the rest arrives", row: held, answer: says("success", "", 500000, 400000, 500000), outcome: DifferentAmount, causes: CauseAppeal | CauseReprice, after: State{"success", "", 500000}, reason: "amounts.paid_in_all"},
		{name: "confirmed", row: held, answer: says("success", ""), outcome: Confirmed, after: State{"success", "", 500000}},
		{name: "no payment after all", row: held, answer: says("dispute", "no_payment"), outcome: Timeout, causes: CauseNoPayment, after: State{Status: "dispute", SubStatus: "no_payment"}},
		{name: "no payment, by its facts", row: byFacts, answer: says("dispute", "no_payment"), outcome: Timeout, causes: CauseNoPayment, after: State{Status: "dispute", SubStatus: "no_payment"}},
		{name: "another dispute keeps what is settled", row: held, answer: says("dispute", "others"), outcome: Disputed, after: State{"dispute", "others", 400000}},
		{name: "the same dispute", row: held, answer: says("dispute", "different_amount", 500000, 500000, 400000), outcome: DifferentAmount, causes: CauseProvider | CauseAppeal},
		{name: "declined", row: held, answer: says("decline", ""), outcome: Reversed, reason: "payin.reversed_hold"},
		{name: "none without settled amount: declined", row: rowWith("dispute", "different_amount", 0), answer: says("decline", ""), outcome: Declined, after: State{Status: "decline"}},
		{name: "none with another sub-status: declined", row: rowWith("dispute", "others", 400000), answer: says("decline", ""), outcome: Declined, after: State{Status: "decline"}},
		{name: "none under another status: error", row: rowWith("error", "different_amount", 400000), answer: says("error", ""), outcome: Rejected, after: State{Status: "error"}},
		{name: "none: an unlisted sub-status", row: rowWith("dispute", "others", 400000), answer: says("success", "x"), outcome: Unverifiable, doubt: DoubtSuccess},
		{name: "doubts come first", row: held, answer: changed(says("decline", ""), func(i *highhelp.PayinInfo) { i.PaymentID = "x" }), outcome: Unverifiable, doubt: DoubtPaymentID},
		{name: "silence is no contradiction", row: held, answer: &Answer{Result: ResultUnreachable}, outcome: Unreachable},
		{name: "nor is not_found", row: held, answer: &Answer{Result: ResultNotFound}, outcome: NotFound},
	})
}

// TestSettledFinal: a success row goes by its settled amount, and by its own amount without one.
func TestSettledFinal(t *testing.T) {
	other := says("success", "", 500000, 500000, 700000)
	runAll(t, []ruling{
		{name: "settled at what arrived", row: rowWith("success", "", 700000), answer: other, outcome: DifferentAmount, causes: CauseAppeal},
		{name: "settled at M", row: rowWith("success", "", 500000), answer: other, outcome: Reversed, causes: CauseAppeal, reason: "payin.reversed_with_amount"},
		{name: "settled is null", row: rowWith("success", "", 0), answer: other, outcome: Reversed, causes: CauseAppeal},
		{name: "settled at another sum, confirmed", row: rowWith("success", "", 700000), answer: says("success", ""), outcome: Reversed},
		{name: "no payment_info of a decline", row: rowWith("success", "", 0), answer: changed(says("decline", ""), func(i *highhelp.PayinInfo) { i.PaymentInfo = nil }), outcome: Reversed, reason: "payin.reversed "},
		{name: "a factor of 10", row: rowWith("success", "", 50000), answer: says("success", ""), outcome: Reversed, reason: "amounts.unit_factor 10"},
	})
}

// TestPolicies has the ends of what accept accepts: M is 5 000.00.
func TestPolicies(t *testing.T) {
	within := func(basisPoints, sum int64) *AcceptWithin { return &AcceptWithin{basisPoints, sum} }
	for name, c := range map[string]struct {
		policy  Policy
		within  *AcceptWithin
		m, i, a int64
		settles bool
	}{
		"A = M = I under hold":            {Hold, nil, 500000, 500000, 500000, true},
		"A = M = I under accept":          {Accept, within(0, 0), 500000, 500000, 500000, true},
		"A = M, not I, under hold":        {Hold, nil, 500000, 400000, 500000, false},
		"A = M, not I, under accept":      {Accept, within(0, 0), 500000, 400000, 500000, true},
		"I = M, not A, under hold":        {Hold, nil, 500000, 500000, 499999, false},
		"10 % less":                       {Accept, nil, 500000, 500000, 450000, true},
		"a little less":                   {Accept, nil, 500000, 500000, 449999, false},
		"10 % more":                       {Accept, nil, 500000, 500000, 550000, true},
		"a little more":                   {Accept, nil, 500000, 500000, 550001, false},
		"10 % of what 10 does not divide": {Accept, nil, 19, 19, 18, true},
		"more than 10 % of it":            {Accept, nil, 19, 19, 17, false},
		"2.5 %":                           {Accept, within(250, 0), 500000, 500000, 512500, true},
		"more than 2.5 %":                 {Accept, within(250, 0), 500000, 500000, 512501, false},
		"0 %":                             {Accept, within(0, 0), 500000, 500000, 499999, false},
		"the sum":                         {Accept, within(1000, 100), 500000, 500000, 500100, true},
		"more than the sum":               {Accept, within(1000, 100), 500000, 500000, 500101, false},
		"within the sum, more than 10 %":  {Accept, within(1000, 100), 50, 50, 56, false},
		"half":                            {Accept, within(100_000, 0), 500000, 500000, 250000, true},
		"a factor of 10":                  {Accept, within(100_000, 0), 500000, 500000, 5000000, false},
		"a tenth":                         {Accept, within(100_000, 0), 500000, 500000, 50000, false},
		"a factor of 100":                 {Accept, within(10_000_000, 0), 500000, 500000, 50000000, false},
		"a hundredth":                     {Accept, within(100_000, 0), 500000, 500000, 5000, false},
		"a factor of 1000":                {Accept, within(10_000_000, 0), 5000, 5000, 5000000, false},
		"a thousandth":                    {Accept, within(100_000, 0), 500000, 500000, 500, false},
		"not quite a tenth":               {Accept, within(100_000, 0), 500000, 500000, 50001, true},
		"the largest amounts":             {Accept, within(100_000, 0), maxAmount, maxAmount, 1, true},
		"10 % of the largest":             {Accept, nil, maxAmount, maxAmount, maxAmount - maxAmount/10, true},
		"more than 10 % of the largest":   {Accept, nil, maxAmount, maxAmount, maxAmount - maxAmount/10 - 1, false},
		"the largest for the smallest":    {Accept, within(100_000, 0), 1, 1, maxAmount, false},
	} {
		t.Run(name, func(t *testing.T) {
			p, rules := samplePayin(), sampleRules()
			p.Amount, rules.DifferentAmount, rules.AcceptWithin = c.m, c.policy, c.within
			want := State{"dispute", "different_amount", c.a}
			if c.settles {
				want = State{"success", "", c.a}
			}
			f := findingOf(p, 1, says("success", "", c.i, 1, c.a), &rules) // O differs always
			if f.Outcome != DifferentAmount || f.After != want || f.AwaitsDecision(&rules) == c.settles {
				t.Errorf("%s writes %+v, want %+v; waits for a person: %t", f.Outcome, f.After, want, f.AwaitsDecision(&rules))
			}
		})
	}
}

// TestSameAnswer: status, sub-status, A, O, I and currency count, and nothing else.
func TestSameAnswer(t *testing.T) {
	rules, day := sampleRules(), sampleRules()
	day.Now = now.Add(24 * time.Hour)
	base := findingOf(samplePayin(), 1, says("success", "", 1, 2, 3), &rules)
	for name, c := range map[string]struct {
		answer *Answer
		row    func(*Payin)
		same   bool
	}{
		"equal":       {says("success", "", 1, 2, 3), func(*Payin) {}, true},
		"another row": {says("success", "", 1, 2, 3), func(p *Payin) { p.Amount, p.Status = 3, "dispute" }, true},
		"status":      {says("processing", "", 1, 2, 3), func(*Payin) {}, false},
		"sub-status":  {says("success", "x", 1, 2, 3), func(p *Payin) { p.Status = "success" }, false},
		"I":           {says("success", "", 4, 2, 3), func(*Payin) {}, false},
		"O":           {says("success", "", 1, 4, 3), func(*Payin) {}, false},
		"A":           {says("success", "", 1, 2, 4), func(*Payin) {}, false},
		"currency":    {changed(says("success", "", 1, 2, 3), func(i *highhelp.PayinInfo) { i.PaymentInfo.Currency = "RUB" }), func(p *Payin) { p.Currency = "RUB" }, false},
		"no answer":   {&Answer{Result: ResultUnreachable}, func(*Payin) {}, false},
		"request, text, time": {changed(says("success", "", 1, 2, 3), func(i *highhelp.PayinInfo) {
			i.RequestID, i.StatusDescription, i.PaymentInfo.ExpirationDate, i.PaymentInfo.Method = "r", "d", 0, "m"
		}), func(*Payin) {}, true},
	} {
		p := samplePayin()
		c.row(&p)
		f := findingOf(p, 2, c.answer, &day)
		if base.SameAnswer(&f) != c.same || f.SameAnswer(&base) != c.same {
			t.Errorf("%s: the same is %t", name, !c.same)
		}
	}
	none := findingOf(samplePayin(), 1, &Answer{Result: ResultNotFound}, &rules)
	if none.SameAnswer(&none) {
		t.Error("no answer is the same answer")
	}
}

// TestFreeText: what cannot be stored of free text is escaped, and changes nothing.
func TestFreeText(t *testing.T) {
	rules := sampleRules()
	f := findingOf(samplePayin(), 1, changed(says("success", ""), func(i *highhelp.PayinInfo) {
		i.RequestID, i.StatusDescription = "a\x00b", "c\x00d"
	}), &rules)
	if f.Outcome != Confirmed || f.RequestID != `"a\x00b"` {
		t.Errorf("%s, request_id %q", f.Outcome, f.RequestID)
	}
}

func TestFacts(t *testing.T) {
	for _, f := range []Facts{{}, {HeldSuccess: true}, {Fault: "fault.duplicate", Rows: 3}} {
		for _, column := range []any{f.String(), []byte(f.String())} {
			var back Facts
			if f == (Facts{}) {
				column = nil
			}
			if err := back.Scan(column); err != nil || back != f {
				t.Errorf("%+v is read as %+v (%v)", f, back, err)
			}
		}
	}
	if err := new(Facts).Scan("{"); err == nil {
		t.Error("what is not JSON is read")
	}
}
