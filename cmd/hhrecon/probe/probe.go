// Package probe finds the signature variant that a HighHelp project uses. Keys.Find probes requests, and Alert probes
// alerts.
package probe

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
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/highhelp"
)

// Keys finds the signature variant of requests by querying a payin.
type Keys struct {
	Project   config.Project
	PaymentID string
	Pause     time.Duration // pause between attempts
	Client    func(config.Project) (*highhelp.Client, error)
	Out, Err  io.Writer
}

// Find tries variants until HighHelp accepts one, and prints the settings for schedules.yaml.
func (c *Keys) Find(ctx context.Context) error {
	p := c.Project
	tokens := []string{p.Entry.Signature.Token}
	if p.Entry.AccessToken == "" {
		tokens = []string{highhelp.TokenDER, highhelp.TokenPEM}
	}
	variants := highhelp.RequestVariants(p.Entry.PrivateKeyFile != "", p.Entry.HMACSecretFile != "")
	first := true
	for _, token := range tokens {
		for _, v := range variants {
			if v.Padding && len(c.PaymentID)%3 == 0 {
				continue // padding has no effect; see findPadding
			}
			if !first && !parallel.Pause(ctx, c.Pause) {
				return ctx.Err()
			}
			first = false
			found := config.SignatureEntry{Variant: v, Token: token}
			switch accepted, err := c.try(ctx, found, c.PaymentID); {
			case err != nil:
				return err
			case accepted:
				return c.findPadding(ctx, found)
			}
		}
	}
	return config.UsageErrorf("HighHelp accepts no variant: the key, the project id %s or the access token is "+
		"wrong; copy all three again from HighHelp's dashboard", p.ID)
}

// findPadding finds out whether the accepted variant is padded, and prints the settings for schedules.yaml. Padding has
// no effect if the length of the payment_id is a multiple of 3. In this case, findPadding tries a longer payment_id.
func (c *Keys) findPadding(ctx context.Context, found config.SignatureEntry) error {
	if len(c.PaymentID)%3 == 0 {
		if !parallel.Pause(ctx, c.Pause) {
			return ctx.Err()
		}
		accepted, err := c.try(ctx, found, c.PaymentID+"x")
		if err != nil {
			return err
		}
		found.Padding = !accepted
	}
	if err := c.confirm(ctx, found); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "HighHelp accepts: %s\n", found.Variant)
	return printSettings(c.Out, "signature", c.Project, found)
}

// confirm requests the balance with the accepted variant, because a server that is not HighHelp's may answer all
// queries about payins with 404.
func (c *Keys) confirm(ctx context.Context, found config.SignatureEntry) error {
	p := c.Project
	p.Entry.Signature = found
	client, err := c.Client(p)
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.Balance(ctx); err != nil {
		return fmt.Errorf("%w\npayin/info accepts %s, but balance does not: is HHRECON_API_URL HighHelp's address?",
			err, found.Variant)
	}
	return nil
}

// try sends one query with one variant. Any answer except 400, 401 and 403 means that HighHelp accepts the variant.
func (c *Keys) try(ctx context.Context, with config.SignatureEntry, paymentID string) (bool, error) {
	p := c.Project
	p.Entry.Signature = with
	client, err := c.Client(p)
	if err != nil {
		return false, err
	}
	defer client.Close()
	_, err = client.PayinInfo(ctx, paymentID)
	switch {
	case errors.Is(err, highhelp.ErrUnauthorized), errors.Is(err, highhelp.ErrRefused):
		// A 400 may mean that the name of the algorithm is unknown.
		fmt.Fprintf(c.Err, "refused:  %s, token %s\n", with.Variant, with.Token)
		return false, nil
	case err == nil, errors.Is(err, highhelp.ErrNotFound):
		fmt.Fprintf(c.Err, "accepted: %s, token %s\n", with.Variant, with.Token)
		return true, nil
	}
	return false, fmt.Errorf("%w: the answer neither accepts nor refuses the signature", err)
}

// printSettings prints the lines for the project in schedules.yaml.
func printSettings(out io.Writer, key string, p config.Project, found config.SignatureEntry) error {
	text, err := yaml.Dump(map[string]config.SignatureEntry{key: found})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Add these lines to project %s in %s:\n", p.ID, config.DefaultSchedules)
	for line := range strings.Lines(string(text)) {
		fmt.Fprint(out, "    ", line)
	}
	return nil
}

// Alert tries each variant on a recorded alert, and prints the settings for schedules.yaml.
func Alert(p config.Project, file string, out io.Writer) error {
	key, err := p.AlertKey()
	if err != nil {
		return err
	}
	headers, body, err := readCapture(file)
	if err != nil {
		return err
	}
	for _, v := range highhelp.AlertVariants(key.PublicKey != nil, len(key.Secret) > 0) {
		key.Variant = v
		if key.Verify(body, headers.Get(highhelp.HeaderTimestamp), headers.Get(highhelp.HeaderSignature)) == nil {
			fmt.Fprintf(out, "The alert is signed with: %s\n", v)
			return printSettings(out, "alert_signature", p, config.SignatureEntry{Variant: v})
		}
	}
	return config.UsageErrorf("%s: no variant fits: the key is not the alert key (Callback settings in HighHelp's "+
		"dashboard), or the body was changed", file)
}

// readCapture reads a recorded request: an optional request line, headers, an empty line and the body.
func readCapture(file string) (http.Header, []byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, config.UsageErrorf("%w", err)
	}
	if line, rest, ok := bytes.Cut(text, []byte("\n")); ok && bytes.Contains(line, []byte(" HTTP/")) {
		text = rest
	}
	r := bufio.NewReader(bytes.NewReader(text))
	headers, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		// The error omits the parser's message, because this message quotes the alert.
		return nil, nil, config.UsageErrorf("%s: not a captured alert: it must be header lines, an empty line, "+
			"then the body byte for byte", file)
	}
	body, err := io.ReadAll(r)
	return http.Header(headers), body, err
}
