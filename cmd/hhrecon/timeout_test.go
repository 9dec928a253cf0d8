package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"hhrecon/cmd/hhrecon/server"
)

// TestSlowBody checks that the server closes a connection whose request body does not arrive, and does not interrupt a
// slow answer.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	if s := server.New(nil); s.ReadTimeout == 0 || s.IdleTimeout == 0 || s.ReadHeaderTimeout == 0 || s.WriteTimeout != 0 {
		t.Fatalf("read time-out %s, idle time-out %s, write time-out %s", s.ReadTimeout, s.IdleTimeout,
			s.WriteTimeout)
	}
	read := make(chan error, 1)
	cancelled := make(chan bool, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		if r.URL.Path == "/slow-answer" {
			ctx, end := context.WithTimeout(r.Context(), 300*time.Millisecond)
			defer end()
			<-ctx.Done()
			cancelled <- r.Context().Err() != nil
			return
		}
		read <- err
	}))
	server.Config.ReadTimeout = 100 * time.Millisecond // shorter than the time limit that server.New sets
	server.Config.ReadHeaderTimeout = waitLimit        // on a busy machine it may take long to send the headers
	server.Start()
	t.Cleanup(server.Close)

	peer, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = peer.Close() })
	if _, err := io.WriteString(peer, "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nname="); err != nil {
		t.Fatal(err)
	}
	if err := <-read; err == nil {
		t.Error("an incomplete body is accepted")
	}
	response, err := http.Get(server.URL + "/slow-answer")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if <-cancelled {
		t.Error("an answer that takes longer than the read time-out is interrupted")
	}
}
