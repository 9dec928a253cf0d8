package highhelp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func dialError() error {
	// For this error, errors.Is(err, context.DeadlineExceeded) is true.
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 1, 2, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		value, date string
		want        time.Duration
		ok          bool
	}{
		{"", "", 0, false}, {"7", "", 7 * time.Second, true}, {" 7 ", "", 7 * time.Second, true}, {"0", "", 0, true},
		{"86400", "", 24 * time.Hour, true}, {"99999999999999999999999", "", maxRetryAfter, true},
		{"9223372036", "", maxRetryAfter, true},
		{"-1", "", 0, false}, {"1.5", "", 0, false}, {"soon", "", 0, false},
		{"Sun, 01 Nov 2026 02:30:09 GMT", "", 9 * time.Second, true},
		{"Sunday, 01-Nov-26 02:30:09 GMT", "", 9 * time.Second, true},
		{"Sun, 01 Nov 2026 02:29:00 GMT", "", 0, true},
		{"Sun, 01 Nov 2026 02:30:09 GMT", "Sun, 01 Nov 2026 02:30:05 GMT", 4 * time.Second, true},
		{"Fri, 31 Dec 9999 23:59:59 GMT", "", maxRetryAfter, true},
	} {
		h := http.Header{"Retry-After": {tt.value}, "Date": {tt.date}}
		if got, ok := retryAfter(h, now); got != tt.want || ok != tt.ok {
			t.Errorf("%q at %q: got %s, %v; want %s", tt.value, tt.date, got, ok, tt.want)
		}
	}
}

// gaps calls PayinInfo with a fake clock and a gateway that fails n times. gaps returns the times between the requests.
func gaps(t *testing.T, n int, fail func() *http.Response) (between []time.Duration, err error) {
	t.Helper()
	var last time.Time
	tries := 0
	c := stub(t, func(*http.Request) (*http.Response, error) {
		if tries++; tries > 1 {
			between = append(between, time.Since(last))
		}
		last = time.Now()
		if tries > n {
			return answer(200, sampleInfo), nil
		}
		return fail(), nil
	})
	_, err = c.PayinInfo(t.Context(), testPayment)
	return between, err
}

func TestPausesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		between, err := gaps(t, 5, func() *http.Response { return answer(502, "") })
		if err != nil || len(between) != 5 {
			t.Fatal(between, err)
		}
		for i, gap := range between {
			middle := 500 * time.Millisecond << i
			if gap < middle/2-time.Millisecond || gap > middle*3/2+time.Millisecond {
				t.Errorf("pause %d is %s, want %s ± 50%%", i+1, gap, middle)
			}
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	for name, header := range map[string]func() string{
		"seconds": func() string { return "10" },
		"date":    func() string { return time.Now().UTC().Add(10 * time.Second).Format(http.TimeFormat) },
	} {
		for _, status := range []int{429, 503} {
			synctest.Test(t, func(t *testing.T) {
				between, err := gaps(t, 2, func() *http.Response { return answer(status, "", "Retry-After", header()) })
				if err != nil || len(between) != 2 {
					t.Fatal(name, status, between, err)
				}
				for _, gap := range between {
					if gap < 9*time.Second || gap > 10*time.Second {
						t.Errorf("%s, %d: pause of %s", name, status, gap)
					}
				}
			})
		}
	}
}

func TestRetryAfterIsCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		between, err := gaps(t, 1, func() *http.Response { return answer(503, "", "Retry-After", "86400") })
		if err != nil || len(between) != 1 || between[0] != 30*time.Second {
			t.Error(between, err)
		}
	})
	synctest.Test(t, func(t *testing.T) { // a second pause of 30 s would exceed the limit of 45 s
		began := time.Now()
		between, err := gaps(t, 9, func() *http.Response { return answer(503, "", "Retry-After", "86400") })
		e := (*Error)(nil)
		if !errors.As(err, &e) || !errors.Is(err, ErrUnreachable) || e.Tries != 2 || e.RetryAfter != 24*time.Hour ||
			!strings.Contains(err.Error(), "in 30s, would exceed the call's time limit of 45s") {
			t.Error(between, err)
		}
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("gave up after %s, want at once", took)
		}
	})
}

func TestTimeLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries, began := 0, time.Now()
		c := stub(t, func(r *http.Request) (*http.Response, error) {
			tries++
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		_, err := c.PayinInfo(t.Context(), testPayment)
		if !errors.Is(err, ErrUnreachable) || errors.Is(err, context.DeadlineExceeded) ||
			!strings.Contains(err.Error(), "no complete answer within") {
			t.Error(err)
		}
		if took := time.Since(began); tries != 3 || took > 45*time.Second || took < 31*time.Second {
			t.Errorf("%d tries in %s", tries, took)
		}
	})
}

