package highhelp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"
)

// maxSignedAge is the maximum age of a signature when its request is sent. The gateway's own limit is not documented.
const maxSignedAge = time.Second

// acquireSlot waits until a request may be sent and returns its signed headers. The caller must call releaseSlot,
// unless there is an error.
//
// It signs first, so a signed request is ready when a slot becomes free. Then it waits for a slot, and then for the
// rate: in this order a request is sent as soon as the rate allows it, and the network sees the same rate. A signature
// that is too old after the wait is made again.
//
// The error is an *Error if signing fails or the gateway answers only 429; otherwise it is the context's error.
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
	case err != nil: // the limiter reports at once that the deadline is too early for the rate
		err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	case c.cfg.Now().Sub(signedAt) > maxSignedAge:
		header, _, err = c.sign(ctx, text)
	}
	if err != nil {
		c.releaseSlot()
	}
	return header, err
}

// releaseSlot releases the slot of acquireSlot.
func (c *Client) releaseSlot() { <-c.slots }

// sign returns the signed headers of an attempt. RSA takes more CPU time than the rest of a request. So the number of
// simultaneous signatures is limited to the number of processors, and goroutines with an answer to read run first.
// Otherwise answers would wait for signatures, and the measured latency would double.
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
