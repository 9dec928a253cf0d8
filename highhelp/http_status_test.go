package highhelp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// everyStatus maps each HTTP status to its expected verdict.
func everyStatus() map[int]verdict {
	all := map[int]verdict{}
	fill := func(from, to int, v verdict) {
		for status := from; status <= to; status++ {
			all[status] = v
		}
	}
	fill(100, 199, verdict{ErrUnreachable, true})
	fill(200, 299, verdict{nil, false})
	fill(300, 399, verdict{ErrUnreachable, false})
	fill(400, 499, verdict{ErrRefused, false})
	fill(500, 599, verdict{ErrUnreachable, true})
	all[401] = verdict{ErrUnauthorized, false}
	all[403] = verdict{ErrUnauthorized, false}
	all[404] = verdict{ErrNotFound, false}
	all[408] = verdict{ErrUnreachable, true}
	all[429] = verdict{ErrUnreachable, true}
	return all
}

func TestJudge(t *testing.T) {
	all := everyStatus()
	if len(all) != 500 {
		t.Fatalf("%d statuses", len(all))
	}
	for status, want := range all {
		if got := classifyStatus(status); got != want {
			t.Errorf("%d: got %v, want %v", status, got, want)
		}
	}
}

// TestEveryStatusThroughTheClient checks that the client follows everyStatus, and that each error matches exactly one
// of the package's errors.
func TestEveryStatusThroughTheClient(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out what takes seconds")
	}
	sentinels := []error{ErrUnauthorized, ErrNotFound, ErrUnreachable, ErrRefused, ErrMalformed, ErrInvalidRequest}
	for status, want := range everyStatus() {
		synctest.Test(t, func(t *testing.T) {
			tries := 0
			c := stub(t, func(*http.Request) (*http.Response, error) {
				tries++
				return answer(status, sampleInfo), nil
			})
			info, err := c.PayinInfo(t.Context(), testPayment)
			if (err == nil) != (want.kind == nil) || (info == nil) != (err != nil) {
				t.Fatalf("%d: %v, %v", status, info, err)
			}
			for _, sentinel := range sentinels {
				if errors.Is(err, sentinel) != errors.Is(want.kind, sentinel) {
					t.Errorf("%d: %v also matches %v", status, err, sentinel)
				}
			}
			if want.retry != (tries > 3) || !want.retry && tries != 1 {
				t.Errorf("%d: %d tries", status, tries)
			}
			if e := (*Error)(nil); errors.As(err, &e) &&
				(e.StatusCode != status || e.Tries != tries || e.Status != "processing" || e.RequestID == "" || len(e.Body) == 0) {
				t.Errorf("%d: %#v", status, e)
			}
		})
	}
}

// answerKind is an answer with the expected error and the expected number of attempts.
type answerKind struct {
	status int
	body   string
	want   error
	retry  bool
	header []string
}