// TestTrickle checks that a body that arrives too slowly causes the same time-out as a missing answer.
func TestTrickle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := stub(t, func(r *http.Request) (*http.Response, error) {
			res := answer(200, "")
			res.Body = io.NopCloser(trickle{r.Context()})
			return res, nil
		})
		_, err := c.PayinInfo(t.Context(), testPayment)
		if e := (*Error)(nil); !errors.As(err, &e) || !errors.Is(err, ErrUnreachable) || e.StatusCode != http.StatusOK {
			t.Error(err)
		}
	})
}

type trickle struct{ ctx context.Context }

func (b trickle) Read(p []byte) (int, error) {
	time.Sleep(time.Second)
	p[0] = ' '
	return 1, b.ctx.Err()
}

func TestCallersContext(t *testing.T) {
	hang := func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }
	fail := func(*http.Request) (*http.Response, error) { return answer(500, ""), nil }
	for name, gateway := range map[string]roundTrip{"in a try": hang, "in a pause": fail} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := stub(t, gateway).PayinInfo(ctx, testPayment)
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrUnreachable) {
				t.Errorf("deadline %s: %v", name, err)
			}
		})
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(5*time.Second, cancel)
			_, err := stub(t, gateway).PayinInfo(ctx, testPayment)
			if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnreachable) {
				t.Errorf("cancel %s: %v", name, err)
			}
		})
	}
}

// TestDialTimeoutIsNoContextError checks a time-out of the operating system, which is also context.DeadlineExceeded.
// The client must not treat this time-out as the end of the caller's context.
func TestDialTimeoutIsNoContextError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := stub(t, func(*http.Request) (*http.Response, error) { return nil, dialError() }).PayinInfo(t.Context(),
			testPayment)
		if !errors.Is(err, ErrUnreachable) || errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// TestEveryTryIsSigned checks that each attempt has a new signature with the current time.
func TestEveryTryIsSigned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := AlertKey{PublicKey: &testKey().PublicKey}
		seen := map[string]bool{}
		c := stub(t, func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			stamp := r.Header.Get(HeaderTimestamp)
			if err := key.Verify(body, stamp, r.Header.Get(HeaderSignature)); err != nil {
				t.Error(err)
			}
			if r.Header.Get("Content-Type") != "application/json" || r.Header.Get(HeaderToken) != testToken ||
				r.Method != http.MethodPost {
				t.Error(r.Method, r.Header)
			}
			if at := time.Now().Unix(); stamp != strconv.FormatInt(at, 10) {
				t.Errorf("timestamp %s at %d", stamp, at)
			}
			seen[stamp] = true
			return answer(429, "", "Retry-After", "9"), nil
		})
		_, _ = c.PayinInfo(t.Context(), testPayment)
		if len(seen) != 5 {
			t.Errorf("timestamps %v", seen)
		}
	})
}

// TestQueueTimeIsNotCallTime checks that waiting in the client's queue does not count towards CallTimeout. At one
// request a second, 100 calls with two attempts each wait for minutes in the queue. All calls must succeed.
func TestQueueTimeIsNotCallTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Rate = 1
		var asked sync.Map
		cfg.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			if _, again := asked.LoadOrStore(string(body), true); again {
				return answer(200, sampleInfo), nil
			}
			return answer(500, ""), nil
		})
		c := testClient(t, cfg)
		began := time.Now()
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				if _, err := c.PayinInfo(t.Context(), "P-"+strconv.Itoa(i)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(began); took < 199*time.Second {
			t.Errorf("200 requests in %s, at one a second", took)
		}
	})
}

func TestDeadlineInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Rate = 0.01
		cfg.Transport = roundTrip(func(*http.Request) (*http.Response, error) { return answer(200, sampleInfo), nil })
		c := testClient(t, cfg)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.PayinInfo(ctx, testPayment); err != nil {
			t.Fatal(err)
		}
		if _, err := c.PayinInfo(ctx, testPayment); !errors.Is(err, context.DeadlineExceeded) ||
			errors.Is(err, ErrUnreachable) {
			t.Error(err)
		}
	})
}

func TestConcurrencyAndRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Concurrency, cfg.Rate = 4, 10
		var now, most atomic.Int32
		var mu sync.Mutex
		var starts []time.Time
		cfg.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			starts = append(starts, time.Now())
			most.Store(max(most.Load(), now.Add(1)))
			mu.Unlock()
			time.Sleep(time.Second)
			now.Add(-1)
			return answer(200, sampleInfo), nil
		})
		c := testClient(t, cfg)
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				if _, err := c.PayinInfo(t.Context(), testPayment); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if most.Load() != 4 {
			t.Errorf("%d simultaneous requests, want 4", most.Load())
		}
		for i := 1; i < len(starts); i++ {
			if gap := starts[i].Sub(starts[i-1]); gap < 99*time.Millisecond {
				t.Errorf("%s between requests at 10 a second", gap)
			}
		}
	})
}
