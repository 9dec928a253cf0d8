package reconcile

import (
	"fmt"
	"strconv"
	"time"

	"hhrecon/highhelp"
)

// Correction says what became of the change that a finding calls for.
type Correction string

// The corrections.
const (
	CorrectionNone       Correction = "none"       // nothing to change
	CorrectionApplied    Correction = "applied"    // written into the merchant's row
	CorrectionSuperseded Correction = "superseded" // the row had changed since it was read, and was left alone
	CorrectionDryRun     Correction = "dry_run"    // would have been written
	CorrectionHeld       Correction = "held"       // not written, because a class of corrections was held
	CorrectionRefused    Correction = "refused"    // the merchant's table would not take it; the reason says why
	CorrectionLocked     Correction = "locked"     // another transaction kept the row locked, at the end of the run too
)

// Failed tells whether a row was to be written, and was not.
func (c Correction) Failed() bool {
	return c == CorrectionSuperseded || c == CorrectionRefused || c == CorrectionLocked
}

// Finding is one payin's outcome in one run, with its evidence. It never changes once written.
type Finding struct {
	RunID int64
	Seq   int64 // the payin's place in the run's selection, from 1
	Payin       // the merchant's row as it was read

	// HighHelp's side; zero where there was no answer, or, but for RequestID, none that can be trusted.
	InitialAmount     int64 // I, in minor units
	OldAmount         int64 // O, in minor units
	PaidAmount        int64 // A, in minor units
	ProviderStatus    string
	ProviderSubStatus string
	RequestID         string
	ExpiresAt         time.Time // by HighHelp's expiration_date or lifetime; zero where it gave neither that serves

	Verdict
	Classes    Class      // of costly corrections that the correction is of; not read back
	Correction Correction // empty until the finding is written
	Answer     string     // HighHelp's, as received
	Result     Result
	Reason     Reason
	CheckedAt  time.Time

	// DecidedAt is when a person decided about it, if that stands: see Decided. It is set of findings that may wait for a
	// decision, and far in the future if the decision was written.
	DecidedAt time.Time
}

// Answered tells whether HighHelp said something about the payin, whatever it says.
func (f *Finding) Answered() bool { return f.Result != ResultUnreachable && f.Result != ResultNotAsked }

// Compared tells whether the four amounts were held against each other.
func (f *Finding) Compared() bool {
	return f.PaidAmount != 0 && comparesAmounts(f.ProviderStatus)
}

// NewSubStatus tells whether HighHelp's sub-status is one that its table of statuses does not have.
func (f *Finding) NewSubStatus() bool {
	return f.ProviderStatus != "" && f.ProviderSubStatus != "" &&
		!highhelp.KnownSubStatus(f.ProviderStatus, f.ProviderSubStatus)
}

// SameAnswer tells whether two findings rest on the same answer: status, sub-status, A, O, I and currency are equal,
// and nothing else counts. An answer that cannot be trusted is never the same.
func (f *Finding) SameAnswer(other *Finding) bool {
	return f.ProviderStatus != "" && f.ProviderStatus == other.ProviderStatus &&
		f.ProviderSubStatus == other.ProviderSubStatus && f.PaidAmount == other.PaidAmount &&
		f.OldAmount == other.OldAmount && f.InitialAmount == other.InitialAmount && f.Currency == other.Currency
}

// AnswerText is the answer that SameAnswer compares, as a text.
func (f *Finding) AnswerText() string {
	return fmt.Sprintf("%q %q %d %d %d %s", f.ProviderStatus, f.ProviderSubStatus,
		f.PaidAmount, f.OldAmount, f.InitialAmount, f.Currency)
}

// Expiry is the end of the payin's lifetime: HighHelp's, or the one that the merchant's row gives.
func (f *Finding) Expiry() time.Time {
	if !f.ExpiresAt.IsZero() {
		return f.ExpiresAt
	}
	return f.expiry(nil, time.Time{})
}

// Steps are the three steps from M to A: A − M = (A − O) + (O − I) + (I − M). All are zero where
// the amounts were not compared.
func (f *Finding) Steps() (record, reprice, appeal int64) {
	if !f.Compared() {
		return 0, 0, 0
	}
	return f.InitialAmount - f.Amount, f.OldAmount - f.InitialAmount, f.PaidAmount - f.OldAmount
}

// NewFinding judges a payin and puts the verdict beside its evidence.
func NewFinding(p Payin, seq int64, a *Answer, r *Rules) Finding {
	p.Facts.HeldSuccess = p.Facts.Fault == "" && !r.isFinal(p.Status) && r.isHeldSuccess(&p)
	f := Finding{
		Seq: seq, Payin: p, Verdict: Judge(&p, a, r),
		Answer: a.Body, Result: a.Result, CheckedAt: a.At,
	}
	f.Classes = classesOf(&f.Payin, &f.Verdict, r)
	var odd Reason
	if a.Info != nil {
		f.RequestID = escaped(a.Info.RequestID) // HighHelp's support wants it most where an answer cannot be trusted
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