// answerKinds lists kinds of answers. Only a JSON answer from HighHelp can refuse keys or report an unknown payin. A
// page from a proxy or firewall must not have this effect.
func answerKinds() []answerKind {
	const again, once = true, false
	info := func(amount string) string {
		return strings.Replace(sampleInfo, `"amount":10000`, `"amount":`+amount, 1)
	}
	kinds := []answerKind{
		{400, `{"status_description":"Payment not found"}`, ErrNotFound, once, nil},
		{400, `{"errors":[{"code":"PAYMENT_NOT_FOUND"}]}`, ErrNotFound, once, nil},
		{422, `{"message":"Unknown payment"}`, ErrNotFound, once, nil},
		{422, `{"message":"payin does not exist"}`, ErrNotFound, once, nil},
		{400, `{"message":"Not found"}`, ErrNotFound, once, nil},
		{400, `{"message":"payment of this project not found"}`, ErrNotFound, once, nil},
		{400, `{"message":"project not found"}`, ErrRefused, once, nil},
		{400, `{"code":"not_found","message":"merchant does not exist"}`, ErrRefused, once, nil},
		{400, `{"message":"currency is required"}`, ErrRefused, once, nil},
		{400, `{"not_found":true}`, ErrRefused, once, nil},
		{400, `{"payment_id":"not, found"}`, ErrRefused, once, nil},
		{409, `{"message":"Payment not found"}`, ErrRefused, once, nil},
		{418, `[]`, ErrRefused, once, nil},
		{404, `{}`, ErrNotFound, once, nil},
		{404, `{"detail":"Not Found"}`, ErrNotFound, once, nil},
		{404, `{"status_description":"Payment not found"}`, ErrNotFound, once, nil},
		{404, `{"error":"project not found"}`, ErrRefused, once, nil},
		{404, `["not found"]`, ErrMalformed, once, nil},
		{404, `{"error":"not found","error":"x"}`, ErrMalformed, once, nil},
		{404, `{"message":"Cannot POST /api/v1/widget/payin/info","error":"Not Found"}`, ErrUnreachable, once, nil},
		{404, `{"message":"The route api/v1/widget/payin/info could not be found."}`, ErrUnreachable, once, nil},
		{404, `{"message":"no Route matched with those values"}`, ErrUnreachable, once, nil},
		{401, `{"message":"payment not found"}`, ErrUnauthorized, once, nil},
		{403, `{}`, ErrUnauthorized, once, nil},
		{401, `"No"`, ErrUnauthorized, once, nil},
		{403, `{"error_code":1020}`, ErrUnreachable, once, []string{"CF-Mitigated", "block"}},
		{429, `{}`, ErrUnreachable, again, nil},
		{429, `<html>`, ErrUnreachable, again, nil},
		{429, `<html>`, ErrUnreachable, again, []string{"Cf-Mitigated", "challenge"}},
		{500, `{"message":"payment not found"}`, ErrUnreachable, again, nil},
		{503, `<html>Just a moment...</html>`, ErrUnreachable, again, []string{"cf-mitigated", "challenge"}},
		{302, ``, ErrUnreachable, once, nil},
		{200, sampleInfo, nil, once, nil},
		{200, ``, ErrUnreachable, again, nil},
		{200, `<html>Checking your browser</html>`, ErrUnreachable, again, nil},
		{204, ``, ErrUnreachable, again, nil},
		{200, `{"status":"succ`, ErrUnreachable, again, nil},
		{200, `[` + sampleInfo + `]`, ErrMalformed, once, nil},
		{200, `null`, ErrMalformed, once, nil},
		{200, `{"status":"success","status":"success"}`, ErrMalformed, once, nil},
		{200, `{"status":"success","st\u0061tus":"decline"}`, ErrMalformed, once, nil},
		{200, info(`10000,"amount":10000`), ErrMalformed, once, nil},
		{200, info(`9223372036854775807`), nil, once, nil}, // the caller checks the range of the amount
	}
	for _, amount := range []string{
		"5e3", "5E3", "5000.0", "-0", "-0.0", "0.0", `"5000"`, `""`, "true", "[5000]", "{}", "9223372036854775808",
	} {
		kinds = append(kinds, answerKind{200, info(amount), ErrMalformed, once, nil})
	}
	for _, status := range []int{400, 401, 403, 404, 405, 409, 413, 422, 451} {
		for _, body := range []string{
			"", " ", "<html>Just a moment...</html>", "error code: 1020", `{"message":"Payment not fo`,
			"payment not found", "\xff",
		} {
			kinds = append(kinds, answerKind{status, body, ErrUnreachable, once, nil})
		}
	}
	return kinds
}

func TestAnswerKinds(t *testing.T) {
	for _, tt := range answerKinds() {
		synctest.Test(t, func(t *testing.T) {
			tries := 0
			c := stub(t, func(*http.Request) (*http.Response, error) {
				tries++
				return answer(tt.status, tt.body, tt.header...), nil
			})
			_, err := c.PayinInfo(t.Context(), testPayment)
			for _, sentinel := range []error{ErrUnauthorized, ErrNotFound, ErrUnreachable, ErrRefused, ErrMalformed, nil} {
				if errors.Is(err, sentinel) != errors.Is(tt.want, sentinel) {
					t.Errorf("%d %.60s: %v, want %v", tt.status, tt.body, err, tt.want)
				}
			}
			if (tries > 1) != tt.retry {
				t.Errorf("%d %.60s: %d tries", tt.status, tt.body, tries)
			}
			if _, err = c.Balance(t.Context()); errors.Is(err, ErrNotFound) {
				t.Errorf("%d %.60s: %v, but the call reads no payin", tt.status, tt.body, err)
			}
		})
	}
}

