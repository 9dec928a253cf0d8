package reconcile

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp"
)

// TestReasons pins the sentences that finance staff read.
func TestReasons(t *testing.T) {
	amounts := func(status, sub string, i, o, a int64) *Answer {
		info := sampleInfo(status, sub)
		info.PaymentInfo.InitialAmount, info.PaymentInfo.OldAmount, info.PaymentInfo.Amount = i, o, a
		return answered(info)
	}
	for _, tt := range []struct {
		name   string
		answer *Answer
		want   string
	}{
		{"confirmed", amounts("success", "", 500000, 500000, 500000), "Paid as asked: 5 000.00 KGS."},
		{"appeal", amounts("success", "", 500000, 500000, 700000), "HighHelp has 7 000.00 KGS where the merchant's row has 5 000.00 KGS (+40.0 %): an appeal changed 5 000.00 KGS to 7 000.00 KGS."},
		{"all three steps", amounts("success", "", 300000, 400000, 350000), "HighHelp has 3 500.00 KGS where the merchant's row has 5 000.00 KGS (-30.0 %): HighHelp was asked for 3 000.00 KGS, the application was changed to 4 000.00 KGS before any appeal, an appeal changed 4 000.00 KGS to 3 500.00 KGS."},
		{"back to where it began", amounts("success", "", 500000, 600000, 500000), "HighHelp has 5 000.00 KGS where the merchant's row has 5 000.00 KGS: the application was changed to 6 000.00 KGS before any appeal, an appeal changed 6 000.00 KGS to 5 000.00 KGS."},
		{"factor 100", amounts("success", "", 50000000, 50000000, 50000000), "HighHelp has 500 000.00 KGS where the merchant's row has 5 000.00 KGS (+9900.0 %): HighHelp was asked for 500 000.00 KGS (100 times as much: minor and major units were mixed up)."},
		{"provider alone", amounts("dispute", "different_amount", 500000, 500000, 500000), "HighHelp reports a different amount, though its amounts equal the merchant's 5 000.00 KGS."},
		{"confirm_timeout after an appeal", amounts("dispute", "confirm_timeout", 500000, 500000, 490000), "The time to confirm the payment ran out; HighHelp has 4 900.00 KGS where the merchant's row has 5 000.00 KGS (-2.0 %): an appeal changed 5 000.00 KGS to 4 900.00 KGS."},
		{"a new sub-status", amounts("dispute", "of_tomorrow", 500000, 500000, 500000), `HighHelp holds this payin in dispute (of_tomorrow); the sub-status "of_tomorrow" is new to us.`},
		{"not found", &Answer{Result: ResultNotFound}, "HighHelp does not know this payin."},
		{"unreachable", &Answer{Result: ResultUnreachable, Problem: "3 tries: connection refused"}, "No usable answer from HighHelp: 3 tries: connection refused."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rules := sampleRules()
			if got := findingOf(samplePayin(), 1, tt.answer, &rules).Reason; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestUntrustedAnswerLeavesNoAmounts: what cannot be trusted must not be added up.
func TestUntrustedAnswerLeavesNoAmounts(t *testing.T) {
	info := sampleInfo("success", "")
	info.PaymentID, info.Raw = "another", []byte(`{"payment_id":"another"}`)
	a, rules := answerOf(info, nil, now), sampleRules()
	f := findingOf(samplePayin(), 7, &a, &rules)
	if f.Outcome != Unverifiable || f.PaidAmount != 0 || f.InitialAmount != 0 || f.OldAmount != 0 || f.ProviderStatus != "" {
		t.Errorf("%+v", f)
	}
	if f.RequestID != "16a10539" {
		t.Errorf("HighHelp's support is asked without its request_id: %q", f.RequestID)
	}
	if f.Answer != `{"payment_id":"another"}` || !strings.Contains(f.Reason, `"another"`) {
		t.Errorf("the evidence is lost: %q, %q", f.Answer, f.Reason)
	}
}

// TestAnswerOf: every failure of the gateway is a result, and silence is never a verdict about money.
func TestAnswerOf(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want Result
	}{
		{nil, ResultAnswered},
		{highhelp.ErrNotFound, ResultNotFound},
		{highhelp.ErrRefused, ResultRefused},
		{highhelp.ErrMalformed, ResultRefused},
		{highhelp.ErrInvalidRequest, ResultRefused},
		{highhelp.ErrUnreachable, ResultUnreachable},
		{errors.New("something new"), ResultUnreachable},
	} {
		info := sampleInfo("success", "")
		err := tt.err
		if err != nil {
			info, err = nil, fmt.Errorf("payin info: %w", err)
		}
		if got := answerOf(info, err, now); got.Result != tt.want || (got.Problem == "") != (err == nil) {
			t.Errorf("%v: got %+v", tt.err, got)
		}
	}
}

func TestEvidence(t *testing.T) {
	got := evidence([]byte("a\x00b\xffc" + strings.Repeat("x", maxEvidence)))
	if !strings.HasPrefix(got, "a\uFFFDb\uFFFDc") || len(got) > maxEvidence+4 {
		t.Errorf("%.20q, %d bytes", got, len(got))
	}
}

func TestOpenStatuses(t *testing.T) {
	p := DefaultProject(testProject)
	p.StatusMap = map[string]string{"success": "paid", "processing": "in_work", "error": "decline"}
	if got := strings.Join(p.OpenStatuses(), " "); got != "dispute error in_work new pending processing" {
		t.Errorf("open: %s", got)
	}
	if got := strings.Join(p.FinalStatuses(), " "); got != "decline paid success" {
		t.Errorf("final: %s", got)
	}
}

func TestDead(t *testing.T) {
	self := ThisProcess()
	for _, tt := range []struct {
		name string
		run  Run
		want bool
	}{
		{"this process", Run{Owner: self}, false},
		{"silent for too long", Run{Owner: self, Silence: LeaseTime + time.Second}, true},
		{"another machine", Run{Owner: Owner{PID: 1, Process: "other:pid:[1]/5"}}, false},
		{"a machine that does not tell", Run{Owner: Owner{PID: 1}}, false},
	} {
		if got := Dead(tt.run); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
	if self.Process == "" {
		t.Skip("this system does not identify processes")
	}
	earlier := self
	earlier.Process += "0" // the same PID, started at another time
	if !Dead(Run{Owner: earlier}) {
		t.Error("an earlier process with this PID passes for alive")
	}
}

func TestCausesText(t *testing.T) {
	for c := range Causes(1 << len(causeNames)) {
		back, err := ParseCauses(c.String())
		if err != nil || back != c {
			t.Errorf("%q: %v, %v", c, back, err)
		}
	}
	if _, err := ParseCauses("appeal,typo"); err == nil {
		t.Error("a word that is no cause is read")
	}
}
