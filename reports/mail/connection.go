package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// connection is one to the mail server that is signed in. It takes one message.
type connection struct {
	client *gomail.Client
	smtp   *smtp.Client
	raw    net.Conn
}

// deadlineConn is a connection whose deadlines are ours: go-mail's would give a large message no more time than a
// greeting.
type deadlineConn struct{ net.Conn }

func (deadlineConn) SetDeadline(time.Time) error { return nil }

// open connects, greets, starts TLS and signs in, within the server's time for that.
func (s *Server) open(ctx context.Context) (*connection, error) {
	limited, cancel := context.WithTimeout(ctx, s.opening)
	defer cancel()
	c := &connection{}
	stop := func() bool { return true } // takes the limit off again
	client, err := s.client(func(dial context.Context, network, address string) (net.Conn, error) {
		raw, err := new(net.Dialer).DialContext(dial, network, address)
		if err != nil {
			return nil, err
		}
		c.raw = raw
		stop = context.AfterFunc(limited, func() { _ = raw.SetDeadline(time.Now()) })
		if s.tls != implicitTLS {
			return deadlineConn{raw}, nil
		}
		secure := tls.Client(deadlineConn{raw}, s.tlsConfig())
		return secure, secure.HandshakeContext(dial)
	})
	if err != nil {
		return nil, err
	}
	c.client = client
	c.smtp, err = client.DialToSMTPClientWithContext(limited)
	if inTime := stop(); err == nil && !inTime {
		err = limited.Err()
	}
	if err == nil {
		return c, nil
	}
	c.drop()
	if s.tls == startTLS && strings.Contains(err.Error(), "does not support STARTTLS") { // go-mail has no sentinel for it
		err = fmt.Errorf("the mail server offers no STARTTLS; HHRECON_SMTP_URL may say smtps:// where it speaks TLS from "+
			"the start,"+
			" or ?tls=none on a network that is yours alone: %w", err)
	}
	if limited.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("the mail server was not ready within %s: %w", s.opening, err)
	}
	return nil, err
}

// send hands one message over. After the context ends, the server has Server.grace left to answer.
func (c *connection) send(ctx context.Context, s *Server, m *gomail.Msg) error {
	if err := c.raw.SetDeadline(time.Now().Add(s.sending)); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.raw.SetDeadline(time.Now().Add(s.grace)) })
	defer stop()
	return c.client.SendWithSMTPClient(c.smtp, m)
}

// quit takes leave.
func (c *connection) quit() error {
	defer c.drop()
	return errors.Join(c.raw.SetDeadline(time.Now().Add(leaveTime)), c.smtp.Quit())
}

// leaveTime is for taking leave; nothing depends on it.
const leaveTime = 5 * time.Second

// drop ends the connection without a word. After a failure there must be none: QUIT would end a message that is
// half sent, and the server would take the half.
func (c *connection) drop() {
	if c.raw != nil {
		_ = c.raw.Close()
	}
}
