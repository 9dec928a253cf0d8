package reconcile

import (
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp"
)

// TestWhyNoDecision checks the sentence that says why a person need not decide about a payin.
func TestWhyNoDecision(t *testing.T) {
	for _, c := range []struct {
		finding Finding
		want    string
	}{
		{Finding{Verdict: Verdict{Outcome: DifferentAmount}, ProviderStatus: highhelp.StatusDispute},
			"ask HighHelp support (see \"hhrecon support list\")"},
		{Finding{Verdict: Verdict{Outcome: DifferentAmount}, ProviderStatus: highhelp.StatusProcessing},
			"wait for the next run"},
		{Finding{Verdict: Verdict{Outcome: DifferentAmount, After: State{Status: "success"}},
			ProviderStatus: highhelp.StatusSuccess}, "row is final: success"},
		{Finding{Verdict: Verdict{Outcome: Confirmed}, Reason: Because("payin.confirmed", Money{500000, "KGS"})},
			"the latest finding is confirmed"},
	} {
		_, err := Decide(&c.finding, ChoiceAccept, &Rules{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.HasSuffix(err.Error(), ".") {
			t.Errorf("%s under %s: %v; want %q", c.finding.Outcome, c.finding.ProviderStatus, err, c.want)
		}
	}
}

// TestDecidedPayins checks that a person's decision about an open row stays valid while the answer is the same, for
// each policy.
func TestDecidedPayins(t *testing.T) {
	row := Payin{
		ProjectID: "p", PaymentID: "id", Amount: 5000, Currency: "KGS", Status: "dispute", SubStatus: "different_amount",
		SettledAmount: 4800,
	}
	answer := func(status string, amount int64) *Answer {
		return &Answer{Result: ResultAnswered, Info: &highhelp.PayinInfo{
			Status: status, ProjectID: "p", PaymentID: "id",
			PaymentInfo: &highhelp.PaymentInfo{
				Amount: amount, OldAmount: 5000, InitialAmount: 5000, Currency: "KGS", Type: "payin",
			},
		}}
	}
	for _, policy := range []Policy{Hold, Accept} {
		rules := Rules{DifferentAmount: policy}
		decided := row
		first := NewFinding(row, 1, answer("success", 4800), &rules)
		decided.Facts.Decided = first.AnswerText()
		if f := NewFinding(decided, 1, answer("success", 4800), &rules); f.Changes || f.Outcome != DifferentAmount ||
			f.After != (State{"dispute", "different_amount", 4800}) || !strings.Contains(f.Reason.String(), "payin.decided") {
			t.Errorf("%s, the same answer: %+v", policy, f)
		}
		for name, a := range map[string]*Answer{
			"other status": answer("decline", 4800), "other amount": answer("success", 4900),
		} {
			f, plain := NewFinding(decided, 1, a, &rules), NewFinding(row, 1, a, &rules)
			plain.Facts.Decided = f.Facts.Decided
			if f.Verdict != plain.Verdict || f.Reason.String() != plain.Reason.String() {
				t.Errorf("%s, %s: %+v, not decided %+v", policy, name, f, plain)
			}
		}
	}
}

// TestCheckAnswer checks that a correction is written only if HighHelp's answer is unchanged and at
// most five minutes old.
func TestCheckAnswer(t *testing.T) {
	now := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	was := Finding{
		Payin: Payin{Currency: "KGS"}, ProviderStatus: "success", PaidAmount: 3, OldAmount: 2, InitialAmount: 1,
		Verdict: Verdict{Outcome: DifferentAmount}, CheckedAt: now.Add(-24 * time.Hour),
	}
	for name, c := range map[string]struct {
		change func(*Finding)
		want   Correction
		reason string
	}{
		"the same":         {func(*Finding) {}, CorrectionApplied, ""},
		"another body":     {func(f *Finding) { f.Answer, f.RequestID = "{}", "r" }, CorrectionApplied, ""},
		"another outcome":  {func(f *Finding) { f.Outcome = Reversed }, CorrectionApplied, ""},
		"five minutes":     {func(f *Finding) { f.CheckedAt = now.Add(-MaxAnswerAge) }, CorrectionApplied, ""},
		"more":             {func(f *Finding) { f.CheckedAt = now.Add(-MaxAnswerAge - 1) }, CorrectionHeld, "row.old_answer"},
		"another status":   {func(f *Finding) { f.ProviderStatus = "decline" }, CorrectionSuperseded, "row.other_answer"},
		"a sub-status":     {func(f *Finding) { f.ProviderSubStatus = "x" }, CorrectionSuperseded, "row.other_answer"},
		"another A":        {func(f *Finding) { f.PaidAmount = 4 }, CorrectionSuperseded, "row.other_answer"},
		"another O":        {func(f *Finding) { f.OldAmount = 4 }, CorrectionSuperseded, "row.other_answer"},
		"another I":        {func(f *Finding) { f.InitialAmount = 4 }, CorrectionSuperseded, "row.other_answer"},
		"another currency": {func(f *Finding) { f.Currency = "USD" }, CorrectionSuperseded, "row.other_answer"},
		"not trusted":      {func(f *Finding) { f.Outcome, f.Reason = Unverifiable, Words("x") }, CorrectionHeld, "words"},
		"unreachable":      {func(f *Finding) { f.Outcome, f.Reason = Unreachable, Words("x") }, CorrectionHeld, "words"},
		"unknown":          {func(f *Finding) { f.Outcome, f.Reason = NotFound, Words("x") }, CorrectionHeld, "words"},
	} {
		is := was
		is.CheckedAt = now
		c.change(&is)
		if got, why := CheckAnswer(&was, &is, now); got != c.want || why.Code != c.reason {
			t.Errorf("%s: %s, %s", name, got, why)
		}
	}
	if got, why := CheckAnswer(&was, nil, now); got != CorrectionHeld || why.Code != "row.not_asked" {
		t.Errorf("nothing: %s, %s", got, why)
	}
}

// TestRecheckSince checks how old final payins may be to be checked again. The limit is the project's setting, or the
// age of the last run over all open payins if that run is older. The limit is at most seven days.
func TestRecheckSince(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	ago := func(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }
	for _, c := range []struct{ from, last, want time.Time }{
		{ago(24), time.Time{}, ago(24)}, // no run over all open payins yet
		{ago(24), ago(2), ago(24)},
		{ago(24), ago(24), ago(24)},
		{ago(24), ago(25), ago(25)},
		{ago(24), ago(168), ago(168)},
		{ago(24), ago(169), ago(168)},
		{ago(720), ago(1000), ago(720)},     // the project's setting is longer
		{time.Time{}, ago(25), time.Time{}}, // final payins are not checked again
	} {
		s := Selection{RecheckFrom: c.from}
		if got := s.RecheckSince(c.last, now); !got.Equal(c.want) {
			t.Errorf("from %v, last run %v: %v, want %v", c.from, c.last, got, c.want)
		}
	}
	s := Selection{RecheckFrom: ago(24), RecheckTo: now.Add(-15 * time.Minute)}
	if got, want := s.RecheckSince(ago(24), now), ago(24).Add(-15*time.Minute); !got.Equal(want) {
		t.Errorf("the last quarter of an hour before the last run: %v, want %v", got, want)
	}
}
