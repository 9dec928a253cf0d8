package reconcile

import (
	"strings"
	"testing"

	"hhrecon/highhelp"
)

// TestWhyNoDecision: who may not decide about a payin learns who may, in one sentence.
func TestWhyNoDecision(t *testing.T) {
	for _, c := range []struct {
		finding Finding
		want    string
	}{
		{Finding{Verdict: Verdict{Outcome: DifferentAmount}, ProviderStatus: highhelp.StatusDispute}, "its support settles that: hhrecon support list"},
		{Finding{Verdict: Verdict{Outcome: DifferentAmount}, ProviderStatus: highhelp.StatusProcessing}, "the next run asks again"},
		{Finding{Verdict: Verdict{Outcome: DifferentAmount, After: State{Status: "success"}}, ProviderStatus: highhelp.StatusSuccess}, "row is final, it says success"},
		{Finding{Verdict: Verdict{Outcome: Confirmed}, Reason: Because("payin.confirmed", Money{500000, "KGS"})}, "its last finding is confirmed"},
	} {
		_, err := Decide(&c.finding, ChoiceAccept, &Rules{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.HasSuffix(err.Error(), ".") {
			t.Errorf("%s under %s: %v; want %q", c.finding.Outcome, c.finding.ProviderStatus, err, c.want)
		}
	}
}
