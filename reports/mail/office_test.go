package mail

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// office is a mail server on a real socket, with STARTTLS and sign-in. It keeps all mail that it took, and can be told
// to misbehave.
type office struct {
	t       *testing.T
	address string
	roots   *x509.CertPool
	server  *smtp.Server

	mu    sync.Mutex
	taken []letterTaken
	asked int // sessions that got as far as a recipient
	rcpt  func(to string) error
	data  func(s *counter) error // after the whole message was read
}

// letterTaken is a message that the office has.
type letterTaken struct {
	From, To string
	Raw      []byte
}

const (
	officeUser     = "accounting@merchant.example"
	officePassword = "p:a/s?s wörd"
)

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, roots: x509.NewCertPool()}
	certificate, parsed := selfSigned(t)
	o.roots.AddCert(parsed)
	o.server = smtp.NewServer(o)
	o.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	o.server.Domain = "mail.merchant.example"
	o.server.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	o.address = listener.Addr().String()
	go func() { _ = o.server.Serve(listener) }() // ends with Close
	t.Cleanup(func() { _ = o.server.Close() })
	return o
}

// url leads to the office, with or without the right password.
func (o *office) url(scheme, password string) string {
	u := url.URL{Scheme: scheme, Host: o.address, User: url.UserPassword(officeUser, password)}
	return u.String()
}

// sender is a client that trusts the office's certificate, and no other.
func (o *office) sender() *Server {
	o.t.Helper()
	s, err := ParseServer(o.url("smtp", officePassword))
	must(o.t, err)
	s.roots = o.roots
	return s
}

func (o *office) behave(rcpt func(string) error, data func(*counter) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rcpt, o.data = rcpt, data
}

func (o *office) all() []letterTaken {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]letterTaken(nil), o.taken...)
}

// NewSession opens a counter for one connection.
func (o *office) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &counter{office: o, conn: c}, nil
}

// counter is one connection to the office.
type counter struct {
	office   *office
	conn     *smtp.Conn
	signedIn bool
	from, to string
	raw      []byte
}

func (c *counter) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c *counter) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != officeUser || password != officePassword {
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
	c.from = from
	return nil
}

func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.office.mu.Lock()
	c.office.asked++
	rcpt := c.office.rcpt
	c.office.mu.Unlock()
	c.to = to
	if rcpt != nil {
		return rcpt(to)
	}
	return nil
}

// Data reads a message, and keeps it unless told otherwise.
func (c *counter) Data(r io.Reader) error {
	var err error
	if c.raw, err = io.ReadAll(r); err != nil {
		return err
	}
	c.office.mu.Lock()
	data := c.office.data
	c.office.mu.Unlock()
	if data != nil {
		if err := data(c); err != nil {
			return err
		}
	}
	c.office.keep(c)
	return nil
}

// keep takes a message, whatever is said about it.
func (o *office) keep(c *counter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.taken = append(o.taken, letterTaken{c.from, c.to, c.raw})
}

func (c *counter) Reset()        {}
func (c *counter) Logout() error { return nil }

func selfSigned(t *testing.T) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	parsed, err := x509.ParseCertificate(der)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, parsed
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
