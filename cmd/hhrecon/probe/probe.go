// Package probe finds the signature variant that a HighHelp project uses. Keys.Find probes requests, and Alert probes
// alerts.
package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/highhelp"
)

// maxRequests limits the requests of one probe, because HighHelp may lock a project after many refused requests. Three
// requests are for the proof of an accepted variant.
const (
	maxRequests   = 12
	proofRequests = 3
)

// unknownPayin is the payment_id of a query about no payin. Its length is a multiple of 3.
const unknownPayin = "hhrecon-probe-0"

// Keys finds the signature variant of requests by querying a payin.
type Keys struct {
	Project   config.Project
	PaymentID string        // a payin that HighHelp knows, so that only its state is an acceptance; "": an unknown payin
	Skip      int           // the number of variants that an earlier probe tried
	Pause     time.Duration // pause between requests
	Client    func(config.Project) (*highhelp.Client, error)
	Out, Err  io.Writer

	sent, next int             // number of requests, and of variants that are refused
	refusal    *highhelp.Error // the last refusal
	otherWords bool            // a refusal does not blame the token
}

// Find tries variants until HighHelp accepts one, and prints the settings for schedules.yaml.
func (c *Keys) Find(ctx context.Context) error {
	id, p := cmp.Or(c.PaymentID, unknownPayin), c.Project
	if c.PaymentID != "" && len(id)%3 == 0 {
		return config.UsageErrorf("--payment-id %s cannot tell padding: choose a payin whose payment_id has a length that "+
			"is not a multiple of 3", id)
	}
	tokens := []string{p.Entry.Signature.Token}
	if token := p.Entry.AccessToken; token == "" || strings.Contains(token, "-----BEGIN") {
		tokens = []string{highhelp.TokenDER, highhelp.TokenPEM}
	}
	var all []config.SignatureEntry
	for _, token := range tokens {
		for _, v := range highhelp.RequestVariants(p.Entry.PrivateKeyFile != "", p.Entry.HMACSecretFile != "") {
			if !v.Padding || len(id)%3 != 0 { // otherwise padding has no effect; see prove
				all = append(all, config.SignatureEntry{Variant: v, Token: token})
			}
		}
	}
	for i := c.Skip; i < len(all); i++ {
		if c.sent == maxRequests-proofRequests {
			return config.UsageErrorf("HighHelp refuses %d of %d variants: HighHelp may lock the project after more "+
				"requests, so wait some minutes, then run \"hhrecon probe keys --skip %d\": %w", i, len(all), i, c.refusal)
		}
		c.next = i
		switch accepted, err := c.try(ctx, all[i], id); {
		case err != nil:
			return err
		case accepted:
			return c.prove(ctx, all[i], id)
		}
	}
	if c.refusal == nil {
		return config.UsageErrorf("--skip %d skips all %d variants", c.Skip, len(all))
	}
	cause := "the key, the project id " + p.ID + " or the access token is wrong; copy all three"
	if !c.otherWords {
		cause = "the key does not belong to project " + p.ID + "; copy the key and the access token"
	}
	return config.UsageErrorf("HighHelp accepts no variant: %s again from HighHelp's dashboard: %w", cause, c.refusal)
}

// prove checks that HighHelp accepts the variant with one padding only, and prints the settings for schedules.yaml. A
// server that accepts both does not check signatures, or hides a refusal behind a 404.
func (c *Keys) prove(ctx context.Context, found config.SignatureEntry, id string) (err error) {
	same, other := true, found
	if other.Padding = !found.Padding; len(id)%3 == 0 {
		id += "x"
		if same, err = c.try(ctx, found, id); err != nil {
			return err
		}
	}
	accepted, err := c.try(ctx, other, id)
	switch {
	case err != nil:
		return err
	case accepted == same:
		return config.UsageErrorf("nothing is proved: HighHelp answers a wrong signature like a right one: run \"hhrecon " +
			"probe keys --payment-id ID\" with a payin that HighHelp knows")
	case accepted:
		found = other
	}
	fmt.Fprintf(c.Out, "HighHelp accepts: %s\n", found.Variant)
	if err := printSettings(c.Out, "signature", c.Project, found); err != nil {
		return err
	}
	client, err := c.client(ctx, found)
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.Balance(ctx); err != nil {
		fmt.Fprintf(c.Err, "warning: the variant is proved, but balance fails: %v\n", err)
	}
	return ctx.Err()
}

// client returns a client that tries each request once.
func (c *Keys) client(ctx context.Context, with config.SignatureEntry) (*highhelp.Client, error) {
	if c.sent++; c.sent > 1 && !parallel.Pause(ctx, c.Pause) {
		return nil, ctx.Err()
	}
	p := c.Project
	p.Entry.Signature, p.PayinTimeout, p.FirstPause = with, p.AttemptTimeout, time.Hour
	return c.Client(p)
}

// try sends one query with one variant, and reports whether HighHelp accepts the signature. An error means that other
// variants cannot help, or that HighHelp may have locked the project.
func (c *Keys) try(ctx context.Context, with config.SignatureEntry, paymentID string) (bool, error) {
	client, err := c.client(ctx, with)
	if err != nil {
		return false, err
	}
	defer client.Close()
	info, err := client.PayinInfo(ctx, paymentID)
	if err == nil && info.PaymentID != paymentID {
		err = &highhelp.Error{Kind: highhelp.ErrRefused, StatusCode: http.StatusOK, Description: info.StatusDescription}
	}
	fault, _ := errors.AsType[*highhelp.Error](err)
	switch {
	case err == nil, errors.Is(err, highhelp.ErrNotFound) && c.PaymentID == "":
		fmt.Fprintf(c.Err, "accepted: %s, token %s\n", with.Variant, with.Token)
		return true, nil
	case fault == nil:
		return false, err
	case slices.Contains([]int{http.StatusForbidden, http.StatusLocked, http.StatusTooManyRequests}, fault.StatusCode):
		wait := "some minutes"
		if fault.RetryAfter > 0 {
			wait = fault.RetryAfter.String()
		}
		if fault.StatusCode == http.StatusForbidden {
			c.next++ // a 403 may also refuse the variant
		}
		return false, fmt.Errorf("%w\nHighHelp may have locked the project: wait %s, then run \"hhrecon probe keys "+
			"--skip %d\"", err, wait, c.next)
	case fault.StatusCode < 200, fault.StatusCode >= 500, errors.Is(err, highhelp.ErrUnreachable):
		return false, fmt.Errorf("%w: the answer neither accepts nor refuses the signature", err)
	}
	fmt.Fprintf(c.Err, "refused:  %s, token %s: HTTP %d %q\n", with.Variant, with.Token, fault.StatusCode,
		fault.Description)
	c.refusal = fault
	c.otherWords = c.otherWords || !strings.Contains(strings.ToLower(fault.Description), "token")
	if advice := blame(fault.Description); advice != "" && !errors.Is(err, highhelp.ErrNotFound) {
		return false, config.UsageErrorf("%w\nno variant can help: %s", err, advice)
	}
	return false, nil
}

// blame returns the cure if HighHelp's words blame something other than the signature, the key or the token.
func blame(words string) string {
	has := func(all ...string) bool {
		return slices.ContainsFunc(all, func(word string) bool { return strings.Contains(strings.ToLower(words), word) })
	}
	switch {
	case has("signature", "algorithm", "token", "key"):
	case has("timestamp", "clock"):
		return "set this machine's clock by NTP"
	case has("project", "merchant", "register") && has("unknown", "not found", "not a known", "not exist", "no such"):
		return "copy the project's id again from HighHelp's dashboard"
	}
	return ""
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
