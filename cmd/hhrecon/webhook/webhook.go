// Package webhook calls the merchant's monitoring. Sender.Call sends a heartbeat, or an Event as JSON.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Names of events. Users' scripts depend on these names.
const (
	Held    = "run_held"          // a run holds corrections, which a person must release or discard
	Partial = "run_partial"       // a run ended without an answer about some payins
	Failed  = "run_failed"        // a run was interrupted, or could not start
	Due     = "due_failed"        // a job failed at a scheduled time
	GivenUp = "delivery_given_up" // a report will not be delivered to a recipient

	LogBroken = "audit_log_broken" // the audit log is broken
)

// Event is the JSON body of a webhook call. Users' scripts depend on the names. Members may be added, but never
// renamed or removed. An event contains no payin and no mail address.
type Event struct {
	Schema      int        `json:"schema"` // 1
	Event       string     `json:"event"`
	At          time.Time  `json:"at"`
	Project     string     `json:"project,omitempty"`
	ProjectName string     `json:"project_name,omitempty"`
	Run         int64      `json:"run,omitempty"`
	Trigger     string     `json:"trigger,omitempty"`  // command, schedule, page or alert
	Headline    string     `json:"headline,omitempty"` // HELD, PARTIAL or OPEN
	Counts      *Counts    `json:"counts,omitempty"`
	Job         string     `json:"job,omitempty"` // name in schedules.yaml; Due is the scheduled time of the job
	Due         *time.Time `json:"due,omitempty"`
	Delivery    int64      `json:"delivery,omitempty"`
	Note        string     `json:"note,omitempty"`       // user-facing text
	AuditHead   string     `json:"audit_head,omitempty"` // N:HASH of the project's audit log, for verify --head
	Link        string     `json:"link,omitempty"`       // URL of the page about the run, if HHRECON_PAGE_URL is set
}

// Counts are the numbers of a run's payins.
type Counts struct {
	Selected   int64 `json:"selected"`
	Judged     int64 `json:"judged"`
	Answered   int64 `json:"answered"`
	Settled    int64 `json:"settled"`
	Changes    int64 `json:"changes"` // number of corrections that the findings require
	Harmful    int64 `json:"harmful"` // number of changes to decline, error or dispute
	Unresolved int64 `json:"unresolved"`
}

// These are time limits of a call. A run ends only after the call has ended. Tests change the limits.
var (
	RetryDelays = []time.Duration{time.Second, 3 * time.Second} // pauses between attempts
	timeout     = 5 * time.Second                               // time limit of one attempt
)

// Sender calls the addresses of the webhook and of the heartbeat.
type Sender struct {
	UserAgent string
	Secret    string // signs bodies; "" means that bodies are not signed
}

// These headers belong to a signed request. The first contains the time in Unix seconds. The second contains the result
// of Sign for this time and the body.
const (
	TimestampHeader = "X-Hhrecon-Timestamp"
	SignatureHeader = "X-Hhrecon-Signature"
)

// Sign returns "sha256=" and the HMAC-SHA256 of the timestamp, a full stop and the body, in hexadecimal.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.%s", timestamp, body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Call sends a request and retries a few times. Call sends the request even if the context has ended, because
// interrupted runs are also reported. The returned error does not contain the address, which is often secret.
func (s Sender) Call(ctx context.Context, method, address string, body []byte) error {
	ctx = context.WithoutCancel(ctx)
	client := &http.Client{Timeout: timeout}
	if body != nil { // a body must not be sent to the target of a redirect
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	defer client.CloseIdleConnections()
	for try := 0; ; try++ {
		err := s.callOnce(ctx, client, method, address, body)
		if err == nil || try == len(RetryDelays) {
			return err
		}
		time.Sleep(RetryDelays[try])
	}
}

// callOnce makes one attempt. A status of 2xx means success.
func (s Sender) callOnce(ctx context.Context, client *http.Client, method, address string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address is not a URL")
	}
	r.Header.Set("User-Agent", s.UserAgent)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if body != nil && s.Secret != "" {
		now := strconv.FormatInt(time.Now().Unix(), 10)
		r.Header.Set(TimestampHeader, now)
		r.Header.Set(SignatureHeader, Sign(s.Secret, now, body))
	}
	answer, err := client.Do(r)
	if err != nil {
		return errors.Unwrap(err) // a *url.Error would contain the address
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("answered %s", answer.Status)
	}
	return nil
}

// ClipNote shortens a note to 1000 characters.
func ClipNote(text string) string {
	if runes := []rune(text); len(runes) > 1000 {
		return string(runes[:999]) + "…"
	}
	return text
}
