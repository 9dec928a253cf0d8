package highhelp

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestObserve checks that each attempt is observed once, with its result and duration.
func TestObserve(t *testing.T) {
	type response struct {
		status int // 0 if there is no answer
		body   string
	}
	for want, responses := range map[string][]response{
		ObservedAnswer:      {{200, sampleInfo}},
		ObservedNotFound:    {{404, `{"status_description":"payment not found"}`}},
		ObservedKeysRefused: {{401, "{}"}, {403, "{}"}},
		ObservedThrottled:   {{429, ""}},
		ObservedRefused:     {{400, `{"status_description":"wrong currency"}`}, {418, "{}"}},
		ObservedMalformed:   {{200, `{"status":5}`}, {200, `[]`}},
		ObservedFailed: {
			{500, ""}, {302, ""}, {401, ""}, {403, "<html>"}, {404, ""}, {200, "<html>"}, {200, sampleInfo[:40]}, {408, ""},
		},
		ObservedNoAnswer: {{}},
	} {
		if !slices.Contains(Results, want) {
			t.Errorf("Results do not list %s", want)
		}
		for _, response := range responses {
			synctest.Test(t, func(t *testing.T) {
				var observed []Observation
				var mu sync.Mutex
				cfg := testConfig()
				cfg.Observe = func(o Observation) {
					mu.Lock()
					defer mu.Unlock()
					observed = append(observed, o)
				}
				sent := 0
				cfg.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
					sent++
					time.Sleep(time.Second)
					switch {
					case sent > 1:
						return answer(200, sampleInfo), nil
					case response.status == 0:
						return nil, errors.New("connection reset")
					}
					return answer(response.status, response.body), nil
				})
				_, _ = testClient(t, cfg).PayinInfo(t.Context(), testPayment)
				if len(observed) != sent || observed[0] != (Observation{"payin info", want, time.Second}) {
					t.Errorf("%d requests, observed %v, want the first to be %s", sent, observed, want)
				}
				if strings.Contains(observed[0].Call, testPayment) {
					t.Error("the observation contains a payment id")
				}
			})
		}
	}
}

// TestObserveStopped checks that an attempt that the caller cancels is observed as stopped. An attempt without a slot
// is not observed.
func TestObserveStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var observed []Observation
		cfg := testConfig()
		cfg.Concurrency = 1
		cfg.Observe = func(o Observation) { observed = append(observed, o) }
		cfg.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		c := testClient(t, cfg)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var calls sync.WaitGroup
		for range 3 {
			calls.Go(func() { _, _ = c.PayinInfo(ctx, testPayment) })
		}
		calls.Wait()
		if len(observed) != 1 || observed[0].Result != ObservedStopped {
			t.Errorf("observed %v", observed)
		}
	})
}
