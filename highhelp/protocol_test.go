package highhelp

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// protocolServer starts a TLS server with both versions of HTTP. The server answers after a latency, and stores the
// HTTP version of the last request.
func protocolServer(t testing.TB, latency time.Duration, used *atomic.Int32) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		used.Store(int32(r.ProtoMajor))
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(latency)
		_, _ = io.WriteString(w, sampleInfo)
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // discards errors of unused HTTP/2 connections
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// protocolClient returns a client with the given version of HTTP, fast signatures and n slots.
func protocolClient(t testing.TB, server *httptest.Server, version, n int) *Client {
	t.Helper()
	transport := newTransport(n, version)
	transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	transport.TLSClientConfig.NextProtos = nil // let the transport set the protocols
	cfg := testConfig()
	cfg.Signing = Signing{Variant: Variant{Algorithm: AlgorithmHMAC}, Secret: []byte("s3cret-of-the-test"),
		AccessToken: testToken}
	cfg.BaseURL, cfg.Concurrency, cfg.Transport = server.URL, n, transport
	return testClient(t, cfg)
}

func TestProtocol(t *testing.T) {
	var used atomic.Int32
	server := protocolServer(t, 0, &used)
	for _, version := range []int{HTTP1, HTTP2} {
		if _, err := protocolClient(t, server, version, 2).PayinInfo(t.Context(), testPayment); err != nil ||
			used.Load() != int32(version) {
			t.Errorf("want HTTP/%d, got HTTP/%d, %v", version, used.Load(), err)
		}
	}
}

// BenchmarkProtocol compares HTTP/1.1 and HTTP/2 with 64 concurrent requests. Client and server share one process.
func BenchmarkProtocol(b *testing.B) {
	const atOnce = 64
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		for _, version := range []int{HTTP1, HTTP2} {
			b.Run(fmt.Sprintf("latency=%s/http=%d", latency, version), func(b *testing.B) {
				var used atomic.Int32
				c := protocolClient(b, protocolServer(b, latency, &used), version, atOnce)
				var left atomic.Int64
				ask := func(n int) {
					left.Store(int64(n))
					var wg sync.WaitGroup
					for range atOnce {
						wg.Go(func() {
							for left.Add(-1) >= 0 {
								if _, err := c.PayinInfo(b.Context(), testPayment); err != nil {
									b.Error(err)
								}
							}
						})
					}
					wg.Wait()
				}
				ask(atOnce) // open the connections before measuring
				before := cpuTime(b)
				b.ResetTimer()
				ask(b.N)
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
				b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
				if used.Load() != int32(version) {
					b.Errorf("spoke HTTP/%d", used.Load())
				}
			})
		}
	}
}

// cpuTime returns the CPU time that this process has used so far.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
