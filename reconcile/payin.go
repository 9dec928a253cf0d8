package reconcile

import (
	"encoding/json"
	"time"

	"hhrecon/highhelp"
)

// Payin is the merchant's own row of one incoming payment, as it was read when the run was opened.
type Payin struct {
	ProjectID     string
	PaymentID     string
	Amount        int64  // M, in minor units
	Currency      string // ISO 4217
	Status        string // the merchant's word
	SubStatus     string // empty where the row has none
	SettledAmount int64  // minor units; 0 where the row has none
	Lifetime      int64  // seconds; 0 where the row has none
	CreatedAt     time.Time
	UpdatedAt     time.Time // zero where the row has none
	Facts         Facts
}

// Facts are what the selection found about a row that its columns do not tell. They are kept in the finding as JSON.
type Facts struct {
	HeldSuccess bool   `json:"held_success,omitempty"` // the row stands as a hold of hhrecon wrote it
	Fault       string `json:"fault,omitempty"`        // why the row is faulty: the code of a reason
	Rows        int64  `json:"rows,omitempty"`         // how many rows have this payment_id, if several
	Decided     string `json:"decided,omitempty"`      // the answer on which a person decided; the row is as that left it
}

// Scan reads facts from a column.
func (f *Facts) Scan(column any) error {
	*f = Facts{}
	return scanJSON(column, f)
}

// scanJSON reads a column of JSON; null and an empty text are nothing.
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

// String is the facts as a column has them; "" for none.
func (f Facts) String() string {
	if f == (Facts{}) {
		return ""
	}
	text, _ := json.Marshal(f) // a bool, a string and a number always can be
	return string(text)
}

// decidedOn tells whether a person has decided about the open row on this very answer.
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

// defaultLifetime is what HighHelp takes where a request names none.
const defaultLifetime = 600

// expiry is the end of the payin's lifetime: HighHelp's expiration_date if it is sound, else by the lifetime of the
// merchant's row, HighHelp's, or the default one. info may be nil; now is the run's moment.
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

// soundExpiry tells whether HighHelp's expiration_date can be one: missing, in milliseconds or absurd it cannot.
func soundExpiry(date int64, now time.Time) bool {
	return date >= firstExpiry && date <= now.AddDate(1, 0, 0).Unix()
}

func soundLifetime(seconds int64) bool { return seconds >= 1 && seconds <= 86_400 }
