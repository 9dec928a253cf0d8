package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Server is the mail server to which messages are sent.
type Server struct {
	host           string
	port           int
	tls            security
	user, password string

	opening time.Duration  // time limit to connect, greet and sign in
	sending time.Duration  // time limit to send one message after the sign-in
	grace   time.Duration  // time limit for the server's answer during shutdown
	roots   *x509.CertPool // nil means the certificates of the system
}

type security int

const (
	startTLS security = iota // required
	implicitTLS
	noTLS
)

// These constants limit the time of an attempt. A server that does not answer must not delay other deliveries forever.
// However, a server may scan an attachment before it answers. If the client gives up during the scan, the recipient
// gets the message twice.
const (
	openingLimit = 30 * time.Second
	sendingLimit = 2 * time.Minute
	endingGrace  = 10 * time.Second
)

// Check signs in at the mail server of a URL and sends nothing. Check also checks the sender's address.
func Check(ctx context.Context, url, from string) error {
	if err := CheckFrom(from); err != nil {
		return err
	}
	server, err := ParseServer(url)
	if err != nil {
		return err
	}
	return server.Check(ctx)
}

// ParseServer reads the mail server's URL: smtp://user:password@host:587, which requires STARTTLS unless it has
// ?tls=none, or smtps://….
func ParseServer(text string) (*Server, error) {
	u, err := url.Parse(text)
	if err != nil {
		// The error of url.Parse contains the password and is therefore not returned.
		return nil, errors.New("HHRECON_SMTP_URL is not a URL: write smtp://user:password@host:587, with special " +
			"characters percent-encoded")
	}
	s := &Server{host: u.Hostname(), port: 587, opening: openingLimit, sending: sendingLimit, grace: endingGrace}
	switch {
	case u.Scheme == "smtps":
		s.port, s.tls = 465, implicitTLS
	case u.Scheme != "smtp":
		return nil, fmt.Errorf("HHRECON_SMTP_URL has the scheme %q: write smtp:// or smtps://", u.Scheme)
	case u.Query().Get("tls") == "none":
		s.tls = noTLS
	}
	if s.host == "" {
		return nil, errors.New("HHRECON_SMTP_URL has no host: write smtp://user:password@host:587")
	}
	if u.Port() != "" {
		if s.port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, fmt.Errorf("HHRECON_SMTP_URL has the invalid port %q", u.Port())
		}
	}
	s.user = u.User.Username()
	s.password, _ = u.User.Password()
	return s, nil
}

// CheckFrom checks the sender's address of messages.
func CheckFrom(from string) error {
	if _, err := mail.ParseAddress(from); err != nil {
		return fmt.Errorf("HHRECON_MAIL_FROM %q is not an address: write hhrecon@merchant.example", from)
	}
	return nil
}

// Check signs in at the mail server and sends nothing.
func (s *Server) Check(ctx context.Context) error {
	c, err := s.open(ctx)
	if err != nil {
		return err
	}
	return c.quit()
}

// client returns go-mail's client, which sends over an open connection.
func (s *Server) client(dial gomail.DialContextFunc) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(s.opening), gomail.WithTLSConfig(s.tlsConfig()),
		gomail.WithDialContextFunc(dial),
		gomail.WithoutNoop(), gomail.WithoutRset(), // a connection is used for one message
	}
	switch s.tls {
	case startTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case implicitTLS:
		// The connection already uses TLS. With this policy, go-mail does not start TLS again.
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case noTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.user != "" {
		options = append(options, gomail.WithUsername(s.user), gomail.WithPassword(s.password),
			gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover))
	}
	return gomail.NewClient(s.host, options...)
}

func (s *Server) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}
