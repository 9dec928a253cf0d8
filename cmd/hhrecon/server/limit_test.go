package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"hhrecon/cmd/hhrecon/config"
)

// fromListener replaces the peer's address of each connection by the next address.
type fromListener struct {
	net.Listener
	next func() string
}

type fromConn struct {
	net.Conn
	from net.Addr
}

func (c fromConn) RemoteAddr() net.Addr { return c.from }

func (l fromListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return fromConn{c, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(l.next()))}, nil
}

// serveLimited starts a server with limits. serveLimited answers a request to /busy when the request's context ends.
func serveLimited(t *testing.T, next func() string) (address string) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	settings := &config.Settings{Page: config.PageEntry{Proxies: []string{"10.0.0.0/24"}}}
	listener := Limit(fromListener{inner, next}, func() *config.Settings { return settings })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(ctx, listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/busy" {
				<-r.Context().Done()
			}
			fmt.Fprintln(w, "ok")
		}))
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return inner.Addr().String()
}

// dial opens a connection and sends text. If answered is true, dial waits for an answer.
func dial(t *testing.T, address, text string, answered bool) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	if answered {
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// within fails the test if the server does not answer on a new connection within 2 s.
func within(t *testing.T, address, about string) {
	t.Helper()
	c := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := c.Get("http://" + address + "/")
	if err != nil {
		t.Fatalf("%s: %v", about, err)
	}
	_ = answer.Body.Close()
}

// TestIdleConnections checks that connections without a request, or with incomplete headers, do not block other
// connections.
func TestIdleConnections(t *testing.T) {
	for about, attack := range map[string]struct {
		text     string
		answered bool
	}{
		"kept alive": {request, true},
		"silent":     {"", false},
		"half":       {request[:20], false},
	} {
		address := serveLimited(t, func() string { return "127.0.0.1:1" })
		for range maxConns + 10 {
			dial(t, address, attack.text, attack.answered)
		}
		for range 3 {
			within(t, address, about)
		}
	}
}

// TestConnectionsOfAddress checks the limit of connections from one address while their requests are in progress. A
// proxy may have more connections.
func TestConnectionsOfAddress(t *testing.T) {
	from := make(chan string, 1)
	address := serveLimited(t, func() string { return <-from })
	const busy = "GET /busy HTTP/1.1\r\nHost: x\r\n\r\n"
	open := func(peer, text string, answered bool) net.Conn {
		t.Helper()
		from <- peer
		return dial(t, address, text, answered)
	}
	ended := func(c net.Conn) bool {
		_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		_, err := c.Read(make([]byte, 1))
		return !errors.Is(err, context.DeadlineExceeded) && !isTimeout(err)
	}
	var all []net.Conn
	for i := range maxConnsOfAddress + 20 { // all addresses of an IPv6 network count as one address
		all = append(all, open(fmt.Sprintf("[2001:db8::%x]:1", i+1), busy, false))
	}
	var refused int
	for _, c := range all {
		if ended(c) {
			refused++
		}
	}
	if refused != 20 {
		t.Errorf("%d of %d connections of one address are refused, want 20", refused, len(all))
	}
	for range maxConnsOfAddress + 20 {
		open("10.0.0.7:1", request, true)
	}
	from <- "192.0.2.1:1"
	within(t, address, "another address")
}

func isTimeout(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout()
}
