package highhelp

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// quickSigning signs with HMAC, because HMAC needs less CPU time than RSA.
var quickSigning = Signing{Variant: Variant{Algorithm: AlgorithmHMAC}, Secret: []byte("x"), AccessToken: "abc"}

// throttling is a gateway that accepts a limited number of requests in each interval, and answers further requests with
// 429. Each answer takes 20 ms.
type throttling struct {
	most   int
	window time.Duration
	header []string

	mu            sync.Mutex
	begun         time.Time
	taken         int
	good, refused int
	last          time.Time // when the last request arrived
}

func (g *throttling) RoundTrip(*http.Request) (*http.Response, error) {
	time.Sleep(20 * time.Millisecond)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = time.Now()
	if time.Since(g.begun) >= g.window {
		g.begun, g.taken = time.Now(), 0
	}
	if g.taken++; g.taken > g.most {
		g.refused++
		return answer(429, `{"message":"too many requests"}`, g.header...), nil
	}
	g.good++
	return answer(200, sampleInfo), nil
}

// TestThrottledGateway sets a rate above the gateway's limit. The test checks that every payin gets an answer, and that
// few requests get a 429.
func TestThrottledGateway(t *testing.T) {
	retryAfter := func(seconds string) []string { return []string{"Retry-After", seconds} }
	for _, tt := range []struct {
		name        string
		gateway     *throttling
		rate        float64
		mostRefused int
	}{
		{"10 a second", &throttling{most: 10, window: time.Second}, 50, 60},
		{"with Retry-After", &throttling{most: 10, window: time.Second, header: retryAfter("1")}, 50, 60},
		{"at a high rate", &throttling{most: 10, window: time.Second}, 1000, 600},
		{"one a second", &throttling{most: 1, window: time.Second}, 20, 180},
		{"enough", &throttling{most: 51, window: time.Second}, 50, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := testConfig()
				cfg.Rate, cfg.Transport = tt.rate, tt.gateway
				cfg.Signing = quickSigning
				c := testClient(t, cfg)
				payins := make(chan string, 600)
				for i := range 600 {
					payins <- "P-" + strconv.Itoa(i)
				}
				close(payins)
				var callers sync.WaitGroup
				for range 48 {
					callers.Go(func() {
						for id := range payins {
							if _, err := c.PayinInfo(t.Context(), id); err != nil {
								t.Error(err)
							}
						}
					})
				}
				callers.Wait()
				if tt.gateway.good != 600 || tt.gateway.refused > tt.mostRefused {
					t.Errorf("%d answered, %d rejected", tt.gateway.good, tt.gateway.refused)
				}
			})
		})
	}
}

// TestRateRecovers checks that a 429 halves the rate, and that the rate then grows slowly.
func TestRateRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Rate, cfg.Signing = 64, quickSigning
		status := 429
		cfg.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			defer func() { status = 200 }()
			return answer(status, sampleInfo), nil
		})
		c := testClient(t, cfg)
		for second, want := range []int{32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 64, 64} {
			n := 0
			for began := time.Now(); time.Since(began) < time.Second; n++ {
				if _, err := c.PayinInfo(t.Context(), testPayment); err != nil {
					t.Fatal(err)
				}
			}
			if second > 0 && (n < want-3 || n > want+3) {
				t.Errorf("%d requests in second %d, want about %d", n, second, want)
			}
		}
	})
}

// TestSharedLimiter checks that the shared limiter alone limits the rate if there is no 429.
func TestSharedLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Rate, cfg.Limiter = 0.001, free{}
		cfg.Transport = roundTrip(func(*http.Request) (*http.Response, error) { return answer(200, sampleInfo), nil })
		began := time.Now()
		startCalls(t, testClient(t, cfg), 50).Wait()
		if took := time.Since(began); took > time.Second {
			t.Errorf("took %s", took)
		}
	})
}

type free struct{}

func (free) Wait(ctx context.Context) error { return ctx.Err() }

// TestNothingBut429 checks that a gateway that answers only 429 counts as an outage. Calls must not queue for hours.
// The first call after the outage succeeds.
func TestNothingBut429(t *testing.T) {
	for name, header := range map[string][]string{"": nil, "Retry-After of a day": {"Retry-After", "86400"}} {
		synctest.Test(t, func(t *testing.T) {
			cfg := testConfig()
			cfg.Rate, cfg.Signing = 50, quickSigning
			back, sent := false, 0
			var mu sync.Mutex
			cfg.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
				mu.Lock()
				defer mu.Unlock()
				if sent++; back {
					return answer(200, sampleInfo), nil
				}
				return answer(429, "", header...), nil
			})
			c := testClient(t, cfg)
			began := time.Now()
			var callers sync.WaitGroup
			for range 48 {
				callers.Go(func() {
					for range 20 {
						if _, err := c.PayinInfo(t.Context(), testPayment); !errors.Is(err, ErrUnreachable) {
							t.Error(err)
						}
					}
				})
			}
			callers.Wait()
			if took := time.Since(began); took > 4*time.Minute || sent > 400 {
				t.Errorf("%s: %s for 960 payins, %d requests", name, took, sent)
			}
			time.Sleep(time.Minute)
			back = true
			if _, err := c.PayinInfo(t.Context(), testPayment); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}
