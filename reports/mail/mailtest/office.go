// Package mailtest is a mail server for tests: on a real socket, with STARTTLS and sign-in, and as bad a mood as a
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

// Office is a mail server. It keeps all mail that it took.
type Office struct {
	Port        int
	Roots       *x509.CertPool // that trust its certificate; no other pool does
	certificate *x509.Certificate
	tls         *tls.Config // nil: it offers none

	server *smtp.Server
	mu     sync.Mutex
	taken  []Message
	mood   Mood
}

// Message is a mail as the office has it.
type Message struct {
	From, To string
	Raw      []byte
}

// Mood is how an office behaves; zero is friendly. An error is its answer: *smtp.SMTPError with a code.
type Mood struct {
	Rcpt func(to string) error
	Data func(m Message, conn net.Conn) error // once it has the whole message
}

// Who may send, with the right password; its characters need care in a URL.
const (
	User     = "accounting@merchant.example"
	Password = "p:a/s?s wörd"
)

// Open opens an office until the test ends. Without TLS it offers none.
func Open(t testing.TB, withTLS bool) *Office {
	t.Helper()
	o := &Office{Roots: x509.NewCertPool()}
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

// Reopen opens an office that was closed, where it was and with all that it has.
func (o *Office) Reopen(t testing.TB) {
	t.Helper()
	o.open(t, net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port)))
}

func (o *Office) open(t testing.TB, address string) {
	t.Helper()
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session,
		error) {
		return &counter{office: o, conn: c}, nil
	}))
	server.Domain = "mail.merchant.example"
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.TLSConfig = o.tls
	listener, err := net.Listen("tcp", address)
	must(t, err)
	o.Port = listener.Addr().(*net.TCPAddr).Port
	o.server = server
	go func() { _ = server.Serve(listener) }() // ends with Close
}

// Close closes the server: clients can no longer connect.
func (o *Office) Close() { _ = o.server.Close() }

// URL leads to the office, with the password that is right or another.
func (o *Office) URL(password string) string {
	u := url.URL{Scheme: "smtp", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port)),
		User: url.UserPassword(User, password)}
	return u.String()
}

// Behave changes the office's mood.
func (o *Office) Behave(m Mood) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mood = m
}

// Messages are those that it has.
func (o *Office) Messages() []Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.taken)
}

// Keep takes a message, whatever is said about it.
func (o *Office) Keep(m Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.taken = append(o.taken, m)
}

// CertificateFile writes the office's certificate, for SSL_CERT_FILE.
func (o *Office) CertificateFile(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "office.pem")
	must(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.certificate.Raw}), 0o600))
	return file
}

// counter is one connection to the office.
type counter struct {
	office   *Office
	conn     *smtp.Conn
	signedIn bool
	message  Message
}

func (c *counter) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c *counter) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		c.signedIn = true
		return nil
	}), nil
}

func (c *counter) Mail(from string, _ *smtp.MailOptions) error {
	if !c.signedIn {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	c.message.From = from
	return nil
}

func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.message.To = to
	if rcpt := c.office.now().Rcpt; rcpt != nil {
		return rcpt(to)
	}
	return nil
}

// Data reads a message, and keeps it unless the mood is otherwise.
func (c *counter) Data(r io.Reader) error {
	var err error
	if c.message.Raw, err = io.ReadAll(r); err != nil {
		return err
	}
	if data := c.office.now().Data; data != nil {
		if err := data(c.message, c.conn.Conn()); err != nil {
			return err
		}
	}
	c.office.Keep(c.message)
	return nil
}

func (o *Office) now() Mood {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.mood
}

func (c *counter) Reset()        { c.message = Message{} }
func (c *counter) Logout() error { return nil }
