package sandbox_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
)

// requestInfo sends an info request, and returns the status and body of the answer, or the error.
func (g *gateway) requestInfo(paymentID string) (code int, header http.Header, body string, err error) {
	response, err := g.http.Do(g.request("widget/payin/info", ids(paymentID)))
	if err != nil {
		return 0, nil, "", err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	return response.StatusCode, response.Header, string(raw), err
}

func TestFaultStatus(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{})
	for _, retryAfter := range []string{"", "2", "Thu, 25 Jan 2024 11:41:00 GMT"} {
		g.inject(sandbox.Fault{Name: "status", StatusCode: 429, RetryAfter: retryAfter, Times: 1})
		code, header, body, err := g.requestInfo(payment)
		if err != nil || code != 429 || header.Get("Retry-After") != retryAfter ||
			!strings.Contains(body, "fault status answers 429") {
			t.Errorf("answers %d %v %s, %v", code, header, body, err)
		}
	}
	g.inject(sandbox.Fault{Name: "status", Times: 1, Description: "Payment not found"})
	if code, _, body, _ := g.requestInfo(payment); code != 503 ||
		!strings.Contains(body, `"status_description":"Payment not found"`) {
		t.Errorf("answers %d %s", code, body)
	}
	g.info(payment, 200)
}

func TestTwoFaultsFormASequence(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{})
	g.put(sandbox.Payin{PaymentID: "other"})
	g.inject(sandbox.Fault{Name: "status", StatusCode: 500, Times: 2, After: 1})
	g.inject(sandbox.Fault{Name: "forget", Times: 1, After: 1})
	g.inject(sandbox.Fault{Name: "status", StatusCode: 502, PaymentID: "other"})
	var seen []int
	for range 6 {
		code, _, _, _ := g.requestInfo(payment)
		seen = append(seen, code)
	}
	if want := []int{200, 500, 500, 404, 200, 200}; !slices.Equal(seen, want) {
		t.Errorf("answers %v, want %v", seen, want)
	}
	for range 3 { // the fault has no limit, but applies only to its payin
		g.info("other", 502)
	}
	if got := g.AskCount(project, "other"); got != 3 {
		t.Errorf("%d requests", got)
	}
	g.ClearFaults()
	g.info("other", 200)
}

func TestFaultsAreForOneProjectOrEndpoint(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{})
	g.inject(sandbox.Fault{Name: "status", ProjectID: project[:35] + "3"})
	g.inject(sandbox.Fault{Name: "status", Endpoint: sandbox.EndpointBalance})
	g.inject(sandbox.Fault{Name: "status", StatusCode: 500, Endpoint: sandbox.EndpointCreate})
	g.info(payment, 200)
	if code, _ := g.do(g.request("balance/info", object{"general": object{"project_id": project}})); code != 503 {
		t.Errorf("balance answers %d", code)
	}
	if code, _ := g.do(g.request("widget/payin", creation("new"))); code != 500 {
		t.Errorf("creation answers %d", code)
	}
	if _, found := g.Payin(project, "new"); found {
		t.Error("a failed creation stored a payin")
	}
}

func TestFaultsIgnoreBadSignatures(t *testing.T) {
	g := open(t)
	g.inject(sandbox.Fault{Name: "status", StatusCode: 500, Times: 1})
	r := g.request("widget/payin/info", ids(payment))
	r.Header.Set("X-Access-Signature", "AAAA")
	if code, _ := g.do(r); code != 401 {
		t.Errorf("answers %d", code)
	}
	g.info(payment, 500)
}

func TestFaultsOfTheConnection(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{})
	whole := len(fmt.Sprint(g.info(payment, 200)))

	g.inject(sandbox.Fault{Name: "drop", Times: 1})
	if _, _, _, err := g.requestInfo(payment); !errors.Is(err, io.EOF) {
		t.Errorf("drop: %v", err)
	}
	g.inject(sandbox.Fault{Name: "cut", Times: 1})
	code, header, body, err := g.requestInfo(payment)
	if code != 200 || !errors.Is(err, io.ErrUnexpectedEOF) || len(body) < 50 || len(body) > whole ||
		header.Get("Content-Length") == "" {
		t.Errorf("cut: %d %s, %v", code, body, err)
	}
	g.inject(sandbox.Fault{Name: "huge", Times: 1})
	code, _, body, err = g.requestInfo(payment)
	if code != 200 || len(body) != sandbox.HugeBody || err != nil || !strings.HasSuffix(body, `huge"}`) {
		t.Errorf("huge: %d, %d bytes, %v", code, len(body), err)
	}
	g.info(payment, 200)
	stats := g.Stats().Requests[sandbox.EndpointInfo]
	if stats[0] != 2 || stats[200] != 3 {
		t.Errorf("counted %v", stats)
	}
}

