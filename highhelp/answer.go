package highhelp

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// noAnswer classifies an attempt that ended without a complete answer. The parameter begun is false if the request got
// no connection and was therefore not sent.
func (c *Client) noAnswer(ctx, within context.Context, r *request, limit time.Duration, begun bool, err error) reply {
	sent := begun && !neverSent(err)
	if ctx.Err() != nil {
		return reply{stopped: ctx.Err(), unknown: sent}
	}
	if within.Err() != nil {
		err = newDetail("call.no_whole_answer", nil, "no complete answer within %s", limit.Round(time.Millisecond).String())
	}
	return reply{
		err:     &Error{Kind: ErrUnreachable, cause: detachContext(err)},
		retry:   (r.readOnly || !sent) && !badCertificate(err),
		unknown: sent,
	}
}

// judgeAnswer classifies a complete answer, or a refusal with an incomplete body.
func (c *Client) judgeAnswer(r *request, res *http.Response, body []byte, sent http.Header) reply {
	wait, asked := retryAfter(res.Header, c.cfg.Now())
	v, cause := judgeAnswered(res.StatusCode, res.Header, body, r.asksPayin)
	out := reply{status: res.StatusCode, retry: v.retry}
	switch {
	case v.kind != nil:
		out.err = answerError(v.kind, cause, hideKeys(body, sent))
		if res.StatusCode >= 300 && res.StatusCode <= 399 {
			out.err.cause = newDetail("call.redirect", nil,
				"the server redirects to %s, and redirects are not followed: check the base URL",
				strconv.QuoteToGraphic(truncate(res.Header.Get("Location"))))
		}
	case len(body) > maxAnswer:
		out.retry = true
		out.err = &Error{Kind: ErrUnreachable, cause: newDetail("call.too_large", nil,
			"the answer is larger than %d bytes", int64(maxAnswer))}
	default:
		if err := r.parse(body); err != nil {
			out.err = answerError(ErrMalformed, err, hideKeys(body, sent))
			if fault := (*Error)(nil); errors.As(err, &fault) {
				out.err.Kind, out.err.cause = fault.Kind, fault.cause
			}
			out.retry = errors.Is(err, ErrUnreachable) // retry only if the body is not JSON
		}
	}
	if out.err == nil {
		return out
	}
	out.err.RetryAfter = wait
	// With 429, and with 503 and Retry-After, the gateway has rejected the request without processing it.
	unread := res.StatusCode == http.StatusTooManyRequests || (res.StatusCode == http.StatusServiceUnavailable && asked)
	out.unknown = !unread && (errors.Is(out.err, ErrUnreachable) || errors.Is(out.err, ErrMalformed))
	if !r.readOnly {
		out.retry = unread
	}
	return out
}

// hideKeys removes the token and the signature from a body, since an error page may quote our headers.
func hideKeys(body []byte, sent http.Header) []byte {
	for _, name := range []string{HeaderSignature, HeaderToken} {
		if value := sent.Get(name); len(value) >= 16 {
			body = bytes.ReplaceAll(body, []byte(value), []byte("["+name+"]"))
		}
	}
	return body
}
