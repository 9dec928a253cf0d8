package main

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// smtpClient makes the client that HHRECON_SMTP_URL describes.
func smtpClient(text string) (*gomail.Client, error) {
	u, err := url.Parse(text)
	if err != nil {
		// The parser's own error would show the password.
		return nil, errors.New("HHRECON_SMTP_URL is no URL: write smtp://user:password@host:587, with special characters percent-encoded")
	}
	options := []gomail.Option{gomail.WithTimeout(15 * time.Second)}
	port := 587
	switch {
	case u.Scheme == "smtps":
		port = 465
		options = append(options, gomail.WithSSL())
	case u.Scheme != "smtp":
		return nil, fmt.Errorf("HHRECON_SMTP_URL has the scheme %q: write smtp:// or smtps://", u.Scheme)
	case u.Query().Get("tls") == "none":
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, fmt.Errorf("HHRECON_SMTP_URL has the port %q", u.Port())
		}
	}
	options = append(options, gomail.WithPort(port))
	if name := u.User.Username(); name != "" {
		password, _ := u.User.Password()
		options = append(options, gomail.WithUsername(name), gomail.WithPassword(password), gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover))
	}
	return gomail.NewClient(u.Hostname(), options...)
}

// checkSMTP signs in at the mail server and sends nothing.
func checkSMTP(ctx context.Context, s *settings) error {
	if _, err := mail.ParseAddress(s.mailFrom); err != nil {
		return fmt.Errorf("HHRECON_MAIL_FROM %q is no address: write hhrecon@merchant.example", s.mailFrom)
	}
	client, err := smtpClient(s.smtpURL)
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return err
	}
	return client.Close()
}
