package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hhrecon/highhelp"
)

// Rules are the project's settings that Judge uses, and the run's start time.
type Rules struct {
	Now             time.Time         `json:"-"`                    // when the run started, the same for all its payins
	Grace           time.Duration     `json:"grace"`                // time after expiry before a payin counts as overdue
	DifferentAmount Policy            `json:"different_amount"`     // what a success with a different amount writes
	StatusMap       map[string]string `json:"status_map,omitempty"` // from HighHelp's status to the merchant's

	// allowed sub-statuses of a success; none is always allowed
	SuccessSubStatuses []string      `json:"success_sub_statuses,omitempty"`
	AcceptWithin       *AcceptWithin `json:"accept_within,omitempty"` // nil means the default
	OpenStatuses       []string      `json:"open_statuses,omitempty"` // see Project.Open; Judge does not use them
	Unstored           []string      `json:"-"`                       // see QueryCheck.Unstored
}

// AcceptWithin limits the difference between A and M that the policy "accept" accepts. Both limits are inclusive.
type AcceptWithin struct {
	BasisPoints int64 `json:"basis_points"`  // hundredths of a percent of M
	Sum         int64 `json:"sum,omitempty"` // minor units; 0: no limit
}

// defaultAcceptWithin is 10 % of M.
var defaultAcceptWithin = AcceptWithin{BasisPoints: 1000}

// State is what a correction writes into the merchant's row.
type State struct {
	Status        string
	SubStatus     string // empty: none
	SettledAmount int64  // minor units; 0: none
}

// Verdict is the result of Judge for one payin.
type Verdict struct {
	Outcome Outcome
	Causes  Causes
	Doubt   Doubt // why the answer cannot be trusted; only with Unverifiable
	After   State // the merchant's row after the correction
	Changes bool  // After differs from the row
	Harmful bool  // a correction into decline, error or dispute
}

// The smallest and largest amount, in minor units, that HighHelp documents.
const (
	minAmount = 1
	maxAmount = 10_000_000_000_000
)

// Judge compares the merchant's row with HighHelp's answer and returns the verdict. It is pure: the same row, answer
// and rules always give the same verdict, so a stored answer can be judged again. It does not allocate.
func Judge(p *Payin, a *Answer, r *Rules) Verdict {
	v := Verdict{After: State{p.Status, p.SubStatus, p.SettledAmount}}
	if v.Doubt = p.Fault(); v.Doubt != 0 {
		v.Outcome = Unverifiable
		return v
	}
	switch a.Result {
	case ResultUnreachable, ResultNotAsked:
		v.Outcome = Unreachable
		return v
	case ResultNotFound:
		v.Outcome = NotFound
		return v
	case ResultRefused:
		v.Outcome, v.Doubt = Unverifiable, DoubtRefused
		return v
	}
	if v.Doubt = r.doubt(p, a.Info); v.Doubt != 0 {
		v.Outcome = Unverifiable
		return v
	}

	theirs := a.Info
	v.Causes = causesOf(p, theirs, r)
	v.Outcome = outcomeOf(theirs, v.Causes)

	if r.reverses(p, theirs) {
		v.Outcome = Reversed
		return v
	}
	if r.isFinal(p.Status) || p.decidedOn(theirs) { // a run never changes a final row or a person's decision
		return v
	}

	provider := State{theirs.Status, theirs.SubStatus, p.SettledAmount}
	switch v.Outcome {
	case Declined, Rejected: // no money moved, so an amount from an earlier hold is cleared
		provider.SettledAmount = 0
	case Timeout:
		if v.Causes.Has(CauseNoPayment) {
			provider.SettledAmount = 0
		}
	case Confirmed:
		provider.SettledAmount = theirs.PaymentInfo.Amount
	case DifferentAmount:
		if theirs.Status == highhelp.StatusSuccess {
			provider.SettledAmount = theirs.PaymentInfo.Amount
			if !r.accepts(p, theirs.PaymentInfo) {
				provider.Status, provider.SubStatus = highhelp.StatusDispute, highhelp.SubDifferentAmount
			}
		}
	}
	v.After = State{r.word(provider.Status), r.word(provider.SubStatus), provider.SettledAmount}
	if slices.Contains(r.Unstored, "sub_status") {
		v.After.SubStatus = p.SubStatus
	}
	if slices.Contains(r.Unstored, "settled_amount") {
		v.After.SettledAmount = p.SettledAmount
	}
	v.Changes = v.After != State{p.Status, p.SubStatus, p.SettledAmount}
	v.Harmful = v.Changes && harmful(provider.Status)
	return v
}

