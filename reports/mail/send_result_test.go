package mail

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"hhrecon/reconcile"
	"hhrecon/reports/mail/mailtest"
	"hhrecon/sql/sqltest"
)

var (
	errLater = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1},
		Message: "greylisted, try again later"}
	errRefused = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	errTooBig  = &smtp.SMTPError{Code: 552, EnhancedCode: smtp.EnhancedCode{5, 3, 4}, Message: "message too large"}
)

// TestSendResults checks all results of an attempt. A lost message must be logged as an error. A repeated message must
// say that it may be a duplicate.
func TestSendResults(t *testing.T) {
	if testing.Short() {
		t.Skip("-short skips tests that take seconds")
	}
	for _, c := range []struct {
		name        string
		fault       func(s *fixture)
		status      SendStatus // result of the first attempt
		first       int        // messages on the server after the first attempt
		all         int        // messages on the server after all attempts
		loggedError string
	}{
		{name: "success", fault: func(*fixture) {}, status: Taken, first: 1, all: 1},
		{name: "no connection", fault: func(s *fixture) { s.server().port = freePort(s.T) }, status: Later, all: 1},
		{name: "no greeting in time", fault: func(s *fixture) {
			s.server().port, s.server().opening = listener(s, ""), 500*time.Millisecond
		}, status: Later, all: 1},
		{name: "a greeting with an error", fault: func(s *fixture) { s.server().port = listener(s, "554 no service\r\n") },
			status: Later, all: 1, loggedError: "hhrecon check"},
		{name: "closed without a greeting", fault: func(s *fixture) { s.server().port = listener(s, "bye") }, status: Later,
			all: 1},
		{name: "no TLS", fault: func(s *fixture) { s.server().port = mailtest.Open(s, false).Port }, status: Later, all: 1,
			loggedError: "hhrecon check"},
		{name: "an unknown certificate", fault: func(s *fixture) { s.server().roots = nil }, status: Later, all: 1,
			loggedError: "hhrecon check"},
		{name: "a wrong password", fault: func(s *fixture) { s.server().password = "wrong" }, status: Later, all: 1,
			loggedError: "hhrecon check"},
		{name: "no sign-in", fault: func(s *fixture) { s.server().user = "" }, status: Later, all: 1,
			loggedError: "hhrecon check"},
		{name: "no answer to the recipient", fault: func(s *fixture) {
			s.server().sending = 500 * time.Millisecond
			s.mailServer.Behave(mailtest.Behaviour{Rcpt: func(string) error { return s.hang() }})
		}, status: Later, all: 1},
		{name: "no answer after an accepted message", fault: func(s *fixture) {
			s.server().sending = 500 * time.Millisecond
			s.mailServer.Behave(mailtest.Behaviour{Data: func(m mailtest.Message, conn net.Conn) error {
				s.mailServer.Keep(m)
				return s.hang()
			}})
		}, status: Unknown, first: 1, all: 2},
		{name: "no answer after a message that is not accepted", fault: func(s *fixture) {
			s.server().sending = 500 * time.Millisecond
			s.mailServer.Behave(mailtest.Behaviour{Data: func(m mailtest.Message, conn net.Conn) error { return s.hang() }})
		}, status: Unknown, all: 1},
		{name: "4xx for the recipient", fault: recipients(errLater), status: Later, all: 1},
		{name: "4xx after the message", fault: messages(errLater), status: Later, all: 1},
		{name: "5xx for the recipient", fault: recipients(errRefused), status: Refused, loggedError: "refused"},
		{name: "5xx after the message", fault: messages(errRefused), status: Refused, loggedError: "refused"},
		{name: "connection lost after an accepted message", fault: func(s *fixture) {
			s.mailServer.Behave(mailtest.Behaviour{Data: func(m mailtest.Message, conn net.Conn) error {
				s.mailServer.Keep(m)
				return errors.Join(io.EOF, conn.Close())
			}})
		}, status: Unknown, first: 1, all: 2},
		{name: "connection lost after a message that is not accepted", fault: func(s *fixture) {
			s.mailServer.Behave(mailtest.Behaviour{Data: func(m mailtest.Message, conn net.Conn) error {
				return errors.Join(io.EOF, conn.Close())
			}})
		}, status: Unknown, all: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(s *fixture) {
				s.runAndPublish()
				c.fault(s)
				s.deliver()
				if len(s.tried) != 1 || s.tried[0] != c.status || len(s.mailServer.Messages()) != c.first {
					s.Errorf("results %v, and the mail server has %d messages; want %s and %d: %s", s.tried,
						len(s.mailServer.Messages()), c.status, c.first, s.one().Note)
				}
				if c.loggedError != "" && !s.loggedError(c.loggedError) {
					s.Errorf("the log has no error with %q:\n%s", c.loggedError, s.logged)
				}
				s.restoreServer()
				s.deliver()
				s.now = s.now.Add(2 * time.Hour)
				s.deliver()
				s.deliver()
				s.checkDelivered(c.all)
			})
		})
	}
}

