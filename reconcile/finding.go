package reconcile

import (
	"fmt"
	"strconv"
	"time"

	"hhrecon/highhelp"
)

// Correction is the state of the change that a finding requires.
type Correction string

// The states of a correction.
const (
	CorrectionNone       Correction = "none"       // nothing to change
	CorrectionApplied    Correction = "applied"    // written into the merchant's row
	CorrectionSuperseded Correction = "superseded" // not written, because the row changed after it was read
	CorrectionDryRun     Correction = "dry_run"    // not written, because the run is a dry run
	CorrectionHeld       Correction = "held"       // not written, because its class of corrections is held
	CorrectionRefused    Correction = "refused"    // not written, because the table rejected it; see the reason
	CorrectionLocked     Correction = "locked"     // not written, because the row stayed locked by another transaction
)

// Failed reports whether a correction should have been written but was not written.
func (c Correction) Failed() bool {
	return c == CorrectionSuperseded || c == CorrectionRefused || c == CorrectionLocked
}

// Finding is the outcome of one payin in one run, with its evidence. A stored finding never changes.
type Finding struct {
	RunID int64
	Seq   int64 // the payin's position in the run's selection, from 1
	Payin       // the merchant's row, as read

	// HighHelp's answer. All fields except RequestID are zero if there is no trusted answer.
	InitialAmount     int64 // HighHelp's initial amount (I), in minor units
	OldAmount         int64 // HighHelp's old amount (O), in minor units
	PaidAmount        int64 // the amount that the customer paid (A), in minor units
	ProviderStatus    string
	ProviderSubStatus string
	RequestID         string
	ExpiresAt         time.Time // from HighHelp's expiration_date or lifetime; zero if neither is usable

	Verdict
	Classes    Class      // the classes of costly corrections that the finding belongs to; not read from the database
	Correction Correction // empty until the finding is stored
	Answer     string     // HighHelp's answer, as received
	Result     Result
	Reason     Reason
	CheckedAt  time.Time

	// DecidedAt is the time of a person's decision about the payin, if the decision is still valid: see Decided.
	// DecidedAt is set only for findings that can await a decision. If the decision changed the row, the time is far in
	// the future.
	DecidedAt time.Time
}

// Answered reports whether HighHelp answered, even if the answer is not trusted.
func (f *Finding) Answered() bool { return f.Result != ResultUnreachable && f.Result != ResultNotAsked }

// Compared reports whether the merchant's amount was compared with HighHelp's three amounts.
func (f *Finding) Compared() bool {
	return f.PaidAmount != 0 && comparesAmounts(f.ProviderStatus)
}

// NewSubStatus reports whether HighHelp's table of statuses does not document the sub-status.
func (f *Finding) NewSubStatus() bool {
	return f.ProviderStatus != "" && f.ProviderSubStatus != "" &&
		!highhelp.KnownSubStatus(f.ProviderStatus, f.ProviderSubStatus)
}

// SameAnswer reports whether two findings have the same answer. Answers are the same if status, sub-status, currency
// and HighHelp's three amounts are equal. An untrusted answer equals no other answer.
func (f *Finding) SameAnswer(other *Finding) bool {
	return f.ProviderStatus != "" && f.ProviderStatus == other.ProviderStatus &&
		f.ProviderSubStatus == other.ProviderSubStatus && f.PaidAmount == other.PaidAmount &&
		f.OldAmount == other.OldAmount && f.InitialAmount == other.InitialAmount && f.Currency == other.Currency
}

// AnswerText returns the values that SameAnswer compares, as text.
func (f *Finding) AnswerText() string {
	return fmt.Sprintf("%q %q %d %d %d %s", f.ProviderStatus, f.ProviderSubStatus,
		f.PaidAmount, f.OldAmount, f.InitialAmount, f.Currency)
}

// Expiry returns the end of the payin's lifetime, from HighHelp's answer if possible, and otherwise from the
// merchant's row.
func (f *Finding) Expiry() time.Time {
	if !f.ExpiresAt.IsZero() {
		return f.ExpiresAt
	}
	return f.expiry(nil, time.Time{})
}

// Steps returns the three steps from the merchant's amount to the amount that the customer paid, in minor units. The
// steps pass through the initial amount and the old amount. All three steps are zero if the amounts were not compared.
func (f *Finding) Steps() (record, reprice, appeal int64) {
	if !f.Compared() {
		return 0, 0, 0
	}
	return f.InitialAmount - f.Amount, f.OldAmount - f.InitialAmount, f.PaidAmount - f.OldAmount
}

// NewFinding judges a payin and returns the verdict with the answer that led to the verdict.
func NewFinding(p Payin, seq int64, a *Answer, r *Rules) Finding {
	p.Facts.HeldSuccess = p.Facts.Fault == "" && !r.isFinal(p.Status) && r.isHeldSuccess(&p)
	f := Finding{Seq: seq, Payin: p, Verdict: Judge(&p, a, r), Answer: a.Body, Result: a.Result, CheckedAt: a.At}
	f.Classes = classesOf(&f.Payin, &f.Verdict, r)
	var odd Reason
	if a.Info != nil {
		f.RequestID = escaped(a.Info.RequestID) // support asks for this ID, even if the answer is not trusted
	}
	if a.Info != nil && f.Outcome.Trusted() {
		f.ProviderStatus, f.ProviderSubStatus = a.Info.Status, a.Info.SubStatus
		if info := a.Info.PaymentInfo; info != nil {
			f.InitialAmount, f.OldAmount, f.PaidAmount = info.InitialAmount, info.OldAmount, info.Amount
			sound := soundExpiry(info.ExpirationDate, r.Now)
			if sound || !soundLifetime(p.Lifetime) && soundLifetime(info.Lifetime) {
				f.ExpiresAt = p.expiry(info, r.Now)
			}
			if !sound && info.ExpirationDate != 0 {
				odd = Because("payin.odd_expiry", strconv.FormatInt(info.ExpirationDate, 10))
			}
		}
	}
	detail := a.Problem
	if f.Doubt != 0 {
		detail = doubtReason(&f, a)
	}
	f.Reason = f.reason(detail, r.Now.Sub(f.Expiry()))
	if !odd.IsZero() {
		f.Reason = f.Reason.With(odd)
	}
	if f.Facts.Decided != "" && f.Facts.Decided == f.AnswerText() {
		f.Reason = f.Reason.With(Because("payin.decided"))
	}
	return f
}
