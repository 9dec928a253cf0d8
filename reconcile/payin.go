package reconcile

import (
	"encoding/json"
	"time"

	"hhrecon/highhelp"
)

// Payin is the merchant's row of one incoming payment, as read when the run was opened.
type Payin struct {
	ProjectID     string
	PaymentID     string
	Amount        int64  // the amount in the merchant's row (M), in minor units
	Currency      string // ISO 4217
	Status        string // the merchant's own status
	SubStatus     string // empty if the row has none
	SettledAmount int64  // in minor units; 0 if the row has none
	Lifetime      int64  // in seconds; 0 if the row has none
	CreatedAt     time.Time
	UpdatedAt     time.Time // zero if the row has none
	Facts         Facts
}

// Facts are details about a row that the selection found, in addition to the row's columns. The facts are stored as
// JSON with the finding.
type Facts struct {
	HeldSuccess bool   `json:"held_success,omitempty"` // the row still has the values of a held success
	Fault       string `json:"fault,omitempty"`        // code of the reason why the row is invalid
	Rows        int64  `json:"rows,omitempty"`         // the number of rows with this payment_id, if more than one
	Decided     string `json:"decided,omitempty"`      // the answer that a person decided about; empty if the row changed
}

// Scan reads facts from a database column.
func (f *Facts) Scan(column any) error {
	*f = Facts{}
	return scanJSON(column, f)
}

// scanJSON reads a database column with JSON. Null and empty text leave the value unchanged.
func scanJSON(column, into any) error {
	text, _ := column.(string)
	if bytes, ok := column.([]byte); ok {
		text = string(bytes)
	}
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

// String returns the stored form. The form is empty if there are no facts.
func (f Facts) String() string {
	if f == (Facts{}) {
		return ""
	}
	text, _ := json.Marshal(f) // values of these types can always be marshalled
	return string(text)
}

// decidedOn reports whether the row is open and a person has already decided about the same answer.
func (p *Payin) decidedOn(theirs *highhelp.PayinInfo) bool {
	if p.Facts.Decided == "" {
		return false
	}
	f := Finding{Payin: *p, ProviderStatus: theirs.Status, ProviderSubStatus: theirs.SubStatus}
	if info := theirs.PaymentInfo; info != nil {
		f.PaidAmount, f.OldAmount, f.InitialAmount = info.Amount, info.OldAmount, info.InitialAmount
	}
	return p.Facts.Decided == f.AnswerText()
}

// defaultLifetime is HighHelp's default lifetime, in seconds.
const defaultLifetime = 600

// expiry returns the end of the payin's lifetime, which is HighHelp's expiration_date if that is plausible. Otherwise
// the lifetime from the merchant's row, from HighHelp or the default applies, in this order. info may be nil. now is
// the run's start time.
func (p *Payin) expiry(info *highhelp.PaymentInfo, now time.Time) time.Time {
	lifetime := p.Lifetime
	if info != nil {
		if soundExpiry(info.ExpirationDate, now) {
			return time.Unix(info.ExpirationDate, 0).UTC()
		}
		if !soundLifetime(lifetime) {
			lifetime = info.Lifetime
		}
	}
	if !soundLifetime(lifetime) {
		lifetime = defaultLifetime
	}
	return p.CreatedAt.Add(time.Duration(lifetime) * time.Second)
}

var firstExpiry = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// soundExpiry reports whether HighHelp's expiration_date is plausible. A date that is missing, in milliseconds or far
// from now is not plausible.
func soundExpiry(date int64, now time.Time) bool {
	return date >= firstExpiry && date <= now.AddDate(1, 0, 0).Unix()
}

func soundLifetime(seconds int64) bool { return seconds >= 1 && seconds <= 86_400 }
