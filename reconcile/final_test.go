package reconcile

import (
	"math"
	"testing"
	"time"

	"hhrecon/highhelp"
)

// TestExpiry checks the plausible range of each value from which the expiry is computed, and the default
// outside of this range.
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
		"the end of the grace": {nil, expires(now.Add(-grace).Unix()), false, ""},
		"a second later":       {nil, expires(now.Add(-grace).Unix() - 1), true, ""},
		"2000-01-01":           {row(86_400, 0), expires(first), true, ""},
		"a second earlier":     {row(86_400, 0), expires(first - 1), false, odd("946684799")},
		"below zero":           {row(600, day), expires(-1), true, odd("-1")},
		"in a year":            {row(600, day), expires(now.AddDate(1, 0, 0).Unix()), false, ""},
		"a second more": {
			row(600, day), expires(now.AddDate(1, 0, 0).Unix() + 1), true, odd("1826937001"),
		},
		"in milliseconds": {row(600, day), expires(now.UnixMilli()), true, "payin.odd_expiry"},
		"in microseconds": {row(600, day), expires(now.UnixMicro()), true, "payin.odd_expiry"},
		"the largest number": {
			row(600, day), expires(math.MaxInt64), true, odd("9223372036854775807"),
		},
		"the smallest number": {
			row(600, day), expires(math.MinInt64), true, odd("-9223372036854775808"),
		},
		"the row's lifetime before its end": {row(300, 5*time.Minute+grace), lasts(60), false, ""},
		"the row's lifetime":                {row(300, 5*time.Minute+grace+time.Second), lasts(86_400), true, ""},
		"a lifetime of one day":             {row(86_400, day+grace), lasts(60), false, ""},
		"of more than a day":                {row(86_401, day), lasts(60), true, ""},
		"of 0, HighHelp's before its end":   {row(0, time.Minute+grace), lasts(60), false, ""},
		"of 0, HighHelp's":                  {row(0, time.Minute+grace+time.Second), lasts(60), true, ""},
		"of less than 0, HighHelp's too":    {row(-5, 10*time.Minute+grace), lasts(-5), false, ""},
		"neither's, the default": {
			row(0, 10*time.Minute+grace+time.Second), lasts(math.MaxInt64), true, "",
		},
		"the largest lifetime, so HighHelp's": {row(math.MaxInt64, time.Hour), lasts(7200), false, ""},
	} {
		k := ruleCase{
			row: c.row, answer: changed(says("processing", "new"), c.answer), reason: c.reason,
			outcome: Pending, after: State{Status: "processing", SubStatus: "new"},
		}
		if c.overdue {
			k.outcome, k.causes = Timeout, CauseOverdue
		}
		t.Run(name, k.run)
	}
}

// contradictions are answers of HighHelp, each with the expected outcome of a pending row. The last three fields show
// whether the answer contradicts a success row of 5 000.00, a declined row, and a held success.
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

