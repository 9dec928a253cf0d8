package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/highhelp"
)

// probeCmd is `hhrecon probe`.
type probeCmd struct {
	Keys  probeKeysCmd  `cmd:"" help:"Ask payin/info, which changes nothing, with each signature variant until the register accepts one."`
	Alert probeAlertCmd `cmd:"" help:"Try each signature variant on one captured alert."`
}

type probeKeysCmd struct {
	Project   string        `help:"The project, where there are several." placeholder:"ID"`
	PaymentID string        `name:"payment-id" help:"Asked about; it need not exist." default:"hhrecon-probe-0" placeholder:"ID"`
	Pause     time.Duration `help:"Between two tries, so that the register does not lock." default:"1s"`
}

func (c *probeKeysCmd) Run(ctx context.Context, a *app) error {
	s, p, err := a.project(c.Project)
	if err != nil {
		return err
	}
	tokens := []string{p.Entry.Signature.Token}
	if p.Entry.AccessToken == "" {
		tokens = []string{highhelp.TokenDER, highhelp.TokenPEM}
	}
	variants := highhelp.RequestVariants(p.Entry.PrivateKeyFile != "", p.Entry.HMACSecretFile != "")
	first := true
	for _, token := range tokens {
		for _, v := range variants {
			if v.Padding && len(c.PaymentID)%3 == 0 {
				continue // signs like the unpadded one; told apart below
			}
			if !first && !pause(ctx, c.Pause) {
				return ctx.Err()
			}
			first = false
			found := config.SignatureEntry{Variant: v, Token: token}
			switch accepted, err := a.tries(ctx, s, p, found, c.PaymentID); {
			case err != nil:
				return err
			case accepted:
				return c.tellPadding(ctx, a, s, p, found)
			}
		}
	}
	return &exitError{exitUsage, fmt.Errorf("the register accepts no variant: the key, the project id %s or the access token is not the register's; take all three anew from HighHelp's cabinet", p.ID)}
}

// tellPadding finds out whether the accepted variant is padded, which a payment_id of a length that 3
// divides does not show, and prints the settings to keep.
func (c *probeKeysCmd) tellPadding(
	ctx context.Context, a *app, s *config.Settings, p config.Project, found config.SignatureEntry,
) error {
	if len(c.PaymentID)%3 == 0 {
		if !pause(ctx, c.Pause) {
			return ctx.Err()
		}
		accepted, err := a.tries(ctx, s, p, found, c.PaymentID+"x")
		if err != nil {
			return err
		}
		found.Padding = !accepted
	}
	if err := a.confirm(ctx, s, p, found); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "The register accepts: %s\n", found.Variant)
	return a.printSettings("signature", p, found)
}

// confirm asks for the balance with the variant that was found: a server that is not HighHelp's may say of every
// payin that it does not know it.
func (a *app) confirm(ctx context.Context, s *config.Settings, p config.Project, found config.SignatureEntry) error {
	p.Entry.Signature = found
	client, err := a.client(s, p, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.Balance(ctx); err != nil {
		return fmt.Errorf("%w\nits payin/info accepts %s, but its balance does not: is HHRECON_API_URL HighHelp's address?", err, found.Variant)
	}
	return nil
}

// tries asks once with one variant. The register accepts it when it answers anything but 401 or 403.
func (a *app) tries(
	ctx context.Context, s *config.Settings, p config.Project, with config.SignatureEntry, paymentID string,
) (bool, error) {
	p.Entry.Signature = with
	client, err := a.client(s, p, nil)
	if err != nil {
		return false, err
	}
	defer client.Close()
	_, err = client.PayinInfo(ctx, paymentID)
	switch {
	case errors.Is(err, highhelp.ErrUnauthorized), errors.Is(err, highhelp.ErrRefused): // a 400 may mean an unknown algorithm name
		fmt.Fprintf(a.stderr, "refused:  %s, token %s\n", with.Variant, with.Token)
		return false, nil
	case err == nil, errors.Is(err, highhelp.ErrNotFound):
		fmt.Fprintf(a.stderr, "accepted: %s, token %s\n", with.Variant, with.Token)
		return true, nil
	}
	return false, fmt.Errorf("%w: neither accepted nor refused, so nothing can be told", err)
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// printSettings prints what belongs under the project in schedules.yaml.
func (a *app) printSettings(key string, p config.Project, found config.SignatureEntry) error {
	text, err := yaml.Dump(map[string]config.SignatureEntry{key: found})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "Keep this under project %s in %s:\n", p.ID, config.DefaultSchedules)
	for line := range strings.Lines(string(text)) {
		fmt.Fprint(a.stdout, "    ", line)
	}
	return nil
}

type probeAlertCmd struct {
	File    string `arg:"" help:"The alert as it came: header lines, an empty line, the body."`
	Project string `help:"The project, where there are several." placeholder:"ID"`
}

func (c *probeAlertCmd) Run(_ context.Context, a *app) error {
	_, p, err := a.project(c.Project)
	if err != nil {
		return err
	}
	key, err := p.AlertKey()
	if err != nil {
		return err
	}
	headers, body, err := readCapture(c.File)
	if err != nil {
		return err
	}
	for _, v := range highhelp.AlertVariants(key.PublicKey != nil, len(key.Secret) > 0) {
		key.Variant = v
		if _, err := highhelp.VerifyAlert(body, headers, key); err == nil {
			fmt.Fprintf(a.stdout, "The alert is signed with: %s\n", v)
			return a.printSettings("alert_signature", p, config.SignatureEntry{Variant: v})
		}
	}
	return &exitError{exitUsage, fmt.Errorf("%s: no variant fits: the key is not the alert key (Callback settings in HighHelp's cabinet), or the body is not byte for byte as it came", c.File)}
}

// readCapture reads a captured request: an optional request line, headers, an empty line, the body.
func readCapture(file string) (http.Header, []byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, usageError("%w", err)
	}
	if line, rest, ok := bytes.Cut(text, []byte("\n")); ok && bytes.Contains(line, []byte(" HTTP/")) {
		text = rest
	}
	r := bufio.NewReader(bytes.NewReader(text))
	headers, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		// Its own words would show the alert.
		return nil, nil, usageError("%s: not a captured alert: it must be header lines, an empty line, then the body byte for byte", file)
	}
	body, err := io.ReadAll(r)
	return http.Header(headers), body, err
}
