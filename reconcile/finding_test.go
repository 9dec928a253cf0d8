package reconcile

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp"
)

// TestReasons checks the reasons of the outcomes, which package reports/i18n renders.
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
		{"confirmed", amounts("success", "", 500000, 500000, 500000), "payin.confirmed 500000 KGS"},
		{"appeal", amounts("success", "", 500000, 500000, 700000), "amounts.appeal 700000 KGS 500000 KGS 500000→700000"},
		{"all three steps", amounts("success", "", 300000, 400000, 350000),
			"amounts.appeal 350000 KGS 400000 KGS 400000→350000; amounts.created_for 300000 KGS; amounts.record 300000 KGS " +
				"500000 KGS"},
		{"back to where it began", amounts("success", "", 500000, 600000, 500000),
			"amounts.appeal 500000 KGS 600000 KGS 600000→500000; amounts.created_for 500000 KGS; " +
				"amounts.paid_in_all 500000 KGS"},
		{"factor 100", amounts("success", "", 50000000, 50000000, 50000000),
			"amounts.record 50000000 KGS 500000 KGS; amounts.mixed_units"},
		{"provider alone", amounts("dispute", "different_amount", 500000, 500000, 500000), "amounts.equal 500000 KGS"},
		{"confirm_timeout after an appeal", amounts("dispute", "confirm_timeout", 500000, 500000, 490000),
			"payin.confirm_timeout 500000 KGS; amounts.appeal 490000 KGS 500000 KGS 500000→490000"},
		{"a new sub-status", amounts("dispute", "of_tomorrow", 500000, 500000, 500000),
			`payin.disputed 500000 KGS "of_tomorrow"; payin.new_sub_status "\"of_tomorrow\""`},
		{"not found", &Answer{Result: ResultNotFound}, "payin.not_found"},
		{"unreachable", &Answer{Result: ResultUnreachable, Problem: Words("3 tries: connection refused")},
			`payin.unreachable (words "3 tries: connection refused")`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rules := sampleRules()
			if got := NewFinding(samplePayin(), 1, tt.answer, &rules).Reason.String(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestUntrustedAnswerLeavesNoAmounts checks that the amounts of an untrusted answer are not stored.
func TestUntrustedAnswerLeavesNoAmounts(t *testing.T) {
	info := sampleInfo("success", "")
	info.PaymentID, info.Raw = "another", []byte(`{"payment_id":"another"}`)
	a, rules := NewAnswer(info, nil, now), sampleRules()
	f := NewFinding(samplePayin(), 7, &a, &rules)
	if f.Outcome != Unverifiable || f.PaidAmount != 0 || f.InitialAmount != 0 || f.OldAmount != 0 ||
		f.ProviderStatus != "" {
		t.Errorf("%+v", f)
	}
	if f.RequestID != "16a10539" {
		t.Errorf("HighHelp's support is asked without its request_id: %q", f.RequestID)
	}
	if f.Answer != `{"payment_id":"another"}` || !strings.Contains(f.Reason.String(), `\"another\"`) {
		t.Errorf("the evidence is lost: %q, %q", f.Answer, f.Reason)
	}
}

// TestAnswerOf checks that each error of the gateway becomes a result, and that no error leads to a verdict about
// money.
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
		if got := NewAnswer(info, err, now); got.Result != tt.want || got.Problem.IsZero() != (err == nil) {
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
		{"silent for too long", Run{Owner: self, HeartbeatAge: LeaseTime + time.Second}, true},
		{"another machine", Run{Owner: Owner{PID: 1, Process: "other:pid:[1]/5"}}, false},
		{"a machine that does not tell", Run{Owner: Owner{PID: 1}}, false},
	} {
		if got := LeaseExpired(tt.run); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
	if self.Process == "" {
		t.Skip("this system does not identify processes")
	}
	earlier := self
	earlier.Process += "0" // another process with the same PID, but another start time
	if !LeaseExpired(Run{Owner: earlier}) {
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