// accepts tells whether a success with a different amount is written without a person.
func (r *Rules) accepts(p *Payin, info *highhelp.PaymentInfo) bool {
	m, a := p.Amount, info.Amount
	if a == m && info.InitialAmount == m { // only O differs, as if two transfers add up
		return true
	}
	// If the table has no column for the settled amount, a success would credit M.
	if r.DifferentAmount != Accept || unitFactor(a, m) != 0 || slices.Contains(r.Unstored, "settled_amount") {
		return false
	}
	within, difference := cmp.Or(r.AcceptWithin, &defaultAcceptWithin), max(a-m, m-a)
	return difference*10_000 <= within.BasisPoints*m && (within.Sum == 0 || difference <= within.Sum)
}

// unitFactor returns 10, 100 or 1000 if one amount is exactly that multiple of the other, otherwise 0. Such a factor
// suggests that the units are mixed up.
func unitFactor(a, b int64) int64 {
	for _, factor := range [...]int64{10, 100, 1000} {
		if b != 0 && (a == b*factor || b == a*factor) {
			return factor
		}
	}
	return 0
}

// outcomeOf returns the first line of the table of outcomes, from line 5 on, that applies.
func outcomeOf(theirs *highhelp.PayinInfo, causes Causes) Outcome {
	switch theirs.Status {
	case highhelp.StatusDecline:
		return Declined
	case highhelp.StatusError:
		return Rejected
	}
	switch {
	case causes&(CauseNoPayment|CauseConfirmTimeout|CauseOverdue) != 0:
		return Timeout
	case causes&CauseProvider != 0:
		return DifferentAmount
	case theirs.Status == highhelp.StatusDispute:
		return Disputed
	case causes&causesOfAmount != 0:
		return DifferentAmount
	case theirs.Status == highhelp.StatusSuccess:
		return Confirmed
	}
	return Pending
}

// causesOf returns all causes, whatever the outcome. If no money moved (decline or error), it compares no amounts.
func causesOf(p *Payin, theirs *highhelp.PayinInfo, r *Rules) Causes {
	var c Causes
	if !comparesAmounts(theirs.Status) {
		return c
	}
	info := theirs.PaymentInfo
	if info.Amount != info.OldAmount {
		c |= CauseAppeal
	}
	if info.OldAmount != info.InitialAmount {
		c |= CauseReprice
	}
	if info.InitialAmount != p.Amount {
		c |= CauseRecord
	}
	switch theirs.Status {
	case highhelp.StatusDispute:
		switch theirs.SubStatus {
		case highhelp.SubDifferentAmount:
			c |= CauseProvider
		case highhelp.SubNoPayment:
			c |= CauseNoPayment
		case highhelp.SubConfirmTimeout:
			c |= CauseConfirmTimeout
		}
	case highhelp.StatusProcessing:
		if r.Now.After(p.expiry(info, r.Now).Add(r.Grace)) {
			c |= CauseOverdue
		}
	}
	return c
}

// comparesAmounts tells whether money may have moved under a status of HighHelp.
func comparesAmounts(status string) bool {
	return status != highhelp.StatusDecline && status != highhelp.StatusError
}

// harmful tells whether a correction to a status of HighHelp can cost a customer money.
func harmful(status string) bool {
	return status == highhelp.StatusDecline || status == highhelp.StatusError || status == highhelp.StatusDispute
}

// word maps a status of HighHelp to the merchant's by the status map.
func (r *Rules) word(theirs string) string {
	if ours, ok := r.StatusMap[theirs]; ok {
		return ours
	}
	return theirs
}

// means tells whether the merchant's status stands for HighHelp's. HighHelp's own word counts as well as the mapped
// one, since a row may be older than the status map.
func (r *Rules) means(ours, theirs string) bool { return ours == theirs || ours == r.word(theirs) }

func (r *Rules) isFinal(ours string) bool {
	return r.means(ours, highhelp.StatusSuccess) || r.means(ours, highhelp.StatusDecline)
}

// isHeldSuccess tells whether the row is a success with a different amount that awaits a person.
func (r *Rules) isHeldSuccess(p *Payin) bool {
	return p.Facts.HeldSuccess || p.SettledAmount > 0 &&
		r.means(p.Status, highhelp.StatusDispute) && r.means(p.SubStatus, highhelp.SubDifferentAmount)
}

// isListed tells whether a success may have this sub-status.
func (r *Rules) isListed(subStatus string) bool {
	return subStatus == "" || slices.Contains(r.SuccessSubStatuses, subStatus)
}

