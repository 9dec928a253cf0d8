package highhelp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// pauses returns the pauses between the attempts of one call, with exponential backoff and jitter.
func (c *Client) pauses() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = c.cfg.FirstPause
	b.MaxInterval = c.cfg.MaxPause
	b.Multiplier = 2
	return b
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// maxRetryAfter prevents an overflow of Duration for a large Retry-After. Actual pauses are much shorter.
const maxRetryAfter = 365 * 24 * time.Hour

// retryAfter parses the header Retry-After, which has seconds or a date. ok is false if the header is missing or
// invalid. If the answer has a Date header, a date is compared with this header, because the clocks of client
// and server may differ.
func retryAfter(h http.Header, now time.Time) (_ time.Duration, ok bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if strings.Trim(text, "0123456789") == "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), maxRetryAfter), true
}

// neverSent reports whether the error occurred before the first byte of the request was sent.
func neverSent(err error) bool {
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	if dns := (*net.DNSError)(nil); errors.As(err, &dns) {
		return true
	}
	return badCertificate(err)
}

// badCertificate reports whether the server's certificate is invalid. A retry would not help.
func badCertificate(err error) bool {
	fault := (*tls.CertificateVerificationError)(nil)
	return errors.As(err, &fault)
}
