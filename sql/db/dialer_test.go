package db

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// If no data arrives, a connection fails at its deadline. Each answer moves the deadline.
func TestDeadlineMoves(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	defer func() { _ = far.Close() }()
	c := &deadlineConn{Conn: near, limit: 20 * time.Millisecond, trips: new(atomic.Int64)}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read: %v", err)
	}
	if _, err := c.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("write: %v", err)
	}
	go func() { _, _ = far.Write([]byte("xyz")) }()
	c.limit = time.Minute
	if _, err := c.Read(make([]byte, 3)); err != nil {
		t.Errorf("read after a deadline: %v", err)
	}
	if err := c.SetDeadline(time.Now().Add(-time.Second)); err != nil { // lib/pq also does this during the login
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read beyond the outer deadline: %v", err)
	}
}
