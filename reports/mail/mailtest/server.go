// Package mailtest is a mail server for tests: on a real socket, with STARTTLS and sign-in, and as bad a behaviour as a
// test wants.
package mailtest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Server is a mail server. It keeps all mail that it took.
type Server struct {
	Port        int
	Roots       *x509.CertPool // that trust its certificate; no other pool does
	certificate *x509.Certificate
	tls         *tls.Config // nil: it offers none

	smtp      *smtp.Server
	mu        sync.Mutex
	messages  []Message
	behaviour Behaviour
}

// Message is a mail as the server has it.
type Message struct {
	From, To string
	Raw      []byte
}

// Behaviour is how an server behaves; zero is friendly. An error is its answer: *smtp.SMTPError with a code.
type Behaviour struct {
	Rcpt func(to string) error
	Data func(m Message, conn net.Conn) error // once it has the whole message
}

// Who may send, with the right password; its characters need care in a URL.
const (
	User     = "accounting@merchant.example"
	Password = "p:a/s?s wörd"
)

// Open opens an server until the test ends. Without TLS it offers none.
func Open(t testing.TB, withTLS bool) *Server {
	t.Helper()
	o := &Server{Roots: x509.NewCertPool()}
	if withTLS {
		server := httptest.NewTLSServer(nil) // for its certificate alone, which is for 127.0.0.1 too
		defer server.Close()
		o.certificate = server.Certificate()
		o.Roots.AddCert(o.certificate)
		o.tls = &tls.Config{Certificates: server.TLS.Certificates, MinVersion: tls.VersionTLS12}
	}
	o.open(t, "127.0.0.1:0")
	t.Cleanup(o.Close)
	return o
}

// Reopen opens an server that was closed, where it was and with all that it has.
func (s *Server) Reopen(t testing.TB) {
	t.Helper()
	s.open(t, net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)))
}

func (s *Server) open(t testing.TB, address string) {
	t.Helper()
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session,
		error) {
		return &session{server: s, conn: c}, nil
	}))
	server.Domain = "mail.merchant.example"
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.TLSConfig = s.tls
	listener, err := net.Listen("tcp", address)
	must(t, err)
	s.Port = listener.Addr().(*net.TCPAddr).Port
	s.smtp = server
	go func() { _ = server.Serve(listener) }() // ends with Close
}

// Close closes the server: clients can no longer connect.
func (s *Server) Close() { _ = s.smtp.Close() }

// URL leads to the server, with the password that is right or another.
func (s *Server) URL(password string) string {
	u := url.URL{Scheme: "smtp", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)),
		User: url.UserPassword(User, password)}
	return u.String()
}

// Behave changes the server's behaviour.
func (s *Server) Behave(m Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behaviour = m
}

// Messages are those that it has.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Keep takes a message, whatever is said about it.
func (s *Server) Keep(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
}

// CertificateFile writes the server's certificate, for SSL_CERT_FILE.
func (s *Server) CertificateFile(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "server.pem")
	must(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.certificate.Raw}), 0o600))
	return file
}

// session is one connection to the server.
type session struct {
	server   *Server
	conn     *smtp.Conn
	signedIn bool
	message  Message
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.signedIn {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.message.From = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.message.To = to
	if rcpt := s.server.currentBehaviour().Rcpt; rcpt != nil {
		return rcpt(to)
	}
	return nil
}

// Data reads a message, and keeps it unless the behaviour is otherwise.
func (s *session) Data(r io.Reader) error {
	var err error
	if s.message.Raw, err = io.ReadAll(r); err != nil {
		return err
	}
	if data := s.server.currentBehaviour().Data; data != nil {
		if err := data(s.message, s.conn.Conn()); err != nil {
			return err
		}
	}
	s.server.Keep(s.message)
	return nil
}

func (s *Server) currentBehaviour() Behaviour {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.behaviour
}

func (s *session) Reset()        { s.message = Message{} }
func (s *session) Logout() error { return nil }
