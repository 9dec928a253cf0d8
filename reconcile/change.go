package reconcile

// Change is what a correction says of a payin, beside what its readers were told before.
type Change struct {
	ProjectID string
	PaymentID string
	Was, Is   Reported // Was.RunID is 0 where they were told nothing
}

// Reported is what a report told of a payin. All amounts are minor units of Currency.
type Reported struct {
	RunID         int64
	Currency      string
	Amount        int64 // M
	Outcome       Outcome
	PaidAmount    int64 // A; 0 where there was none
	SettledAmount int64 // of the row as the run leaves it; 0 where there is none
}
