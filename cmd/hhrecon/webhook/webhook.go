// Package webhook calls the addresses at which a merchant watches hhrecon: Sender.Call sends a heartbeat, or an Event
// as JSON.
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

// The events that the webhook receives.
const (
	Held    = "run_held"          // a run wrote nothing: a person must release or discard it
	Partial = "run_partial"       // a run ended without an answer about every payin
	Failed  = "run_failed"        // a run broke off, or could not begin
	Due     = "due_failed"        // a due time of a job was not carried out
	GivenUp = "delivery_given_up" // a report will not reach its recipient

	LogBroken = "audit_log_broken" // verify found a break
)

// Event is what the webhook is sent, as JSON. Users build on these names: members may be added, none is changed or
// dropped. It holds no payin and no mail address.
type Event struct {
	Schema      int        `json:"schema"` // 1
	Event       string     `json:"event"`
	At          time.Time  `json:"at"`
	Project     string     `json:"project,omitempty"`
	ProjectName string     `json:"project_name,omitempty"`
	Run         int64      `json:"run,omitempty"`
	Trigger     string     `json:"trigger,omitempty"`  // command, schedule, page or alert
	Headline    string     `json:"headline,omitempty"` // HELD, PARTIAL, OPEN
	Counts      *Counts    `json:"counts,omitempty"`
	Job         string     `json:"job,omitempty"` // of schedules.yaml, with its due time
	Due         *time.Time `json:"due,omitempty"`
	Delivery    int64      `json:"delivery,omitempty"`
	Note        string     `json:"note,omitempty"`       // for people
	AuditHead   string     `json:"audit_head,omitempty"` // N:HASH of the project's audit log, for verify --head
	Link        string     `json:"link,omitempty"`       // to the page, where HHRECON_PAGE_URL is set
}

// Counts are a run's payins.
type Counts struct {
	Selected   int64 `json:"selected"`
	Judged     int64 `json:"judged"`
	Answered   int64 `json:"answered"`
	Settled    int64 `json:"settled"`
	Changes    int64 `json:"changes"` // corrections that the findings call for
	Harmful    int64 `json:"harmful"` // of these, into decline, error or dispute
	Unresolved int64 `json:"unresolved"`
}

// How a call is made. Together they bound how long the end of a run waits for it. Tests are less patient.
var (
	RetryDelays = []time.Duration{time.Second, 3 * time.Second} // between tries
	timeout     = 5 * time.Second                               // of one try
)

// Sender calls addresses.
type Sender struct {
	UserAgent string
	Secret    string // signs bodies; "" signs nothing
}

// The headers of a signed request: Unix seconds, and Sign of them and the body.
const (
	TimestampHeader = "X-Hhrecon-Timestamp"
	SignatureHeader = "X-Hhrecon-Signature"
)

// Sign is "sha256=" and the HMAC-SHA256 of the timestamp, a full stop and the body, in hexadecimal.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.%s", timestamp, body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Call sends a request, a few times if need be, also if the context has ended: a run that was stopped is reported all
// the same. Its error does not show the address, which often is a secret.
func (s Sender) Call(ctx context.Context, method, address string, body []byte) error {
	ctx = context.WithoutCancel(ctx)
	client := &http.Client{Timeout: timeout}
	if body != nil { // it goes to the address that was set and to no other
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

// callOnce takes 2xx for success.
func (s Sender) callOnce(ctx context.Context, client *http.Client, method, address string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address is no URL")
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
		return errors.Unwrap(err) // a *url.Error shows the address
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("answered %s", answer.Status)
	}
	return nil
}

// ClipNote keeps a note short enough for a message.
func ClipNote(text string) string {
	if runes := []rune(text); len(runes) > 1000 {
		return string(runes[:999]) + "…"
	}
	return text
}