// recipients returns a function that makes the mail server refuse each recipient with err.
func recipients(err error) func(*fixture) {
	return func(s *fixture) { s.mailServer.Behave(mailtest.Behaviour{Rcpt: func(string) error { return err }}) }
}

// messages returns a function that makes the mail server refuse each message with err.
func messages(err error) func(*fixture) {
	return func(s *fixture) {
		s.mailServer.Behave(mailtest.Behaviour{Data: func(mailtest.Message, net.Conn) error { return err }})
	}
}

// checkDelivered checks that the mail server has n messages of the only delivery. If n is 0, the loss must be logged as
// an error. Each repeated message must say that the message may be a duplicate.
func (s *fixture) checkDelivered(n int) {
	s.Helper()
	d, taken := s.one(), s.mailServer.Messages()
	if len(taken) != n {
		s.Fatalf("the mail server has %d messages, want %d; %s: %s", len(taken), n, d.State, d.Note)
	}
	if n == 0 {
		if d.State != reconcile.DeliveryGivenUp || d.Note == "" || len(s.givenUp) != 1 || !s.loggedError("does not retry") {
			s.Errorf("a message is lost without an error: %+v, given up %v:\n%s", d, s.givenUp, s.logged)
		}
		return
	}
	if d.State != reconcile.DeliverySent || d.SentAt.IsZero() || d.Note != "" {
		s.Errorf("the mail server has the message, but the delivery is %+v", d)
	}
	for i, l := range taken {
		o := l.Read(s)
		if id := o.Header.Get("Message-Id"); id != d.MessageID {
			s.Errorf("message %d has the Message-ID %s, the delivery %s", i, id, d.MessageID)
		}
		says := strings.Contains(o.Text, "may have received this message before") &&
			strings.Contains(o.HTML, "may have received this message before")
		if i > 0 && !says {
			s.Errorf("message %d is a repetition and does not say so:\n%s", i, o.Text)
		}
	}
}

// TestProcessDies checks a process that dies after the server has accepted a message and before the result is saved.
func TestProcessDies(t *testing.T) {
	onBoth(t, func(s *fixture) {
		s.runAndPublish()
		first := *s.mailer
		first.Owner = owner("dead")
		first.Owner.Process = strings.Split(first.Owner.Process, "/")[0] + "/0" // ID of a process that does not exist
		first.Deliveries = stoppingStore{s.store}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _ = first.Deliver(s.Context())
		}()
		<-ended
		if d := s.one(); d.State != reconcile.DeliverySending || len(s.mailServer.Messages()) != 1 {
			s.Fatalf("%+v, the mail server has %d messages", d, len(s.mailServer.Messages()))
		}
		if counts := s.deliver(); counts.Sent != 1 {
			s.Errorf("%+v", counts)
		}
		s.deliver()
		s.checkDelivered(2)
	})
}

// stoppingStore is a store that ends the goroutine of its caller instead of saving a result.
type stoppingStore struct{ reconcile.DeliveryStore }

func (stoppingStore) EndDelivery(context.Context, reconcile.Delivery) error {
	runtime.Goexit()
	return nil
}

// TestTooLargeForTheServer checks that a message that is too large is sent without the workbook.
func TestTooLargeForTheServer(t *testing.T) {
	onBoth(t, func(s *fixture) {
		s.runAndPublish()
		s.mailServer.Behave(mailtest.Behaviour{Data: func(mailtest.Message, net.Conn) error {
			s.mailServer.Behave(mailtest.Behaviour{})
			return errTooBig
		}})
		s.deliver()
		s.checkDelivered(1)
		if o := s.mailServer.Messages()[0].Read(s); o.Attachment != nil ||
			!strings.Contains(o.Text, "hhrecon report --run 1") {
			s.Errorf("attached %d bytes:\n%s", len(o.Attachment), o.Text)
		}
	})
}

