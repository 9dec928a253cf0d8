package db

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// dialer opens connections that never wait for ever. Without it, a query over a connection whose other
// end has vanished blocks even beyond its context's deadline, since nothing ever comes back.
type dialer struct {
	connect time.Duration // for one connection to stand
	answer  time.Duration // for any answer to come; 0: no limit
	trips   *atomic.Int64 // counts what was sent and answered
}

// Dial makes dialer a pq.Dialer.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout makes dialer a pq.Dialer.
func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext makes dialer a pq.DialerContext.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	plain := net.Dialer{
		Timeout:         d.connect,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 10 * time.Second, Count: 4},
	}
	conn, err := plain.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &deadlineConn{Conn: conn, limit: d.answer, trips: d.trips}, nil
}

// deadlineConn gives each read and each write its own deadline, besides the one that lib/pq sets
// while it signs in. It counts round trips: reads that follow a write.
type deadlineConn struct {
	net.Conn
	limit time.Duration
	outer time.Time // set before and after signing in, never while a read or write is under way

	trips *atomic.Int64
	asked atomic.Bool // something was sent since the last answer
}

func (c *deadlineConn) SetDeadline(t time.Time) error {
	c.outer = t
	return c.Conn.SetDeadline(t)
}

func (c *deadlineConn) Read(b []byte) (int, error) {
	if c.asked.Swap(false) {
		c.trips.Add(1)
	}
	if err := c.SetReadDeadline(c.deadline()); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *deadlineConn) Write(b []byte) (int, error) {
	c.asked.Store(true)
	if err := c.SetWriteDeadline(c.deadline()); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// deadline is the sooner of the two; zero is none.
func (c *deadlineConn) deadline() time.Time {
	if c.limit == 0 {
		return c.outer
	}
	moving := time.Now().Add(c.limit)
	if c.outer.IsZero() || moving.Before(c.outer) {
		return moving
	}
	return c.outer
}
