// Package mailtest is a mail server for tests. The server supports STARTTLS and sign-in. A test can
// change the server's answers.
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

// Server is a mail server that keeps all accepted messages.
type Server struct {
	Port        int
	Roots       *x509.CertPool // trusts the certificate of the server
	certificate *x509.Certificate
	tls         *tls.Config // nil means that the server does not offer STARTTLS

	smtp      *smtp.Server
	mu        sync.Mutex
	messages  []Message
	behaviour Behaviour
}

// Message is a message as the server received it.
type Message struct {
	From, To string
	Raw      []byte
}

// Behaviour sets the answers of a server. A nil function accepts everything. If a function returns an error, the server
// answers with this error. An *smtp.SMTPError sets the code of the answer.
type Behaviour struct {
	Rcpt func(to string) error
	Data func(m Message, conn net.Conn) error // called with the whole message
}

// The server accepts this user and password. The password has characters that a URL must escape.
const (
	User     = "accounting@merchant.example"
	Password = "p:a/s?s wörd"
)

// Open starts a server that runs until the test ends.
func Open(t testing.TB, withTLS bool) *Server {
	t.Helper()
	s := &Server{Roots: x509.NewCertPool()}
	if withTLS {
		server := httptest.NewTLSServer(nil) // the server is only needed for its certificate, which is valid for 127.0.0.1
		defer server.Close()
		s.certificate = server.Certificate()
		s.Roots.AddCert(s.certificate)
		s.tls = &tls.Config{Certificates: server.TLS.Certificates, MinVersion: tls.VersionTLS12}
	}
	s.open(t, "127.0.0.1:0")
	t.Cleanup(s.Close)
	return s
}

// Reopen starts a closed server again, on the same port and with the same messages.
func (s *Server) Reopen(t testing.TB) {
	t.Helper()
	s.open(t, net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)))
}

func (s *Server) open(t testing.TB, address string) {
	t.Helper()
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c}, nil
	}))
	server.Domain = "mail.merchant.example"
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.TLSConfig = s.tls
	listener, err := net.Listen("tcp", address)
	must(t, err)
	s.Port = listener.Addr().(*net.TCPAddr).Port
	s.smtp = server
	go func() { _ = server.Serve(listener) }() // Serve returns when Close is called
}

// Close closes the server. Clients can then no longer connect.
func (s *Server) Close() { _ = s.smtp.Close() }

// URL returns the URL of the server with a password.
func (s *Server) URL(password string) string {
	u := url.URL{Scheme: "smtp", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)),
		User: url.UserPassword(User, password)}
	return u.String()
}

// Behave changes the behaviour of the server.
func (s *Server) Behave(m Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behaviour = m
}

// Messages returns the accepted messages.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Keep adds a message to the accepted messages even if the server refuses the message.
func (s *Server) Keep(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
}

// CertificateFile writes the certificate of the server to a file for SSL_CERT_FILE.
func (s *Server) CertificateFile(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "server.pem")
	must(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.certificate.Raw}), 0o600))
	return file
}

// session is a connection to the server.
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

// Data reads a message and keeps it, unless the behaviour returns an error.
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
