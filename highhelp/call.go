package highhelp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// maxAnswer is the maximum number of bytes that are read of one answer. Documented answers are smaller than 2 KiB. A
// caller may keep thousands of answers in memory.
const maxAnswer = 64 << 10

// request has the data that all attempts of one call share.
type request struct {
	name      string // name of the call in messages, such as "payin info"
	path      string
	paymentID string
	body      []byte
	readOnly  bool // repeating the call changes nothing at HighHelp
	asksPayin bool // the call reads one payin, so an answer "not found" is about that payin
	parse     func(body []byte) error
}

func (r *request) String() string {
	if r.paymentID == "" {
		return r.name
	}
	return fmt.Sprintf("%s %q", r.name, r.paymentID)
}

// reply is the result of one attempt. If err and stopped are nil, the answer was read successfully.
type reply struct {
	status  int
	err     *Error
	stopped error // the error of the caller's context, if the context ended
	retry   bool
	unknown bool          // HighHelp may have processed the request
	took    time.Duration // time from acquiring the slot to the end of the body
	hadSlot bool          // the attempt got a slot, and the rate limit allowed the request
}

// ask makes a call and reads its answer with parse.
func ask[T any](ctx context.Context, c *Client, r *request, parse func([]byte) (*T, error)) (answer *T, err error) {
	r.parse = func(body []byte) (err error) { answer, err = parse(body); return err }
	err = c.call(ctx, r)
	return answer, err
}

// call retries until HighHelp answers or refuses the request, or CallTimeout ends. CallTimeout limits the time of
// attempts and pauses. CallTimeout does not include waits for a slot or for the rate, because these waits do not mean
// that the gateway is down.
func (c *Client) call(ctx context.Context, r *request) error {
	began, tries, spent := time.Now(), 0, time.Duration(0)
	text, err := c.cfg.Signing.Variant.text(r.body)
	if err != nil {
		return fmt.Errorf("%s: %w", r, err)
	}
	var last reply
	for pauses := c.pauses(); ; {
		last = c.try(ctx, r, text, c.cfg.CallTimeout-spent)
		c.observe(r, last)
		tries++
		spent += last.took
		if last.err == nil || !last.retry {
			break
		}
		// Wait for Retry-After, but no longer than MaxPause. Otherwise a Retry-After of a day would stop the run.
		pause := min(max(pauses.NextBackOff(), last.err.RetryAfter), c.cfg.MaxPause)
		if spent+pause >= c.cfg.CallTimeout {
			last.err.note = newDetail("call.no_further_try", nil,
				"the next attempt, in %s, would exceed the call's time limit of %s",
				pause.Round(time.Millisecond).String(), c.cfg.CallTimeout.String())
			break
		}
		c.cfg.Logger.LogAttrs(ctx, slog.LevelDebug, "highhelp retry", slog.String("call", r.name),
			slog.String("payment_id", r.paymentID), slog.Int("try", tries), slog.Int("status", last.status),
			slog.Duration("pause", pause), slog.String("error", last.err.Error()))
		if err := sleep(ctx, pause); err != nil {
			last = reply{stopped: err, unknown: last.unknown}
			break
		}
		spent += pause
	}
	err = r.outcome(last, tries)
	c.logCall(ctx, r, last, tries, time.Since(began), err)
	return err
}

// outcome returns the call's error, derived from its last attempt.
func (r *request) outcome(last reply, tries int) error {
	unknown := last.unknown && !r.readOnly
	switch {
	case last.err != nil:
		last.err.Call, last.err.Tries, last.err.StatusCode, last.err.unknown = r.String(), tries, last.status, unknown
		return last.err
	case last.stopped != nil && unknown:
		return fmt.Errorf("%s: %w: %w", r, last.stopped, ErrStateUnknown)
	case last.stopped != nil:
		return fmt.Errorf("%s: %w", r, last.stopped)
	}
	return nil
}

// try makes one attempt. try signs the request with the current time, waits for a slot, sends the request
// and classifies the answer.
func (c *Client) try(ctx context.Context, r *request, text string, left time.Duration) reply {
	header, err := c.acquireSlot(ctx, text)
	if fault := (*Error)(nil); errors.As(err, &fault) {
		return reply{err: fault}
	}
	if err != nil {
		return reply{stopped: err}
	}
	began, limit := time.Now(), min(c.cfg.AttemptTimeout, left)
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	res, body, begun, err := c.exchange(within, r, header) //nolint:bodyclose // exchange closes the body
	took := time.Since(began)

	var out reply
	switch {
	case res == nil:
		out = c.noAnswer(ctx, within, r, limit, begun, err)
	case err != nil && classifyStatus(res.StatusCode).kind == nil:
		err = detachContext(err)
		out = c.noAnswer(ctx, within, r, limit, begun, newDetail("call.cut", err,
			"the answer was cut off after %d bytes: %s", int64(len(body)), err.Error()))
		out.status = res.StatusCode
	default:
		out = c.judgeAnswer(r, res, body, header)
	}
	if res != nil {
		c.rateLimit.observeStatus(began, out.status)
	}
	out.took, out.hadSlot = took, true
	return out
}

// exchange sends a request, reads the complete answer and releases the slot. A connection can only be reused after the
// complete answer. begun is false if the request had no connection and was therefore not sent.
func (c *Client) exchange(
	ctx context.Context, r *request, header http.Header,
) (_ *http.Response, body []byte, begun bool, err error) {
	defer c.releaseSlot()
	ctx, connected := c.traceConnection(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.BaseURL+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, nil, false, err
	}
	req.Header = header
	res, err := c.http.Do(req)
	if err != nil {
		return nil, nil, connected.Load(), err
	}
	defer func() { _ = res.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	return res, body, true, err
}

func (c *Client) logCall(ctx context.Context, r *request, last reply, tries int, took time.Duration, err error) {
	if !c.cfg.Logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", http.MethodPost), slog.String("path", r.path), slog.String("payment_id", r.paymentID),
		slog.Int("tries", tries), slog.Int("status", last.status), slog.Duration("took", took),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	c.cfg.Logger.LogAttrs(ctx, slog.LevelDebug, "highhelp call", attrs...)
}