func TestFaultHang(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{})
	g.inject(sandbox.Fault{Name: "hang"})
	broke := make(chan error)
	r := g.request("widget/payin/info", ids(payment))
	go func() {
		response, err := g.http.Do(r)
		if err == nil {
			_ = response.Body.Close()
		}
		broke <- err
	}()
	for g.AskCount(project, payment) == 0 {
		select {
		case err := <-broke:
			t.Fatalf("did not hang: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	g.Close()
	if err := <-broke; !errors.Is(err, io.EOF) {
		t.Errorf("after Close: %v", err)
	}
}

func TestFaultsOfTheAnswer(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{})
	right := g.info(payment, 200)

	g.inject(sandbox.Fault{Name: "no_json", Times: 1})
	if code, header, body, err := g.requestInfo(payment); code != 200 ||
		!strings.HasPrefix(header.Get("Content-Type"), "text/html") || body[0] != '<' || err != nil {
		t.Errorf("no_json: %d %s, %v", code, body, err)
	}
	g.inject(sandbox.Fault{Name: "redirect", Times: 1})
	if code, header, _, err := g.requestInfo(payment); code != 302 ||
		header.Get("Location") != "/elsewhere/api/v1/widget/payin/info" || err != nil {
		t.Errorf("redirect: %d %v, %v", code, header, err)
	}
	g.inject(sandbox.Fault{Name: "forget", Times: 1})
	if answer := g.info(payment, 404); answer["status_description"] != "payment not found: "+payment {
		t.Errorf("forget: %v", answer)
	}
	g.inject(sandbox.Fault{Name: "other_payin", Times: 1})
	if answer := g.info(payment, 200); answer["payment_id"] != "OTHER-"+payment ||
		answer["request_id"] == right["request_id"] || state(answer) != "success" {
		t.Errorf("other_payin: %v", answer)
	}
	g.inject(sandbox.Fault{Name: "changed_amount", Times: 1})
	g.inject(sandbox.Fault{Name: "changed_amount", Times: 1, Amount: 777})
	for _, want := range []float64{10_001, 777, 10_000} {
		if info := g.info(payment, 200)["payment_info"].(object); info["amount"] != want || info["old_amount"] != 10_000.0 {
			t.Errorf("changed_amount: %v, want %v", info, want)
		}
	}
	g.inject(sandbox.Fault{Name: "delay", Times: 1, Delay: time.Millisecond})
	if got := g.info(payment, 200); got["request_id"] != right["request_id"] {
		t.Errorf("delay: %v", got)
	}
}

func TestFaultBody(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{})
	mitigated := map[string]string{"cf-mitigated": "challenge"}
	g.inject(sandbox.Fault{Name: "body", Times: 1, StatusCode: 403, Body: "<html>", Header: mitigated})
	code, header, body, err := g.requestInfo(payment)
	if code != 403 || header.Get("Cf-Mitigated") != "challenge" || body != "<html>" || err != nil {
		t.Errorf("body: %d %v %s, %v", code, header, body, err)
	}
	g.inject(sandbox.Fault{Name: "body", Times: 1})
	if code, _, body, err := g.requestInfo(payment); code != 200 || body != "" || err != nil {
		t.Errorf("body: %d %q, %v", code, body, err)
	}
}

// TestCloseEndsWaiting checks that Close ends a delay and a latency.
func TestCloseEndsWaiting(t *testing.T) {
	g := open(t, func(o *sandbox.Options) { o.Latency = time.Hour })
	g.put(sandbox.Payin{})
	g.inject(sandbox.Fault{Name: "delay", Delay: time.Hour})
	g.Close()
	g.info(payment, 200)
	g.Close() // Close may be called twice
}

func TestInjectRefuses(t *testing.T) {
	g := open(t)
	for says, f := range map[string]sandbox.Fault{
		`unknown fault "explode", want one of body, changed_amount, cut, delay, drop, forget, hang, huge, no_json, ` +
			`other_payin, redirect, status`: {Name: "explode"},
		"times and after":             {Name: "drop", Times: -1},
		"delay must be given":         {Name: "delay"},
		"delay must not be negative":  {Name: "delay", Delay: -1},
		"from 200 to 599":             {Name: "status", StatusCode: 99},
		"from 300 to 399":             {Name: "redirect", StatusCode: 200},
		"must be one line":            {Name: "status", RetryAfter: "2\r\nx: y"},
		"endpoint must be":            {Name: "drop", Endpoint: "payins"},
		"works on widget/payin/info ": {Name: "forget", Endpoint: sandbox.EndpointBalance},
	} {
		if err := g.Inject(f); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: error %v does not say %q", f, err, says)
		}
	}
}
