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

// A Payin is one application at the stand-in. Put takes it as it is, however odd, since odd answers are what
// a stand-in is for; only what would make it unfindable or meaningless is refused. Amounts are minor units.
type Payin struct {
	ProjectID string `json:"project_id"`
	PaymentID string `json:"payment_id"`
	RequestID string `json:"request_id,omitempty"` // default: a UUID made from project and payment

	Amount        int64  `json:"amount"`
	OldAmount     int64  `json:"old_amount,omitempty"`     // default: InitialAmount
	InitialAmount int64  `json:"initial_amount,omitempty"` // default: OldAmount, or else Amount
	Currency      string `json:"currency,omitempty"`       // default KGS

	Status            string `json:"status,omitempty"` // default processing, with sub-status new
	SubStatus         string `json:"sub_status,omitempty"`
	StatusDescription string `json:"status_description,omitempty"`

	Lifetime       int64     `json:"lifetime,omitempty"`       // seconds, default 600
	CreatedAt      time.Time `json:"created_at,omitzero"`      // default: the moment of Put
	ExpirationDate time.Time `json:"expiration_date,omitzero"` // default: CreatedAt + Lifetime
	Method         string    `json:"method,omitempty"`         // null where empty
	WidgetMethod   string    `json:"widget_method,omitempty"`  // null where empty
	Type           string    `json:"type,omitempty"`           // default payin

	Callbacks Callbacks `json:"callbacks,omitzero"`
	Steps     []Step    `json:"steps,omitempty"` // later states, oldest first
	Quirk     string    `json:"quirk,omitempty"` // odd shapes of the info answer, by name, joined with commas: see Quirks
}

// Callbacks are the URLs that creation named. Alerts go to Success and Decline where they are given.
type Callbacks struct {
	URL      string `json:"url,omitempty"`
	Success  string `json:"success,omitempty"`
	Decline  string `json:"decline,omitempty"`
	Redirect string `json:"redirect,omitempty"` // where the customer is sent, shown in integration
}

// A Step is a state that a payin takes once After has gone by since its CreatedAt.
// An amount of zero leaves the amount as it was.
type Step struct {
	After     time.Duration `json:"after"`
	Status    string        `json:"status"`
	SubStatus string        `json:"sub_status,omitempty"`
	Amount    int64         `json:"amount,omitempty"`
	OldAmount int64         `json:"old_amount,omitempty"`
}

// complete fills in the defaults and says what makes a payin unusable.
func (p Payin) complete(now time.Time) (Payin, error) {
	if p.ProjectID == "" || p.PaymentID == "" {
		return p, errors.New("payin: project_id and payment_id must be given")
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
			return p, fmt.Errorf("payin %q: step %d comes before the one it follows", p.PaymentID, i+1)
		}
	}
	if _, err := quirksOf(p.Quirk); err != nil {
		return p, fmt.Errorf("payin %q: %w", p.PaymentID, err)
	}
	return p, nil
}

// at gives the payin as it is at a moment, and since when.
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
	if p.RequestID == "" { // derived and not stored: a million of them would be 50 MB
		p.RequestID = p.derivedID()
	}
	return p, since
}

func (p Payin) digest() [sha256.Size]byte {
	return sha256.Sum256([]byte(p.ProjectID + "\x00" + p.PaymentID))
}

// derivedID is a version 4 UUID in form, and the same for the same payin in every process.
func (p Payin) derivedID() string {
	sum := p.digest()
	sum[6] = sum[6]&0x0f | 0x40
	sum[8] = sum[8]&0x3f | 0x80
	id := hex.EncodeToString(sum[:16])
	return strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:]}, "-")
}

// formURL is the customer's page, in the shape that HighHelp's have.
func (p Payin) formURL() string {
	sum := p.digest()
	return "https://ppage.hh-processing.com/widget/" + hex.EncodeToString(sum[12:])
}
