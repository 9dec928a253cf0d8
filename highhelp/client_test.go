package highhelp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestNewNamesEveryFault(t *testing.T) {
	_, err := New(Config{BaseURL: "http://api.hh-processing.com", ProjectID: "57af", Rate: -1, Concurrency: -1,
		CallTimeout: -1})
	for _, want := range []string{"write https://", "is not a UUID", "private_key", "rate is -1", "concurrency is -1",
		"call timeout is -1ns"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	cfg := testConfig()
	cfg.Signing = Signing{Variant: Variant{Algorithm: AlgorithmHMAC}, Secret: []byte("x")}
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "copy the project's public key") {
		t.Error(err)
	}
	cfg.Signing.AccessToken = "a\nb"
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "access token contains a line break") {
		t.Error(err)
	}
	cfg.Signing.AccessToken = " abc\n"
	if c, err := New(cfg); err != nil || c.cfg.Signing.AccessToken != "abc" {
		t.Error(err)
	}
}

func TestBaseURL(t *testing.T) {
	for text, want := range map[string]string{
		"": DefaultBaseURL, "https://test.example/": "https://test.example",
		"https://test.example/hh/": "https://test.example/hh",
		"http://127.0.0.1:8080":    "http://127.0.0.1:8080", "http://localhost:1/": "http://localhost:1",
		"http://[::1]:1": "http://[::1]:1", "http://127.9.9.9": "http://127.9.9.9",
		"http://10.0.0.1": "", "http://localhost.evil.example": "", "ftp://x": "", "api.hh-processing.com": "",
		"https://": "", "https://u:p@x": "", "https://x?a=b": "", "https://x#f": "", "://": "",
	} {
		cfg := testConfig()
		cfg.BaseURL = text
		c, err := New(cfg)
		if (err == nil) != (want != "") || err == nil && c.cfg.BaseURL != want {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && strings.Contains(err.Error(), "u:p") {
			t.Errorf("the error contains the password: %v", err)
		}
	}
}

func TestConnectionsAreReused(t *testing.T) {
	var connections, n atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if n.Add(1)%3 == 0 { // the client must also read error pages completely
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, strings.Repeat("bad gateway ", 4_000))
			return
		}
		fmt.Fprint(w, sampleInfo)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := served(t, server.URL)
	for range 30 {
		if _, err := c.PayinInfo(t.Context(), testPayment); err != nil {
			t.Fatal(err)
		}
	}
	if connections.Load() != 1 {
		t.Errorf("%d connections for %d sequential requests", connections.Load(), n.Load())
	}
	c.Close()
}

// failFirst answers the first n requests with the handler broken, and later requests successfully.
func failFirst(n int32, broken http.HandlerFunc) (http.Handler, *atomic.Int32) {
	tries := new(atomic.Int32)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if tries.Add(1) <= n {
			broken(w, r)
			return
		}
		fmt.Fprint(w, sampleInfo)
	}), tries
}

