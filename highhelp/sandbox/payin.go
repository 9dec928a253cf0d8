package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Payin is one payin of the sandbox. Amounts are in minor units. Put accepts unusual values, so tests can produce
// unusual answers. Put rejects a payin only if the payin cannot be identified or has invalid steps.
type Payin struct {
	ProjectID string `json:"project_id"`
	PaymentID string `json:"payment_id"`
	RequestID string `json:"request_id,omitempty"` // default: a UUID derived from project_id and payment_id

	Amount        int64  `json:"amount"`
	OldAmount     int64  `json:"old_amount,omitempty"`     // default: InitialAmount
	InitialAmount int64  `json:"initial_amount,omitempty"` // default: OldAmount, or else Amount
	Currency      string `json:"currency,omitempty"`       // default KGS

	Status            string `json:"status,omitempty"` // default: processing with sub-status new
	SubStatus         string `json:"sub_status,omitempty"`
	StatusDescription string `json:"status_description,omitempty"`

	Lifetime       int64     `json:"lifetime,omitempty"`       // seconds, default 600
	CreatedAt      time.Time `json:"created_at,omitzero"`      // default: the time of Put
	ExpirationDate time.Time `json:"expiration_date,omitzero"` // default: CreatedAt + Lifetime
	Method         string    `json:"method,omitempty"`         // null if empty
	WidgetMethod   string    `json:"widget_method,omitempty"`  // null if empty
	Type           string    `json:"type,omitempty"`           // default payin

	Callbacks Callbacks `json:"callbacks,omitzero"`
	Steps     []Step    `json:"steps,omitempty"` // later states, ordered by time
	Quirk     string    `json:"quirk,omitempty"` // comma-separated names from Quirks, which change the info answer
}

// Callbacks are the URLs that a create request sets. An alert of a success goes to Success, and an alert of a decline
// goes to Decline. Any other alert goes to URL. An empty Success or Decline is replaced by URL.
type Callbacks struct {
	URL      string `json:"url,omitempty"`
	Success  string `json:"success,omitempty"`
	Decline  string `json:"decline,omitempty"`
	Redirect string `json:"redirect,omitempty"` // URL of the page that the customer visits next; a member of integration
}

// A Step is a state that a payin enters when the duration After has passed since CreatedAt. Amounts are in minor units.
// An amount of zero leaves the payin's amount unchanged.
type Step struct {
	After     time.Duration `json:"after"`
	Status    string        `json:"status"`
	SubStatus string        `json:"sub_status,omitempty"`
	Amount    int64         `json:"amount,omitempty"`
	OldAmount int64         `json:"old_amount,omitempty"`
}

// complete sets the defaults and validates the payin.
func (p Payin) complete(now time.Time) (Payin, error) {
	if p.ProjectID == "" || p.PaymentID == "" {
		return p, errors.New("payin: project_id and payment_id are required")
	}
	p.OldAmount = cmp.Or(p.OldAmount, p.InitialAmount, p.Amount)
	p.InitialAmount = cmp.Or(p.InitialAmount, p.OldAmount)
	p.Currency = cmp.Or(p.Currency, "KGS")
	if p.Status == "" {
		p.Status, p.SubStatus = "processing", cmp.Or(p.SubStatus, "new")
	}
	p.Lifetime = cmp.Or(p.Lifetime, defaultLifetime)
	p.Type = cmp.Or(p.Type, "payin")
	if p.CreatedAt.IsZero() {
		p.CreatedAt = now
	}
	if p.ExpirationDate.IsZero() {
		p.ExpirationDate = p.CreatedAt.Add(time.Duration(p.Lifetime) * time.Second)
	}
	p.Steps = slices.Clone(p.Steps)
	for i, step := range p.Steps {
		if step.Status == "" {
			return p, fmt.Errorf("payin %q: step %d has no status", p.PaymentID, i+1)
		}
		if i > 0 && step.After < p.Steps[i-1].After {
			return p, fmt.Errorf("payin %q: step %d is earlier than the step before it", p.PaymentID, i+1)
		}
	}
	if _, err := quirksOf(p.Quirk); err != nil {
		return p, fmt.Errorf("payin %q: %w", p.PaymentID, err)
	}
	return p, nil
}

// at returns the payin's state at a time, and the time at which this state began.
func (p Payin) at(now time.Time) (Payin, time.Time) {
	since := p.CreatedAt
	for _, step := range p.Steps {
		due := p.CreatedAt.Add(step.After)
		if due.After(now) {
			break
		}
		since = due
		p.Status, p.SubStatus = step.Status, step.SubStatus
		if step.Amount != 0 {
			p.Amount = step.Amount
		}
		if step.OldAmount != 0 {
			p.OldAmount = step.OldAmount
		}
	}
	if p.RequestID == "" { // not stored, because a million IDs would take 50 MB
		p.RequestID = p.derivedID()
	}
	return p, since
}

func (p Payin) digest() [sha256.Size]byte {
	return sha256.Sum256([]byte(p.ProjectID + "\x00" + p.PaymentID))
}

// derivedID returns a UUID of version 4 that depends only on the IDs of the project and the payin.
func (p Payin) derivedID() string {
	sum := p.digest()
	sum[6] = sum[6]&0x0f | 0x40
	sum[8] = sum[8]&0x3f | 0x80
	id := hex.EncodeToString(sum[:16])
	return strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:]}, "-")
}

// formURL returns the URL of the page for the customer, in HighHelp's form.
func (p Payin) formURL() string {
	sum := p.digest()
	return "https://ppage.hh-processing.com/widget/" + hex.EncodeToString(sum[12:])
}

// Put adds a payin, or replaces the payin with the same ID. Run sends alerts for its future Steps. Put returns an
// error if the project is unknown or the payin is invalid.
func (s *Sandbox) Put(p Payin) error { return s.PutAll([]Payin{p}) }

// PutAll adds or replaces all payins. If one payin is invalid, PutAll changes nothing.
func (s *Sandbox) PutAll(payins []Payin) error {
	prepared := make([]Payin, len(payins))
	for i, p := range payins {
		var err error
		if prepared[i], err = s.prepare(p); err != nil {
			return err
		}
	}
	for i := range prepared {
		s.store.put(&prepared[i])
		s.schedule(&prepared[i], s.now())
	}
	return nil
}

func (s *Sandbox) prepare(p Payin) (Payin, error) {
	if s.projects[p.ProjectID] == nil {
		return p, fmt.Errorf("payin %q: unknown project %q", p.PaymentID, p.ProjectID)
	}
	return p.complete(s.now())
}

// Payin returns a payin's current state. ok is false if the payin is unknown.
func (s *Sandbox) Payin(projectID, paymentID string) (_ Payin, ok bool) {
	p := s.store.payin(key{projectID, paymentID})
	if p == nil {
		return Payin{}, false
	}
	now, _ := p.at(s.now())
	return now, true
}
