package highhelp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// everyStatus is what each HTTP status means, as one map: retried or not, and as what.
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
		if got := judge(status); got != want {
			t.Errorf("%d: got %v, want %v", status, got, want)
		}
	}
}

// The client does what the map says, and every error is one sentinel and no other.
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
					t.Errorf("%d: %v is %v", status, err, sentinel)
				}
			}
			if want.retry != (tries > 3) || !want.retry && tries != 1 {
				t.Errorf("%d: %d tries", status, tries)
			}
			if e := (*Error)(nil); errors.As(err, &e) && (e.StatusCode != status || e.Tries != tries || e.Status != "processing" || e.RequestID == "" || len(e.Body) == 0) {
				t.Errorf("%d: %#v", status, e)
			}
		})
	}
}

func TestJudgeText(t *testing.T) {
	for _, tt := range []struct {
		status int
		body   string
		want   error
	}{
		{400, `{"status_description":"Payment not found"}`, ErrNotFound},
		{400, `{"errors":[{"code":"PAYMENT_NOT_FOUND"}]}`, ErrNotFound},
		{422, `{"message":"Unknown payment"}`, ErrNotFound},
		{422, `{"message":"payin does not exist"}`, ErrNotFound},
		{400, `{"message":"Not found"}`, ErrNotFound},
		{400, `{"message":"payment of this project not found"}`, ErrNotFound},
		{400, `{"message":"project not found"}`, ErrRefused},
		{400, `{"code":"not_found","message":"merchant does not exist"}`, ErrRefused},
		{400, `{"message":"currency is required"}`, ErrRefused},
		{400, `{"not_found":true}`, ErrRefused},
		{400, `{"payment_id":"not, found"}`, ErrRefused},
		{400, `payment not found`, ErrRefused},
		{409, `{"message":"Payment not found"}`, ErrRefused},
		{404, `{}`, ErrNotFound},
		{404, `{"detail":"Not Found"}`, ErrNotFound},
		{404, `{"status_description":"Payment not found"}`, ErrNotFound},
		{404, `{"error":"project not found"}`, ErrRefused},
		{404, ``, ErrUnreachable},
		{404, `<html>404 Not Found</html>`, ErrUnreachable},
		{404, `{"message":"Payment not fo`, ErrUnreachable},
		{404, `["not found"]`, ErrUnreachable},
		{404, `{"message":"Cannot POST /api/v1/widget/payin/info","error":"Not Found"}`, ErrUnreachable},
		{404, `{"message":"The route api/v1/widget/payin/info could not be found."}`, ErrUnreachable},
		{404, `{"message":"no Route matched with those values"}`, ErrUnreachable},
		{401, `{"message":"payment not found"}`, ErrUnauthorized},
		{403, `<html>`, ErrUnauthorized},
		{500, `{"message":"payment not found"}`, ErrUnreachable},
	} {
		if got := judgeText(tt.status, []byte(tt.body), true).kind; !errors.Is(got, tt.want) {
			t.Errorf("%d %s: %v, want %v", tt.status, tt.body, got, tt.want)
		}
		if got := judgeText(tt.status, []byte(tt.body), false).kind; errors.Is(got, ErrNotFound) {
			t.Errorf("%d %s: %v where no payin was asked for", tt.status, tt.body, got)
		}
	}
}

// A creation is repeated where it certainly was not processed, and where that is not
// certain it says so.
func TestCreateIsRepeatedOnlyWhereSafe(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answer  func() (*http.Response, error)
		repeats bool
		kind    error
		unknown bool
	}{
		{"429", func() (*http.Response, error) { return answer(429, ""), nil }, true, ErrUnreachable, false},
		{"503 with Retry-After", func() (*http.Response, error) { return answer(503, "", "Retry-After", "1"), nil }, true, ErrUnreachable, false},
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
			if created != nil || !errors.Is(err, tt.kind) || errors.Is(err, ErrStateUnknown) != tt.unknown || tt.repeats != (tries > 1) {
				t.Errorf("%s: %d tries, %v", tt.name, tries, err)
			}
		})
	}
}

func TestCreateCancelledUnderWay(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var tries atomic.Int32
	c := stub(t, func(r *http.Request) (*http.Response, error) {
		tries.Add(1)
		cancel()
		return nil, fmt.Errorf("transport: %w", r.Context().Err())
	})
	_, err := c.CreatePayin(ctx, newPayin())
	if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrStateUnknown) || errors.Is(err, ErrUnreachable) {
		t.Errorf("under way: %v", err)
	}
	_, err = c.CreatePayin(ctx, newPayin())
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrStateUnknown) || tries.Load() != 1 {
		t.Errorf("before it was sent: %v, %d tries", err, tries.Load())
	}
}

// Fakes of this client make errors of their own.
func TestErrorFromOutside(t *testing.T) {
	if err := (&Error{}); err.Error() == "" || len(err.Unwrap()) != 0 || errors.Is(err, ErrUnreachable) {
		t.Error(err)
	}
	err := error(&Error{Kind: ErrNotFound, Call: "payin info \"x\"", StatusCode: 404})
	if !errors.Is(err, ErrNotFound) || err.Error() != `payin info "x": payin unknown to HighHelp: HTTP 404` {
		t.Error(err)
	}
}
