package reconcile

import "time"

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
	UpdatedAt     time.Time
}

// defaultLifetime is what HighHelp takes where a request names none.
const defaultLifetime = 600 * time.Second

// expiry is the end of the payin's lifetime as the merchant's own row tells it; it serves where
// HighHelp's answer has no expiration_date.
func (p *Payin) expiry() time.Time {
	if p.Lifetime <= 0 {
		return p.CreatedAt.Add(defaultLifetime)
	}
	return p.CreatedAt.Add(time.Duration(p.Lifetime) * time.Second)
}