// TestProxyIsNamed checks that the error says that the page comes from a proxy or firewall.
func TestProxyIsNamed(t *testing.T) {
	for _, tt := range []struct {
		status int
		header []string
		want   string
	}{
		{403, []string{"cf-mitigated", "challenge"}, "cf-mitigated: challenge: not JSON"},
		{404, nil, "not JSON: invalid character '<'"},
	} {
		c := stub(t, func(*http.Request) (*http.Response, error) { return answer(tt.status, "<html>", tt.header...), nil })
		want := fmt.Sprintf("HTTP %d: a proxy or firewall answered, not HighHelp: %s", tt.status, tt.want)
		if _, err := c.PayinInfo(t.Context(), testPayment); !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

// TestFreeText checks that a NUL is accepted in strings that are only shown to people, and rejected in all others.
func TestFreeText(t *testing.T) {
	info, err := ParsePayinInfo([]byte(`{"status":"error","status_description":"a\u0000b",
		"payment_info":{"method":"\u0000"},"integration":{"form_url":"\u0000"}}`))
	if err != nil || info.StatusDescription != `a\u0000b` ||
		info.PaymentInfo.Method+info.Integration.FormURL != `\u0000\u0000` {
		t.Errorf("%+v, %v", info, err)
	}
	for _, key := range []string{"status", "sub_status", "payment_id", "project_id", "request_id"} {
		if _, err := ParsePayinInfo([]byte(`{"status":"error","` + key + `":"a\u0000b"}`)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// TestCreateIsRetriedOnlyIfSafe checks that a create request is retried only if HighHelp certainly did not process the
// request. Otherwise the error is ErrStateUnknown.
func TestCreateIsRetriedOnlyIfSafe(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answer  func() (*http.Response, error)
		repeats bool
		kind    error
		unknown bool
	}{
		{"429", func() (*http.Response, error) { return answer(429, ""), nil }, true, ErrUnreachable, false},
		{"503 with Retry-After", func() (*http.Response, error) { return answer(503, "", "Retry-After", "1"), nil }, true,
			ErrUnreachable, false},
		{"503", func() (*http.Response, error) { return answer(503, ""), nil }, false, ErrUnreachable, true},
		{"500", func() (*http.Response, error) { return answer(500, ""), nil }, false, ErrUnreachable, true},
		{"408", func() (*http.Response, error) { return answer(408, ""), nil }, false, ErrUnreachable, true},
		{"no JSON", func() (*http.Response, error) { return answer(200, "<html>"), nil }, false, ErrUnreachable, true},
		{"cut", func() (*http.Response, error) { return answer(200, sampleInfo[:99]), nil }, false, ErrUnreachable, true},
		{"malformed", func() (*http.Response, error) { return answer(200, "{}"), nil }, false, ErrMalformed, true},
		{"broken off", func() (*http.Response, error) { return nil, errors.New("reset") }, false, ErrUnreachable, true},
		{"no connection", func() (*http.Response, error) { return nil, dialError() }, true, ErrUnreachable, false},
		{"400", func() (*http.Response, error) { return answer(400, "{}"), nil }, false, ErrRefused, false},
		{"401", func() (*http.Response, error) { return answer(401, "{}"), nil }, false, ErrUnauthorized, false},
		{"404", func() (*http.Response, error) { return answer(404, "{}"), nil }, false, ErrRefused, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			tries := 0
			c := stub(t, func(*http.Request) (*http.Response, error) { tries++; return tt.answer() })
			created, err := c.CreatePayin(t.Context(), newPayin())
			if created != nil || !errors.Is(err, tt.kind) || errors.Is(err, ErrStateUnknown) != tt.unknown ||
				tt.repeats != (tries > 1) {
				t.Errorf("%s: %d tries, %v", tt.name, tries, err)
			}
		})
	}
}

func TestCreateCancelledInProgress(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var tries atomic.Int32
	c := stub(t, func(r *http.Request) (*http.Response, error) {
		tries.Add(1)
		cancel()
		return nil, fmt.Errorf("transport: %w", r.Context().Err())
	})
	_, err := c.CreatePayin(ctx, newPayin())
	if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrStateUnknown) || errors.Is(err, ErrUnreachable) {
		t.Errorf("in progress: %v", err)
	}
	_, err = c.CreatePayin(ctx, newPayin())
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrStateUnknown) || tries.Load() != 1 {
		t.Errorf("before it was sent: %v, %d tries", err, tries.Load())
	}
}

// TestErrorFromOutside checks an Error that another package creates, such as a test double of Client.
func TestErrorFromOutside(t *testing.T) {
	if err := (&Error{}); err.Error() == "" || len(err.Unwrap()) != 0 || errors.Is(err, ErrUnreachable) {
		t.Error(err)
	}
	err := error(&Error{Kind: ErrNotFound, Call: "payin info \"x\"", StatusCode: 404})
	if !errors.Is(err, ErrNotFound) || err.Error() != `payin info "x": payin unknown to HighHelp: HTTP 404` {
		t.Error(err)
	}
}
