package highhelp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"
)

// maxSignedAge is how old a signature may be when its request leaves. How old the gateway lets it be is not
// documented: within a second it is still the time of this very try.
const maxSignedAge = time.Second

// acquireSlot waits until a request may leave, and gives its headers, which hold a signature of this moment. It signs
// first, so that if more callers than slots wait, a signed request stands ready when a slot gets free; then it waits
// for a slot, then for the rate: in this order a request leaves as soon as the rate lets it, so the rate holds on the
// wire too. A signature that grew old in the queue is made again. After nil comes releaseSlot.
//
// The error is an *Error where signing fails, else the end of the caller's context.
func (c *Client) acquireSlot(ctx context.Context, text string) (http.Header, error) {
	header, signedAt, err := c.sign(ctx, text)
	if err != nil {
		return nil, err
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case c.slots <- struct{}{}:
	}
	err = c.rateLimit.wait(ctx)
	switch {
	case errors.Is(err, ErrUnreachable): // the gateway answers nothing but 429
	case err != nil && ctx.Err() != nil:
		err = ctx.Err()
	case err != nil: // the limiter says at once that the caller's deadline comes before the rate lets the request leave
		err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	case c.cfg.Now().Sub(signedAt) > maxSignedAge:
		header, _, err = c.sign(ctx, text)
	}
	if err != nil {
		c.releaseSlot()
	}
	return header, err
}

// releaseSlot gives the slot back.
func (c *Client) releaseSlot() { <-c.slots }

// sign makes the headers of a try. RSA costs more CPU than everything else that a request needs, so no more are
// signed at once than there are processors, and before each the goroutines that have an answer to read go first:
// otherwise the gateway's answers would wait for signatures, and its latency seem to double.
func (c *Client) sign(ctx context.Context, text string) (http.Header, time.Time, error) {
	if err := ctx.Err(); err != nil {
		return nil, time.Time{}, err
	}
	select {
	case <-ctx.Done():
		return nil, time.Time{}, ctx.Err()
	case c.signers <- struct{}{}:
	}
	defer func() { <-c.signers }()
	runtime.Gosched()
	at := c.cfg.Now()
	header, err := c.cfg.Signing.headers(c.header, text, at.Unix())
	if err != nil {
		err = &Error{Kind: ErrInvalidRequest, cause: err}
	}
	return header, at, err
}
