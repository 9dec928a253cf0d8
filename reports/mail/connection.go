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

// connection is a signed-in connection to the mail server, used for one message.
type connection struct {
	client *gomail.Client
	smtp   *smtp.Client
	raw    net.Conn
}

// deadlineConn ignores go-mail's deadlines, which do not depend on the size of the message. This package sets the
// deadlines instead.
type deadlineConn struct{ net.Conn }

func (deadlineConn) SetDeadline(time.Time) error { return nil }

// open connects, greets, starts TLS and signs in. The time limit of open is Server.opening.
func (s *Server) open(ctx context.Context) (*connection, error) {
	limited, cancel := context.WithTimeout(ctx, s.opening)
	defer cancel()
	c := &connection{}
	stop := func() bool { return true } // replaced later by the function that removes the time limit
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
	// go-mail has no error value for a server without STARTTLS.
	if s.tls == startTLS && strings.Contains(err.Error(), "does not support STARTTLS") {
		err = fmt.Errorf("the mail server does not offer STARTTLS; write smtps:// in HHRECON_SMTP_URL if the server "+
			"uses TLS from the start, or ?tls=none on a private network: %w", err)
	}
	if limited.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("the mail server was not ready within %s: %w", s.opening, err)
	}
	return nil, err
}

// send sends a message. If the context ends, the server has Server.grace to answer.
func (c *connection) send(ctx context.Context, s *Server, m *gomail.Msg) error {
	if err := c.raw.SetDeadline(time.Now().Add(s.sending)); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.raw.SetDeadline(time.Now().Add(s.grace)) })
	defer stop()
	return c.client.SendWithSMTPClient(c.smtp, m)
}

// quit sends QUIT and closes the connection.
func (c *connection) quit() error {
	defer c.drop()
	return errors.Join(c.raw.SetDeadline(time.Now().Add(leaveTime)), c.smtp.Quit())
}

// leaveTime is the time limit for QUIT. Errors of QUIT are ignored.
const leaveTime = 5 * time.Second

// drop closes the connection without QUIT. After a failure, QUIT could make the server accept an incomplete message.
func (c *connection) drop() {
	if c.raw != nil {
		_ = c.raw.Close()
	}
}
