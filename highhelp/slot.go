package highhelp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"
)

// maxSignedAge is the maximum age of a signature when its request is sent. HighHelp does not document its own limit.
const maxSignedAge = time.Second

// acquireSlot waits until a request may be sent, and returns its signed headers. If acquireSlot returns no error, the
// caller must call releaseSlot.
//
// acquireSlot signs first, so a signed request is ready when a slot becomes free. acquireSlot then waits for a slot,
// and finally for the rate. With this order, a request is sent as soon as the rate allows. If the signature is too old
// after the wait, the request is signed again.
//
// The error is an *Error if signing fails or the gateway answers only 429, and otherwise the context's error.
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
	case errors.Is(err, ErrUnreachable): // the gateway answers only 429
	case err != nil && ctx.Err() != nil:
		err = ctx.Err()
	case err != nil: // the limiter returns immediately if the deadline is too early for the rate
		err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	case c.cfg.Now().Sub(signedAt) > maxSignedAge:
		header, _, err = c.sign(ctx, text)
	}
	if err != nil {
		c.releaseSlot()
	}
	return header, err
}

// releaseSlot releases a slot that acquireSlot returned.
func (c *Client) releaseSlot() { <-c.slots }

// sign returns the signed headers of an attempt. RSA takes more CPU time than the rest of a request. The number of
// concurrent signatures is therefore limited to the number of processors, and goroutines that read an answer take
// precedence. In a measurement without this limit, answers waited for signatures and the latency doubled.
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