// reverses tells whether the answer contradicts a final row or a held success, and money is involved.
func (r *Rules) reverses(p *Payin, theirs *highhelp.PayinInfo) bool {
	success := theirs.Status == highhelp.StatusSuccess
	switch {
	case r.means(p.Status, highhelp.StatusSuccess):
		return !success || !r.isListed(theirs.SubStatus) || theirs.PaymentInfo.Amount != cmp.Or(p.SettledAmount, p.Amount)
	case r.means(p.Status, highhelp.StatusDecline):
		return success ||
			theirs.Status == highhelp.StatusProcessing && theirs.SubStatus == highhelp.SubPaid ||
			theirs.Status == highhelp.StatusDispute && theirs.SubStatus != highhelp.SubNoPayment
	case r.isHeldSuccess(p):
		return success && !r.isListed(theirs.SubStatus) || !success && theirs.Status != highhelp.StatusDispute
	}
	return false
}

// Doubt says why a payin is unverifiable.
type Doubt uint8

// The doubts, in the order of the checks; those about the merchant's row come first. Zero is none.
const (
	DoubtRow             Doubt = iota + 1 // the selection found a fault in the row
	DoubtOwnPaymentID                     // the row has no payment_id, or one that is longer than HighHelp allows
	DoubtText                             // the row has text that cannot be stored
	DoubtOwnAmount                        // the row's amount is out of range
	DoubtUnknownCurrency                  // ISO 4217 does not have the row's currency
	DoubtRefused                          // HighHelp refused to answer
	DoubtPaymentID                        // the answer has another payment_id
	DoubtProjectID                        // the answer has another project_id
	DoubtStatus                           // HighHelp's documentation does not have the status
	DoubtSubStatus                        // a text column cannot store the sub-status
	DoubtSuccess                          // the settings do not list the sub-status of the success
	DoubtNoPaymentInfo                    // payment_info is missing, but money may have moved
	DoubtType                             // the type is not payin
	DoubtCurrency                         // the currency differs from the merchant's row
	DoubtAmount                           // an amount is out of range
)

// Fault returns what is wrong with the merchant's row, or 0. A faulty row is not queried.
func (p *Payin) Fault() Doubt {
	_, known := Exponent(p.Currency)
	switch {
	case p.Facts.Fault != "":
		return DoubtRow
	case p.PaymentID == "" || utf8.RuneCountInString(p.PaymentID) > maxPaymentID:
		return DoubtOwnPaymentID
	case !isText(p.PaymentID) || !isText(p.Status) || !isText(p.SubStatus):
		return DoubtText
	case !inRange(p.Amount):
		return DoubtOwnAmount
	case !known:
		return DoubtUnknownCurrency
	}
	return 0
}

// isText tells whether every database can store the text.
func isText(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// doubt returns the first reason not to trust the answer, or 0.
func (r *Rules) doubt(p *Payin, theirs *highhelp.PayinInfo) Doubt {
	compares, success := comparesAmounts(theirs.Status), theirs.Status == highhelp.StatusSuccess
	switch {
	case theirs.PaymentID != p.PaymentID:
		return DoubtPaymentID
	case !strings.EqualFold(theirs.ProjectID, p.ProjectID):
		return DoubtProjectID
	case !highhelp.KnownStatus(theirs.Status):
		return DoubtStatus
	case !storable(theirs.SubStatus):
		return DoubtSubStatus
	case success && !r.isListed(theirs.SubStatus) && !r.isFinal(p.Status) && !r.isHeldSuccess(p):
		return DoubtSuccess
	}
	info := theirs.PaymentInfo
	switch {
	case info == nil && compares:
		return DoubtNoPaymentInfo
	case info == nil:
		return 0
	case info.Type != "payin":
		return DoubtType
	case info.Currency != p.Currency:
		return DoubtCurrency
	}
	for _, amount := range [...]int64{info.Amount, info.OldAmount, info.InitialAmount} {
		if !inRange(amount) {
			return DoubtAmount
		}
	}
	return 0
}

func inRange(amount int64) bool { return amount >= minAmount && amount <= maxAmount }

// maxWord limits the length of a sub-status. The longest documented one has 24 letters.
const maxWord = 64

// storable tells whether a text column can store a status of HighHelp: it is short and has no control character.
// PostgreSQL would reject it together with the whole batch.
func storable(word string) bool {
	if len(word) > maxWord || !utf8.ValidString(word) {
		return false
	}
	for _, c := range word {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}