func TestBrokenAnswers(t *testing.T) {
	for name, broken := range map[string]http.HandlerFunc{
		"half a body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(sampleInfo)))
			fmt.Fprint(w, sampleInfo[:len(sampleInfo)/2])
			panic(http.ErrAbortHandler)
		},
		"half a body as if it were whole": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, sampleInfo[:200]) },
		"dropped connection":              func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"huge": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"status":"`+strings.Repeat("x", 2<<20)+`"}`)
		},
		"a page":    func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>welcome</html>") },
		"nothing":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		"not UTF-8": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{\"status\":\"\xff\"}") },
	} {
		t.Run(name, func(t *testing.T) {
			handler, tries := failFirst(2, broken)
			server := httptest.NewServer(handler)
			defer server.Close()
			info, err := served(t, server.URL).PayinInfo(t.Context(), testPayment)
			if err != nil || info.Status != StatusProcessing || tries.Load() != 3 {
				t.Errorf("after %d tries: %v", tries.Load(), err)
			}

			handler, _ = failFirst(1<<30, broken)
			server.Config.Handler = handler
			c := served(t, server.URL)
			c.cfg.CallTimeout = 50 * time.Millisecond
			if _, err = c.PayinInfo(t.Context(), testPayment); !errors.Is(err, ErrUnreachable) || errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var elsewhere, tries atomic.Int32
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			tries.Add(1)
			http.Redirect(w, r, other.URL+"/new", status)
		}))
		_, err := served(t, server.URL).PayinInfo(t.Context(), testPayment)
		if !errors.Is(err, ErrUnreachable) || elsewhere.Load() != 0 || tries.Load() != 1 ||
			!strings.Contains(err.Error(), other.URL+"/new") {
			t.Errorf("%d: %d tries, %d requests to the target, %v", status, tries.Load(), elsewhere.Load(), err)
		}
		server.Close()
		other.Close()
	}
}

func TestWrongTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	c := served(t, server.URL)
	_, err := c.PayinInfo(t.Context(), testPayment)
	if e := (*Error)(nil); !errors.As(err, &e) || !errors.Is(err, ErrUnreachable) || e.Tries != 1 ||
		!strings.Contains(err.Error(), "certificate") {
		t.Error(err)
	}
	if _, err := c.CreatePayin(t.Context(), newPayin()); !errors.Is(err, ErrUnreachable) ||
		errors.Is(err, ErrStateUnknown) {
		t.Error(err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	c = served(t, strings.Replace(plain.URL, "http:", "https:", 1))
	c.cfg.CallTimeout = 50 * time.Millisecond
	if _, err := c.PayinInfo(t.Context(), testPayment); !errors.Is(err, ErrUnreachable) {
		t.Error(err)
	}
}

func TestConnectionRefused(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c := served(t, server.URL)
	c.cfg.CallTimeout = 50 * time.Millisecond
	for _, call := range []func() error{
		func() error { _, err := c.PayinInfo(t.Context(), testPayment); return err },
		func() error { _, err := c.CreatePayin(t.Context(), newPayin()); return err },
		func() error { _, err := c.Balance(t.Context()); return err },
	} {
		err := call()
		if e := (*Error)(nil); !errors.As(err, &e) || !errors.Is(err, ErrUnreachable) || errors.Is(err, ErrStateUnknown) ||
			e.StatusCode != 0 {
			t.Error(err)
		}
	}
}

// TestSlowDialIsNeverSent checks that a request counts as not sent if its dial times out.
func TestSlowDialIsNeverSent(t *testing.T) {
	cfg := testConfig()
	cfg.FirstPause, cfg.AttemptTimeout, cfg.CallTimeout = time.Millisecond, 5*time.Millisecond, 50*time.Millisecond
	cfg.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	_, err := testClient(t, cfg).CreatePayin(t.Context(), newPayin())
	if !errors.Is(err, ErrUnreachable) || errors.Is(err, ErrStateUnknown) {
		t.Error(err)
	}
}

// TestKeysStayOutOfErrorsAndLogs checks that errors do not contain keys that the gateway quotes, and that logs do not
// contain keys.
func TestKeysStayOutOfErrorsAndLogs(t *testing.T) {
	var log bytes.Buffer
	var secrets []string
	cfg := testConfig()
	cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	status := 400
	cfg.FirstPause, cfg.CallTimeout = time.Millisecond, 5*time.Millisecond
	cfg.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		token, signature := r.Header.Get(HeaderToken), r.Header.Get(HeaderSignature)
		secrets = append(secrets, token[:40], signature[:40])
		return answer(status, fmt.Sprintf(`{"status_description":"bad %s %s","x":"the-body"}`, token, signature)), nil
	})
	c := testClient(t, cfg)
	for _, status = range []int{400, 401, 404, 500, 200} {
		_, err := c.PayinInfo(t.Context(), testPayment)
		e := (*Error)(nil)
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		out := fmt.Sprintf("%v %s %s %+v", err, e.Body, log.String(), e)
		for _, secret := range secrets {
			if strings.Contains(out, secret) {
				t.Fatalf("%d: a key is visible in %s", status, out)
			}
		}
	}
	if strings.Contains(log.String(), "the-body") || strings.Count(log.String(),
		`msg="highhelp call" method=POST path=/api/v1/widget/payin/info payment_id=PAYMENT-KGS-123456 tries=`) != 5 {
		t.Error(log.String())
	}
}

func TestErrorBodyIsBounded(t *testing.T) {
	c := stub(t, func(*http.Request) (*http.Response, error) {
		return answer(400, `{"status_description":"`+strings.Repeat("é\u0001", 99_999)+`"`), nil
	})
	_, err := c.PayinInfo(t.Context(), testPayment)
	e := (*Error)(nil)
	if !errors.As(err, &e) || len(e.Body) != 16<<10 || len(err.Error()) > 4096 {
		t.Errorf("%d bytes of body, %d bytes of text", len(e.Body), len(err.Error()))
	}
	c = stub(t, func(*http.Request) (*http.Response, error) {
		return answer(400, `{"status":7,"message":"a\u0000\n`+strings.Repeat("é", 9999)+`"}`), nil
	})
	_, err = c.PayinInfo(t.Context(), testPayment)
	if !errors.As(err, &e) || len([]rune(e.Description)) != 300 || strings.ContainsAny(err.Error(), "\x00\n") {
		t.Error(err)
	}
}
