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

// quickSigning takes less CPU than RSA.
var quickSigning = Signing{Variant: Variant{Algorithm: AlgorithmHMAC}, Secret: []byte("x"), AccessToken: "abc"}

// throttling is a gateway that takes so many requests in each window, and answers the others with 429. It takes a
// little while for each.
type throttling struct {
	most   int
	window time.Duration
	header []string

	mu            sync.Mutex
	begun         time.Time
	taken         int
	good, refused int
	last          time.Time // when the last request came
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

// TestThrottledGateway: though the settings allow more than the gateway takes, every payin has its answer; few
// requests are turned away.
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
					t.Errorf("%d answered, %d turned away", tt.gateway.good, tt.gateway.refused)
				}
			})
		})
	}
}

// TestPaceRecovers: a 429 halves the pace, and it grows back steadily, not at once.
func TestPaceRecovers(t *testing.T) {
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

// TestSharedLimiter: a limiter that is shared with other processes rules alone while there is no 429.
func TestSharedLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Rate, cfg.Limiter = 0.001, free{}
		cfg.Transport = roundTrip(func(*http.Request) (*http.Response, error) { return answer(200, sampleInfo), nil })
		began := time.Now()
		crowd(t, testClient(t, cfg), 50).Wait()
		if took := time.Since(began); took > time.Second {
			t.Errorf("took %s", took)
		}
	})
}

type free struct{}

func (free) Wait(ctx context.Context) error { return ctx.Err() }

// TestNothingBut429: a gateway that answers nothing but 429 is an outage, and no reason to queue for hours. The first
// call after it has its answer.
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