// TestFinalRows checks that a run never changes a final row. If the answer contradicts the row, the payin is reversed
// and awaits a person. A held success is treated in the same way, but some answers may change its row.
func TestFinalRows(t *testing.T) {
	mapped := map[string]string{
		"success": "paid", "decline": "refused", "dispute": "question", "different_amount": "other_sum",
	}
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
			{"further success", rowWith("credited", "", 500000), c.success, true, mapped},
			{"decline", rowWith("decline", "", 0), c.decline, true, nil},
			{"canceled, which also stands for decline", rowWith("canceled", "", 0), c.decline, true, nil},
			{"mapped decline", rowWith("refused", "", 0), c.decline, true, mapped},
			{"held success", rowWith("dispute", "different_amount", 400000), c.holding, false, nil},
			{"mapped held success", rowWith("question", "other_sum", 400000), c.holding, false, mapped},
			{"held success of three statuses", rowWith("pending", "different_amount", 400000), c.holding, false, threeStatuses},
			{"held success with HighHelp's statuses", rowWith("dispute", "different_amount", 1), c.holding, false, mapped},
			{
				"held success by its facts", func(p *Payin) { p.Status, p.Facts.HeldSuccess = "dispute", true },
				c.holding, false, nil,
			},
		} {
			t.Run(row.name+" "+c.status+":"+c.sub, func(t *testing.T) {
				p, rules := samplePayin(), sampleRules()
				row.row(&p)
				rules.StatusMap, rules.SuccessSubStatuses = row.statusMap, []string{"listed"}
				rules.FinalStatuses = FinalStatuses{Success: []string{"credited"}, Decline: []string{"canceled"}}
				a := says(c.status, c.sub, 500000, 500000, c.paid)
				f := NewFinding(p, 1, a, &rules)
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

// TestHeldSuccess checks a held success of 4 000.00 with answers that do not contradict it, and rows that are not held
// successes.
func TestHeldSuccess(t *testing.T) {
	held := rowWith("dispute", "different_amount", 400000)
	byFacts := func(p *Payin) { p.Status, p.Facts.HeldSuccess = "dispute", true }
	runAll(t, []ruleCase{
		{
			name: "the same success", row: held, answer: says("success", "", 500000, 500000, 400000),
			outcome: DifferentAmount, causes: CauseAppeal,
		},
		{
			name: "another sum", row: held, answer: says("success", "", 500000, 400000, 300000),
			outcome: DifferentAmount, causes: CauseAppeal | CauseReprice,
			after: State{"dispute", "different_amount", 300000},
		},
		{
			name: "the rest arrives", row: held, answer: says("success", "", 500000, 400000, 500000),
			outcome: DifferentAmount, causes: CauseAppeal | CauseReprice, after: State{"success", "", 500000},
			reason: "amounts.paid_in_all",
		},
		{
			name: "confirmed", row: held, answer: says("success", ""), outcome: Confirmed,
			after: State{"success", "", 500000},
		},
		{
			name: "no payment after all", row: held, answer: says("dispute", "no_payment"), outcome: Timeout,
			causes: CauseNoPayment, after: State{Status: "dispute", SubStatus: "no_payment"},
		},
		{
			name: "no payment, by its facts", row: byFacts, answer: says("dispute", "no_payment"),
			outcome: Timeout, causes: CauseNoPayment, after: State{Status: "dispute", SubStatus: "no_payment"},
		},
		{
			name: "another dispute keeps what is settled", row: held, answer: says("dispute", "others"),
			outcome: Disputed, after: State{"dispute", "others", 400000},
		},
		{
			name: "the same dispute", row: held,
			answer: says("dispute", "different_amount", 500000, 500000, 400000), outcome: DifferentAmount,
			causes: CauseProvider | CauseAppeal,
		},
		{name: "declined", row: held, answer: says("decline", ""), outcome: Reversed, reason: "payin.reversed_hold"},
		{
			name: "none without settled amount: declined", row: rowWith("dispute", "different_amount", 0),
			answer: says("decline", ""), outcome: Declined, after: State{Status: "decline"},
		},
		{
			name: "none with another sub-status: declined", row: rowWith("dispute", "others", 400000),
			answer: says("decline", ""), outcome: Declined, after: State{Status: "decline"},
		},
		{
			name: "none under another status: error", row: rowWith("error", "different_amount", 400000),
			answer: says("error", ""), outcome: Rejected, after: State{Status: "error"},
		},
		{
			name: "none: an unlisted sub-status", row: rowWith("dispute", "others", 400000),
			answer: says("success", "x"), outcome: Unverifiable, doubt: DoubtSuccess,
		},
		{
			name: "doubts come first", row: held,
			answer:  changed(says("decline", ""), func(i *highhelp.PayinInfo) { i.PaymentID = "x" }),
			outcome: Unverifiable, doubt: DoubtPaymentID,
		},
		{
			name: "silence is no contradiction", row: held, answer: &Answer{Result: ResultUnreachable},
			outcome: Unreachable,
		},
		{name: "nor is not_found", row: held, answer: &Answer{Result: ResultNotFound}, outcome: NotFound},
	})
}

// TestSettledFinal checks which amount of a success row is compared with HighHelp's amount. It is the settled amount if
// the row has one, and otherwise the merchant's amount.
func TestSettledFinal(t *testing.T) {
	other := says("success", "", 500000, 500000, 700000)
	runAll(t, []ruleCase{
		{
			name: "settled at what arrived", row: rowWith("success", "", 700000), answer: other,
			outcome: DifferentAmount, causes: CauseAppeal,
		},
		{
			name: "settled at M", row: rowWith("success", "", 500000), answer: other, outcome: Reversed,
			causes: CauseAppeal, reason: "payin.reversed_with_amount",
		},
		{
			name: "settled is null", row: rowWith("success", "", 0), answer: other, outcome: Reversed,
			causes: CauseAppeal,
		},
		{
			name: "settled at another sum, confirmed", row: rowWith("success", "", 700000),
			answer: says("success", ""), outcome: Reversed,
		},
		{
			name: "no payment_info of a decline", row: rowWith("success", "", 0),
			answer:  changed(says("decline", ""), func(i *highhelp.PayinInfo) { i.PaymentInfo = nil }),
			outcome: Reversed, reason: "payin.reversed ",
		},
		{
			name: "a factor of 10", row: rowWith("success", "", 50000), answer: says("success", ""),
			outcome: Reversed, reason: "amounts.unit_factor 10",
		},
	})
}

// TestPolicies checks the limits of the policy "accept" for a merchant's amount (M) of 5 000.00.
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
			f := NewFinding(p, 1, says("success", "", c.i, 1, c.a), &rules) // the old amount (O) differs in every case
			if f.Outcome != DifferentAmount || f.After != want || f.AwaitsDecision(&rules) == c.settles {
				t.Errorf("%s writes %+v, want %+v; waits for a person: %t", f.Outcome, f.After, want, f.AwaitsDecision(&rules))
			}
		})
	}
}