// TestRetriesEnd checks that a delivery is retried for three days and then given up with an error.
func TestRetriesEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("-short skips tests that take seconds")
	}
	s := newSQLiteFixture(t)
	s.runAndPublish()
	s.mailServer.Behave(mailtest.Behaviour{Rcpt: func(string) error { return errLater }})
	began := s.now
	for s.one().State == reconcile.DeliveryWaiting {
		s.now = s.one().NextAt
		s.deliver()
	}
	d := s.one()
	if waited := s.now.Sub(began); waited < 72*time.Hour || waited > 74*time.Hour || d.Tries < 65 || d.Tries > 110 {
		t.Errorf("given up after %s and %d attempts", waited, d.Tries)
	}
	s.checkDelivered(0)
	if n, err := s.store.Resend(t.Context(), 1, nil, "Aida", s.now); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	s.deliver()
	if d := s.one(); d.State != reconcile.DeliveryWaiting {
		t.Errorf("after a resend, the delivery is given up at once: %+v", d)
	}
	s.restoreServer()
	s.now = s.now.Add(2 * time.Hour)
	s.deliver()
	s.checkDelivered(1)
	if o := s.mailServer.Messages()[0].Read(s); !strings.Contains(o.Text, "Sent again at the request of Aida.") {
		t.Errorf("the message does not name the person who resent it:\n%s", o.Text)
	}
}

// TestOneBadRecipient checks that a recipient who is refused does not delay others.
func TestOneBadRecipient(t *testing.T) {
	onBoth(t, func(s *fixture) {
		s.runAndPublish()
		s.publish(s.run(), time.Time{}, "gone@merchant.example", "busy@merchant.example", "no address",
			"cfo@merchant.example")
		s.mailServer.Behave(mailtest.Behaviour{Rcpt: func(to string) error {
			return map[string]error{"gone@merchant.example": errRefused, "busy@merchant.example": errLater}[to]
		}})
		if counts := s.deliver(); counts != (DeliveryCounts{Sent: 2, Waiting: 1, GivenUp: 2}) {
			s.Errorf("%+v:\n%s", counts, s.logged)
		}
	})
}

// TestStop checks that a stopping mailer claims no more deliveries, and that an unsent delivery is due immediately.
func TestStop(t *testing.T) {
	onBoth(t, func(s *fixture) {
		s.runAndPublish()
		ctx, cancel := context.WithCancel(s.Context())
		s.server().grace = 100 * time.Millisecond
		s.mailServer.Behave(mailtest.Behaviour{Rcpt: func(string) error { cancel(); return s.hang() }})
		if _, err := s.mailer.Deliver(ctx); !errors.Is(err, context.Canceled) {
			s.Error(err)
		}
		if d := s.one(); d.State != reconcile.DeliveryWaiting || d.NextAt.After(s.now) || d.Doubtful {
			s.Errorf("%+v", d)
		}
		s.restoreServer()
		s.deliver()
		s.checkDelivered(1)
	})
}

func newSQLiteFixture(t *testing.T) *fixture { return newFixture(t, sqltest.SQLiteURL(t)) }

// loggedError reports whether the log has an error with a text.
func (s *fixture) loggedError(text string) bool {
	for _, line := range strings.Split(s.logged.String(), "\n") {
		if strings.Contains(line, `"level":"ERROR"`) && strings.Contains(line, text) {
			return true
		}
	}
	return false
}

func (s *fixture) server() *Server { return s.mailer.Server }

// restoreServer makes the mail server accept all messages again.
func (s *fixture) restoreServer() {
	s.mailServer.Behave(mailtest.Behaviour{})
	s.mailer.Server = s.sender()
}

// hang blocks until the test ends.
func (s *fixture) hang() error {
	<-s.Context().Done()
	return errLater
}

// listener starts a server that sends a greeting and then nothing. After the greeting "bye", the
// server closes the connection.
func listener(s *fixture, greeting string) int {
	s.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(s.T, err)
	s.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if greeting == "bye" {
				_ = conn.Close()
				continue
			}
			_, _ = io.WriteString(conn, greeting)
			context.AfterFunc(s.Context(), func() { _ = conn.Close() })
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}
