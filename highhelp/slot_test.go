package highhelp

import (
	"io"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// startCalls starts n calls of PayinInfo, each for a different payin.
func startCalls(t *testing.T, c *Client, n int) *sync.WaitGroup {
	t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if _, err := c.PayinInfo(t.Context(), "P-"+strconv.Itoa(i)); err != nil {
				t.Error(err)
			}
		})
	}
	return &wg
}

// TestSigningIsAhead checks that a request is signed while the request waits for a slot. The number of concurrent
// signatures is at most the number of processors.
func TestSigningIsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers = 40
		var now, most, signed atomic.Int32
		answers := make(chan struct{})
		cfg := testConfig()
		cfg.Concurrency = 1
		cfg.Now = func() time.Time { // the clock is read for each signature, and again by the request that gets the slot
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(10 * time.Millisecond)
			signed.Add(1)
			now.Add(-1)
			return time.Now()
		}
		cfg.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			<-answers
			return answer(200, sampleInfo), nil
		})
		wg := startCalls(t, testClient(t, cfg), callers)
		time.Sleep(time.Second)
		if signed.Load() != callers+1 {
			t.Errorf("%d signatures are ready while the only slot is in use, want %d", signed.Load()-1, callers)
		}
		if limit := int32(runtime.GOMAXPROCS(0)); most.Load() > limit+1 {
			t.Errorf("%d signed at the same time on %d processors", most.Load(), limit)
		}
		close(answers)
		wg.Wait()
	})
}

// TestOldSignatureIsMadeAgain checks that a request is signed again if its signature is too old after a long wait for a
// slot and for the rate.
func TestOldSignatureIsMadeAgain(t *testing.T) {
	for name, set := range map[string]func(*Config){
		"slot": func(cfg *Config) { cfg.Concurrency = 1 },
		"rate": func(cfg *Config) { cfg.Rate = 0.25 },
	} {
		synctest.Test(t, func(t *testing.T) {
			key := AlertKey{PublicKey: &testKey().PublicKey}
			cfg := testConfig()
			set(&cfg)
			sent := 0
			cfg.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				sent++
				body, _ := io.ReadAll(r.Body)
				stamp, _ := strconv.ParseInt(r.Header.Get(HeaderTimestamp), 10, 64)
				if age := time.Since(time.Unix(stamp, 0)); age > 2*time.Second {
					t.Errorf("%s: signed %s before it was sent", name, age)
				}
				if err := key.Verify(body, r.Header.Get(HeaderTimestamp), r.Header.Get(HeaderSignature)); err != nil {
					t.Error(err)
				}
				time.Sleep(3 * time.Second)
				return answer(200, sampleInfo), nil
			})
			startCalls(t, testClient(t, cfg), 6).Wait()
			if sent != 6 {
				t.Errorf("%s: %d sent", name, sent)
			}
		})
	}
}

// TestSlotIsFreeBeforeTheAnswerIsJudged checks that a slot is released as soon as the answer is read, before the
// answer is parsed.
func TestSlotIsFreeBeforeTheAnswerIsJudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arrived := make(chan struct{}, 2)
		cfg := testConfig()
		cfg.Concurrency = 1
		cfg.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			arrived <- struct{}{}
			return answer(200, sampleInfo), nil
		})
		c := testClient(t, cfg)
		first := &request{name: "first", path: PathPayinInfo, body: []byte(sampleRequest), readOnly: true,
			parse: func([]byte) error {
				<-arrived
				<-arrived // the second request arrives while the first answer is parsed
				return nil
			}}
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := c.call(t.Context(), first); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		if _, err := c.PayinInfo(t.Context(), testPayment); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
}
