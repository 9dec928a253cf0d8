package workbook

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

// wire is an HTTP transport that returns prepared answers. It repeats the last answer.
type wire []http.Response

func (w *wire) RoundTrip(*http.Request) (*http.Response, error) {
	answer := (*w)[0]
	if len(*w) > 1 {
		*w = (*w)[1:]
	}
	return &answer, nil
}

// answer returns an answer with a Retry-After that is longer than the call's time limit.
func answer(status int, body string) http.Response {
	return http.Response{StatusCode: status, Header: http.Header{"Retry-After": {"60"}},
		Body: io.NopCloser(strings.NewReader(body))}
}

func again(r http.Response) http.Response {
	r.Header = nil
	return r
}

// failures returns findings about all kinds of failed calls. Their reasons come from the client
// and from package reconcile.
func failures(t *testing.T) []reconcile.Finding {
	t.Helper()
	const page = "<html>"
	moved, cut := answer(302, ""), answer(200, "")
	moved.Header.Set("Location", "https://elsewhere.example/x?y=1")
	cut.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"status"`), iotest.ErrReader(io.ErrUnexpectedEOF)))
	var found []reconcile.Finding
	for _, answers := range []wire{
		{again(answer(503, `{"message":"busy: try \"later\""}`)), answer(503, `{"message":"busy: try \"later\""}`)},
		{answer(429, "")}, {answer(200, page)}, {answer(200, strings.Repeat("x", 100_000))}, {cut}, {moved},
		{answer(422, `{"message":"no such method"}`)}, {answer(200, `{"status":5}`)},
		{again(answer(503, "")), answer(422, `{"message":"no such method"}`)},
		{again(answer(503, "")), answer(200, `{"status":5}`)},
	} {
		pause := time.Hour // longer than the maximum pause, so the maximum is used
		if len(answers) > 1 {
			pause = time.Nanosecond
		}
		c, err := highhelp.New(highhelp.Config{
			ProjectID: somProject, Transport: &answers, FirstPause: pause, CallTimeout: time.Second, Rate: 1e9,
			Signing: highhelp.Signing{Variant: highhelp.Variant{Algorithm: highhelp.AlgorithmHMAC}, Secret: []byte("secret"),
				AccessToken: "token"},
		})
		if err != nil {
			t.Fatal(err)
		}
		f := reconcile.Finding{Payin: payin(len(found), 150000, "KGS"), Result: reconcile.ResultUnreachable}
		code := "payin.unreachable"
		f.Outcome = reconcile.Unreachable
		_, err = c.PayinInfo(t.Context(), f.PaymentID)
		if err == nil {
			t.Fatal("a call did not fail")
		}
		if !errors.Is(err, highhelp.ErrUnreachable) {
			f.Outcome, code = reconcile.Unverifiable, "payin.not_trusted"
		}
		f.Reason = reconcile.Because(code, reconcile.ProblemOf(err))
		found = append(found, f)
	}
	return found
}

// doubted returns a finding for every reason not to trust an answer.
func doubted(t *testing.T) []reconcile.Finding {
	t.Helper()
	const (
		sound = `{"status":"success","sub_status":"","project_id":"` + somProject + `","payment_id":"PAYMENT-KGS-123456",` +
			`"payment_info":{"amount":150000,"old_amount":150000,"initial_amount":150000,"currency":"KGS","type":"payin"}}`
		info = `"payment_info":{`
	)
	rules := reconcile.DefaultProject(somProject).Rules(at(runStart))
	missing := make(map[reconcile.Doubt]bool)
	for d := reconcile.DoubtPaymentID; d <= reconcile.DoubtOwnAmount; d++ {
		missing[d] = true
	}
	var found []reconcile.Finding
	for _, c := range [...]struct {
		old, new string
		currency string
		amount   int64
	}{
		{`PAYMENT-KGS-123456`, `ANOTHER \"ONE\"`, "KGS", 150000},
		{somProject, `00000000-0000-4000-8000-000000000000`, "KGS", 150000},
		{`"success"`, `"frozen"`, "KGS", 150000},
		{`"sub_status":""`, `"sub_status":"two\nlines"`, "KGS", 150000},
		{info, `"other":{`, "KGS", 150000},
		{`"type":"payin"`, `"type":"payout"`, "KGS", 150000},
		{`"KGS"`, `"RUB"`, "KGS", 150000},
		{`"KGS"`, `"XXX"`, "XXX", 150000},
		{`"amount":150000`, `"amount":-1`, "KGS", 150000},
		{"", "", "KGS", 0},
	} {
		p := payin(0, c.amount, c.currency)
		p.PaymentID = "PAYMENT-KGS-123456"
		f, err := reconcile.Replay(&reconcile.Finding{Payin: p, Result: reconcile.ResultAnswered,
			Answer: strings.Replace(sound, c.old, c.new, 1)}, &rules)
		if err != nil {
			t.Fatal(err)
		}
		delete(missing, f.Doubt)
		found = append(found, f)
	}
	if len(missing) > 0 {
		t.Errorf("no finding has the doubts %v", missing)
	}
	return found
}

// TestDoubts compares the reasons of untrusted and missing answers in each language with a golden file. Texts from
// HighHelp and errors of other programs are not translated.
func TestDoubts(t *testing.T) {
	var text strings.Builder
	for _, f := range append(doubted(t), failures(t)...) {
		fmt.Fprintln(&text, f.Reason)
		for _, language := range i18n.Languages {
			s, o := everything(), bishkek()
			o.Language = language
			r, err := reports.NewReport(t.Context(), s, one(s), o)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&text, "  %s\n", (&reports.Row{Finding: &f, Report: r}).ReasonText())
		}
	}
	golden(t, "doubts.txt", text.String())
}
