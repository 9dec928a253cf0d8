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

// TestSlowBody lets nobody hold a connection open with a body that never comes, and breaks no slow answer off.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	if s := server.New(nil); s.ReadTimeout == 0 || s.IdleTimeout == 0 || s.ReadHeaderTimeout == 0 || s.WriteTimeout != 0 {
		t.Fatalf("the server waits %s for a request, %s for the next one, and gives answers %s", s.ReadTimeout, s.IdleTimeout,
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
	server.Config.ReadTimeout = 100 * time.Millisecond // in place of server.New's, for the test's sake
	server.Config.ReadHeaderTimeout = waitLimit        // on a busy machine the head alone may take as long
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
		t.Error("half a body is taken for a whole one")
	}
	response, err := http.Get(server.URL + "/slow-answer")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if <-cancelled {
		t.Error("an answer that takes longer than a request may is broken off")
	}
}
