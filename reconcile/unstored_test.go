package reconcile

import "testing"

// TestJudgeUnstored checks a merchant's table that has no column for a value. The run does not write the value, and
// does not repeat the correction in every run. A payin with a different amount is never set to success, because the
// merchant would credit the amount M.
func TestJudgeUnstored(t *testing.T) {
	rules := sampleRules()
	rules.Unstored, rules.DifferentAmount = []string{"sub_status", "settled_amount"}, Accept
	for _, tt := range []struct {
		row, status, sub string
		paid             int64
		want             State
		changes          bool
	}{
		{"pending", "success", "", 500000, State{"success", "", 0}, true},
		{"pending", "success", "", 510000, State{"dispute", "", 0}, true},
		{"dispute", "success", "", 510000, State{"dispute", "", 0}, false},
		{"pending", "dispute", "no_payment", 500000, State{"dispute", "", 0}, true},
		{"dispute", "dispute", "no_payment", 500000, State{"dispute", "", 0}, false},
		{"processing", "processing", "paid", 500000, State{"processing", "", 0}, false},
		{"pending", "decline", "", 500000, State{"decline", "", 0}, true},
	} {
		p, info := samplePayin(), sampleInfo(tt.status, tt.sub)
		p.Status, info.PaymentInfo.Amount = tt.row, tt.paid
		if got := Judge(&p, answered(info), &rules); got.After != tt.want || got.Changes != tt.changes {
			t.Errorf("%s, %s:%s: writes %+v, %t; want %+v, %t",
				tt.row, tt.status, tt.sub, got.After, got.Changes, tt.want, tt.changes)
		}
	}
}
