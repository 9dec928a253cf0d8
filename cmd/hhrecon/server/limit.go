package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"hhrecon/cmd/hhrecon/config"
)

// Limits of open connections. At a limit, a new connection replaces an idle connection.
const (
	maxConns          = 256
	maxConnsOfAddress = 64 // limit for one address, except loopback and proxies; a /64 network of IPv6 is one address

	minIdle = 500 * time.Millisecond // Limit closes only connections that were idle longer than this
)

// Limit limits the number of open connections of a listener, in total and for each address. The proxies in the settings
// have no limit for their address. At a limit, Limit closes the connection that has been idle longest. If no connection
// has been idle for minIdle, a new connection waits. A new connection is closed if its address is at the limit. The
// server must come from New, which tracks idle connections.
func Limit(inner net.Listener, settings func() *config.Settings) net.Listener {
	l := &limited{Listener: inner, settings: settings}
	l.changed.L = &l.mu
	return l
}

type limited struct {
	net.Listener
	settings func() *config.Settings

	mu      sync.Mutex
	changed sync.Cond
	open    []*conn // sorted by the time of the latest change of state
	closed  bool
}

type conn struct {
	net.Conn
	listener *limited
	address  netip.Prefix // zero means no limit
	idle     bool         // the server waits for a request, or for the rest of the headers
	since    time.Time
	closing  bool
}

func (l *limited) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: inner, listener: l, address: l.addressOf(inner), idle: true, since: time.Now()}
		if l.admit(c) {
			return c, nil
		}
		_ = inner.Close()
	}
}

// admit registers a connection. If necessary, admit waits until another connection is closed. admit returns false if
// the new connection must be closed.
func (l *limited) admit(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	same := func(other *conn) bool { return other.address == c.address }
	for !l.closed {
		all, own := 0, 0
		for _, other := range l.open {
			all++
			if same(other) && c.address.IsValid() {
				own++
			}
		}
		switch {
		case own >= maxConnsOfAddress:
			if !l.closeOldest(same) {
				return false
			}
		case all >= maxConns:
			if !l.closeOldest(func(*conn) bool { return true }) {
				time.AfterFunc(minIdle, l.notify)
			}
		default:
			l.open = append(l.open, c)
			return true
		}
		l.changed.Wait()
	}
	return false
}

// closeOldest closes the connection that has been idle longest. closeOldest returns false if no connection has been
// idle for minIdle. closeOldest closes one connection at a time, because a closed connection is counted until the
// server has closed its side.
func (l *limited) closeOldest(among func(*conn) bool) bool {
	if slices.ContainsFunc(l.open, func(c *conn) bool { return c.closing && among(c) }) {
		return true
	}
	i := slices.IndexFunc(l.open, func(c *conn) bool {
		return c.idle && time.Since(c.since) >= minIdle && among(c)
	})
	if i >= 0 {
		l.open[i].closing = true
		_ = l.open[i].Conn.Close()
	}
	return i >= 0
}

func (l *limited) addressOf(c net.Conn) netip.Prefix {
	peer, err := netip.ParseAddrPort(c.RemoteAddr().String())
	address := peer.Addr().Unmap()
	if err != nil || address.IsLoopback() ||
		slices.ContainsFunc(l.settings().WebSettings().Proxies, func(p netip.Prefix) bool { return p.Contains(address) }) {
		return netip.Prefix{}
	}
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	network, _ := address.WithZone("").Prefix(bits) // cannot fail, since the prefix length is valid
	return network
}

func (l *limited) Close() error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.notify()
	return l.Listener.Close()
}

func (l *limited) notify() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changed.Broadcast()
}

// trackState implements http.Server.ConnState. A connection is idle until the headers of a request have been read.
func trackState(inner net.Conn, state http.ConnState) {
	c, ok := inner.(*conn)
	if !ok {
		return
	}
	l := c.listener
	l.mu.Lock()
	defer l.mu.Unlock()
	c.since = time.Now()
	c.idle = state == http.StateNew || state == http.StateIdle
	if i := slices.Index(l.open, c); i >= 0 {
		l.open = append(slices.Delete(l.open, i, i+1), c)
	}
	l.changed.Broadcast()
}

func (c *conn) Close() error {
	l := c.listener
	l.mu.Lock()
	l.open = slices.DeleteFunc(l.open, func(other *conn) bool { return other == c })
	l.changed.Broadcast()
	l.mu.Unlock()
	return c.Conn.Close()
}