// TestSameAnswer checks that only status, sub-status, currency and HighHelp's three amounts are compared.
func TestSameAnswer(t *testing.T) {
	rules, day := sampleRules(), sampleRules()
	day.Now = now.Add(24 * time.Hour)
	base := NewFinding(samplePayin(), 1, says("success", "", 1, 2, 3), &rules)
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
		"currency": {
			changed(says("success", "", 1, 2, 3), func(i *highhelp.PayinInfo) { i.PaymentInfo.Currency = "RUB" }),
			func(p *Payin) { p.Currency = "RUB" }, false,
		},
		"no answer": {&Answer{Result: ResultUnreachable}, func(*Payin) {}, false},
		"request, text, time": {changed(says("success", "", 1, 2, 3), func(i *highhelp.PayinInfo) {
			i.RequestID, i.StatusDescription, i.PaymentInfo.ExpirationDate, i.PaymentInfo.Method = "r", "d", 0, "m"
		}), func(*Payin) {}, true},
	} {
		p := samplePayin()
		c.row(&p)
		f := NewFinding(p, 2, c.answer, &day)
		if base.SameAnswer(&f) != c.same || f.SameAnswer(&base) != c.same {
			t.Errorf("%s: the same is %t", name, !c.same)
		}
	}
	none := NewFinding(samplePayin(), 1, &Answer{Result: ResultNotFound}, &rules)
	if none.SameAnswer(&none) {
		t.Error("no answer is the same answer")
	}
}

// TestFreeText checks that text that the database cannot store is escaped, and that the verdict does not change.
func TestFreeText(t *testing.T) {
	rules := sampleRules()
	f := NewFinding(samplePayin(), 1, changed(says("success", ""), func(i *highhelp.PayinInfo) {
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
