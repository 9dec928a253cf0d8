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

// TestObserve: every try is told once, with its result and how long it took.
func TestObserve(t *testing.T) {
	type fate struct {
		status int // 0: no answer comes
		body   string
	}
	for want, fates := range map[string][]fate{
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
		for _, fate := range fates {
			synctest.Test(t, func(t *testing.T) {
				var told []Observation
				var mu sync.Mutex
				cfg := testConfig()
				cfg.Observe = func(o Observation) {
					mu.Lock()
					defer mu.Unlock()
					told = append(told, o)
				}
				sent := 0
				cfg.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
					sent++
					time.Sleep(time.Second)
					switch {
					case sent > 1:
						return answer(200, sampleInfo), nil
					case fate.status == 0:
						return nil, errors.New("connection reset")
					}
					return answer(fate.status, fate.body), nil
				})
				_, _ = testClient(t, cfg).PayinInfo(t.Context(), testPayment)
				if len(told) != sent || told[0] != (Observation{"payin info", want, time.Second}) {
					t.Errorf("%d sent, told %v, want the first to be %s", sent, told, want)
				}
				if strings.Contains(told[0].Call, testPayment) {
					t.Error("a payin is named")
				}
			})
		}
	}
}

// TestObserveStopped: a try that the caller ended is told as such; one that never had a slot is not.
func TestObserveStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []Observation
		cfg := testConfig()
		cfg.Concurrency = 1
		cfg.Observe = func(o Observation) { told = append(told, o) }
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
		if len(told) != 1 || told[0].Result != ObservedStopped {
			t.Errorf("told %v", told)
		}
	})
}
