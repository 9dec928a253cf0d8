package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hhrecon/highhelp"
)

// Rules are the project's settings that Judge goes by, and the run's moment.
type Rules struct {
	Now             time.Time         `json:"-"`                    // when the run started; one moment for all its payins
	Grace           time.Duration     `json:"grace"`                // after expiry, before a payin counts as overdue
	DifferentAmount Policy            `json:"different_amount"`     // what a success with another amount writes
	StatusMap       map[string]string `json:"status_map,omitempty"` // HighHelp's word to the merchant's word

	SuccessSubStatuses []string      `json:"success_sub_statuses,omitempty"` // that a success may have, beside none
	AcceptWithin       *AcceptWithin `json:"accept_within,omitempty"`        // nil: the default
	OpenStatuses       []string      `json:"open_statuses,omitempty"`        // as Project.Open; Judge does not go by them
	Unstored           []string      `json:"-"`                              // as QueryCheck.Unstored
}

// AcceptWithin limits the difference between A and M that the policy accept accepts. Both limits are inclusive.
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

// Verdict is what Judge makes of one payin.
type Verdict struct {
	Outcome Outcome
	Causes  Causes
	Doubt   Doubt // why the answer cannot be trusted; only with Unverifiable
	After   State // the merchant's row as it should be
	Changes bool  // After differs from the row: there is something to correct
	Harmful bool  // a correction into decline, error or dispute
}

// The smallest and largest amount, in minor units, that HighHelp documents.
const (
	minAmount = 1
	maxAmount = 10_000_000_000_000
)

// Judge gives the one verdict on a payin: ours against theirs, at the run's moment. It is pure: the
// same row, answer and rules give the same verdict on any day, which is what makes a stored answer
// evidence. It does not allocate.
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
	if r.isFinal(p.Status) || p.decidedOn(theirs) { // a run changes no final row, and overrules no person
		return v
	}

	provider := State{theirs.Status, theirs.SubStatus, p.SettledAmount}
	switch v.Outcome {
	case Declined, Rejected: // no money moved: what a hold noted earlier must not be added up
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

// accepts tells whether a success with another amount is settled without a person.
func (r *Rules) accepts(p *Payin, info *highhelp.PaymentInfo) bool {
	m, a := p.Amount, info.Amount
	if a == m && info.InitialAmount == m { // only O differs, as when two transfers add up
		return true
	}
	// A table without a place for the settled amount would credit M.
	if r.DifferentAmount != Accept || unitFactor(a, m) != 0 || slices.Contains(r.Unstored, "settled_amount") {
		return false
	}
	within, difference := cmp.Or(r.AcceptWithin, &defaultAcceptWithin), max(a-m, m-a)
	return difference*10_000 <= within.BasisPoints*m && (within.Sum == 0 || difference <= within.Sum)
}

// unitFactor is the 10, 100 or 1000 by which one amount is exactly larger than the other, and 0 if it is not: the units
// may be mixed up.
func unitFactor(a, b int64) int64 {
	for _, factor := range [...]int64{10, 100, 1000} {
		if b != 0 && (a == b*factor || b == a*factor) {
			return factor
		}
	}
	return 0
}

// outcomeOf is the table of outcomes from line 5 on: the first line that fits.
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

// causesOf finds every cause, whatever the outcome. Where no money moved, under a decline or an
// error, amounts are not compared.
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

// comparesAmounts tells whether money may have moved under a status of HighHelp's.
func comparesAmounts(status string) bool {
	return status != highhelp.StatusDecline && status != highhelp.StatusError
}

// harmful tells whether a correction into one of HighHelp's statuses can rob a customer.
func harmful(status string) bool {
	return status == highhelp.StatusDecline || status == highhelp.StatusError || status == highhelp.StatusDispute
}

// word passes one of HighHelp's words through the project's status map.
func (r *Rules) word(theirs string) string {
	if ours, ok := r.StatusMap[theirs]; ok {
		return ours
	}
	return theirs
}

// means tells whether the merchant's word stands for HighHelp's. The plain word counts beside the
// mapped one: a row written before there was a map is no less final.
func (r *Rules) means(ours, theirs string) bool { return ours == theirs || ours == r.word(theirs) }

func (r *Rules) isFinal(ours string) bool {
	return r.means(ours, highhelp.StatusSuccess) || r.means(ours, highhelp.StatusDecline)
}

// isHeldSuccess tells whether a row stands for a success with another amount that waits for a person.
func (r *Rules) isHeldSuccess(p *Payin) bool {
	return p.Facts.HeldSuccess || p.SettledAmount > 0 &&
		r.means(p.Status, highhelp.StatusDispute) && r.means(p.SubStatus, highhelp.SubDifferentAmount)
}

// isListed tells whether a success may have this sub-status.
func (r *Rules) isListed(subStatus string) bool {
	return subStatus == "" || slices.Contains(r.SuccessSubStatuses, subStatus)
}

// reverses tells whether an answer contradicts a final row or a held success in money.
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

// The doubts, in the order in which they are looked for: first those about the merchant's own row. Zero is none.
const (
	DoubtRow             Doubt = iota + 1 // the selection found the row faulty
	DoubtOwnPaymentID                     // the row has no payment_id, or a longer one than HighHelp takes
	DoubtText                             // the row has a text that cannot be stored
	DoubtOwnAmount                        // the row's amount is out of range
	DoubtUnknownCurrency                  // the row has a currency that ISO 4217 does not have
	DoubtRefused                          // HighHelp would not answer the question
	DoubtPaymentID                        // the answer is about another payment_id
	DoubtProjectID                        // … or another project_id
	DoubtStatus                           // a status that the documentation does not have
	DoubtSubStatus                        // a sub-status that no row can hold
	DoubtSuccess                          // a success with a sub-status that the settings do not list
	DoubtNoPaymentInfo                    // payment_info is missing where money may have moved
	DoubtType                             // a type other than payin
	DoubtCurrency                         // another currency than the merchant's row
	DoubtAmount                           // an amount out of range
)

// Fault finds what is wrong with the merchant's own row; 0 if nothing is. HighHelp is not asked about a faulty row.
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

// isText tells whether every database can store a text.
func isText(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// doubt finds the first reason not to trust an answer; 0 where there is none.
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

// maxWord bounds a sub-status: the longest one documented has 24 letters.
const maxWord = 64

// storable tells whether a word of HighHelp's can stand in a column of text: it is short, and has no
// control character, which PostgreSQL would refuse together with the whole batch around it.
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
