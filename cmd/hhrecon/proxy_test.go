package main

import (
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// proxy forwards bytes between hhrecon and PostgreSQL. proxy can close, block or slow down the connections.
type proxy struct {
	network, address string // network and address of PostgreSQL

	mu    sync.Mutex
	turn  *sync.Cond
	held  bool
	pause time.Duration // time to wait before each read
	conns map[net.Conn]bool
}

// newProxy starts a proxy for a database's server and returns the database's URL through the proxy.
func newProxy(t *testing.T, database string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(database)
	must(t, err)
	p := &proxy{network: "tcp", address: u.Host, conns: map[net.Conn]bool{}}
	p.turn = sync.NewCond(&p.mu)
	options := u.Query()
	if dir := options.Get("host"); dir != "" {
		p.network, p.address = "unix", filepath.Join(dir, ".s.PGSQL.5432")
		options.Del("host")
	} else if u.Port() == "" {
		p.address = net.JoinHostPort(u.Hostname(), "5432")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() {
		_ = listener.Close()
		p.release()
		p.cut()
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	u.Host, u.RawQuery = listener.Addr().String(), options.Encode()
	return p, u.String()
}

func (p *proxy) serve(client net.Conn) {
	server, err := net.Dial(p.network, p.address)
	if err != nil {
		_ = client.Close()
		return
	}
	p.mu.Lock()
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	go p.pass(client, server)
	p.pass(server, client)
}

// pass copies bytes in one direction until one of the connections is closed.
func (p *proxy) pass(to, from net.Conn) {
	defer func() {
		_, _ = to.Close(), from.Close()
		p.mu.Lock()
		delete(p.conns, to)
		delete(p.conns, from)
		p.mu.Unlock()
	}()
	piece := make([]byte, 16<<10)
	for {
		n, err := from.Read(piece)
		if err != nil {
			return
		}
		p.mu.Lock()
		for p.held {
			p.turn.Wait()
		}
		pause := p.pause
		p.mu.Unlock()
		time.Sleep(pause)
		if _, err := to.Write(piece[:n]); err != nil {
			return
		}
	}
}

// cut closes all connections. New connections are accepted.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

// hold blocks all bytes without closing connections, until release is called.
func (p *proxy) hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = true
}

func (p *proxy) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = false
	p.turn.Broadcast()
}

// slow adds a pause before each read.
func (p *proxy) slow(pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pause = pause
}
