package db

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// dialer opens connections whose reads and writes have deadlines. Without deadlines, a query on a connection whose
// other end has disappeared blocks even after its context's deadline, because no packet arrives.
type dialer struct {
	connect time.Duration // time limit for connecting
	answer  time.Duration // time limit for each answer; 0 means no limit
	trips   *atomic.Int64 // round trips
}

// Dial implements pq.Dialer.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout implements pq.Dialer.
func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext implements pq.DialerContext.
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

// deadlineConn gives each read and each write its own deadline, in addition to the deadline that lib/pq sets during the
// login. deadlineConn also counts round trips. A round trip is a read that follows a write.
type deadlineConn struct {
	net.Conn
	limit time.Duration
	outer time.Time // set before and after the login, never during a read or write

	trips      *atomic.Int64
	unanswered atomic.Bool // data was sent, and no answer has arrived yet
}

func (c *deadlineConn) SetDeadline(t time.Time) error {
	c.outer = t
	return c.Conn.SetDeadline(t)
}

func (c *deadlineConn) Read(b []byte) (int, error) {
	if c.unanswered.Swap(false) {
		c.trips.Add(1)
	}
	if err := c.SetReadDeadline(c.deadline()); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *deadlineConn) Write(b []byte) (int, error) {
	c.unanswered.Store(true)
	if err := c.SetWriteDeadline(c.deadline()); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// deadline returns the earlier of the two deadlines. The zero time means no deadline.
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
