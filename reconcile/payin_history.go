package reconcile

import "time"

// PayinHistory is how a payin got to its last word within a period: what its runs said of it, one after another. All
// amounts are minor units.
type PayinHistory struct {
	ProjectID string
	PaymentID string
	Currency  string
	Amount    int64          // M, as the last run read it
	Runs      int64          // that asked about it within the period
	Entries   []HistoryEntry // at least two, the oldest first; no two neighbours say the same
	Applied   int64          // corrections that were written, those of a released run among them
	Actions   []Action
}

// HistoryEntry is a word that one run or several on end had on a payin.
type HistoryEntry struct {
	RunID      int64 // the first of them
	StartedAt  time.Time
	Outcome    Outcome
	PaidAmount int64 // A; 0 where there was none
}

// Last is the payin's last word within the period.
func (j *PayinHistory) Last() *HistoryEntry { return &j.Entries[len(j.Entries)-1] }
