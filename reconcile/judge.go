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
	Now             time.Time         `json:"-"`                    // the run's start time, the same for all its payins
	Grace           time.Duration     `json:"grace"`                // time after expiry until a payin counts as overdue
	DifferentAmount Policy            `json:"different_amount"`     // what to write for a success with a different amount
	StatusMap       map[string]string `json:"status_map,omitempty"` // maps HighHelp's statuses to the merchant's statuses

	// allowed sub-statuses of a success; a success without a sub-status is always allowed
	SuccessSubStatuses []string      `json:"success_sub_statuses,omitempty"`
	AcceptWithin       *AcceptWithin `json:"accept_within,omitempty"` // nil means the default
	OpenStatuses       []string      `json:"open_statuses,omitempty"` // see Project.Open; not used by Judge
	FinalStatuses      FinalStatuses `json:"final_statuses,omitzero"` // see Project.Final
	Shadow             bool          `json:"shadow,omitempty"`        // see Project.Shadow; not used by Judge
	CleanNights        int64         `json:"clean_nights,omitempty"`  // before the run: see Run.CleanNights
	Unstored           []string      `json:"-"`                       // see QueryCheck.Unstored
}

// AcceptWithin limits the difference between the paid amount (A) and the merchant's amount (M) for the policy "accept".
// A difference equal to a limit is accepted.
type AcceptWithin struct {
	BasisPoints int64 `json:"basis_points"`  // limit in hundredths of a percent of the merchant's amount
	Sum         int64 `json:"sum,omitempty"` // in minor units; 0 means no limit
}

// defaultAcceptWithin is 10 % of the merchant's amount.
var defaultAcceptWithin = AcceptWithin{BasisPoints: 1000}

// State has the values that a correction writes into the merchant's row.
type State struct {
	Status        string
	SubStatus     string // empty if there is none
	SettledAmount int64  // minor units; 0 if there is none
}

// Verdict is the result of Judge for one payin.
type Verdict struct {
	Outcome Outcome
	Causes  Causes
	Doubt   Doubt // why the answer is not trusted; set only with Unverifiable
	After   State // the merchant's row after the correction
	Changes bool  // After differs from the row
	Harmful bool  // the correction is to decline, error or dispute
}

// The smallest and largest amount in HighHelp's documentation, in minor units.
const (
	minAmount = 1
	maxAmount = 10_000_000_000_000
)

// Judge compares the merchant's row with HighHelp's answer and returns the verdict. Judge is a pure function. The same
// row, answer and rules always give the same verdict. A stored answer can therefore be judged again. Judge does not
// allocate memory.
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
	if r.isFinal(p.Status) || p.decidedOn(theirs) { // a run never changes a final row or a decided row
		return v
	}

	provider := State{theirs.Status, theirs.SubStatus, p.SettledAmount}
	switch v.Outcome {
	case Declined, Rejected: // no money moved, so After clears an amount from an earlier hold
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
	v.After = State{r.merchantStatus(provider.Status), r.merchantStatus(provider.SubStatus), provider.SettledAmount}
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

// accepts reports whether a success with a different amount can be written without a person's decision.
func (r *Rules) accepts(p *Payin, info *highhelp.PaymentInfo) bool {
	m, a := p.Amount, info.Amount
	if a == m && info.InitialAmount == m { // only the old amount differs, as if two transfers were added up
		return true
	}
	// Without a column for the settled amount, a success would credit the merchant's amount instead of the paid amount.
	if r.DifferentAmount != Accept || unitFactor(a, m) != 0 || slices.Contains(r.Unstored, "settled_amount") {
		return false
	}
	within, difference := cmp.Or(r.AcceptWithin, &defaultAcceptWithin), max(a-m, m-a)
	return difference*10_000 <= within.BasisPoints*m && (within.Sum == 0 || difference <= within.Sum)
}

// unitFactor returns 10, 100 or 1000 if one amount is exactly this multiple of the other amount. Otherwise it returns
// 0. Such a factor suggests that the units are mixed up.
func unitFactor(a, b int64) int64 {
	for _, factor := range [...]int64{10, 100, 1000} {
		if b != 0 && (a == b*factor || b == a*factor) {
			return factor
		}
	}
	return 0
}

// outcomeOf returns the outcome of a trusted answer. outcomeOf uses the first line of the documented table of outcomes
// that applies, from line 5.
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

// causesOf returns all causes, for any outcome. For decline and error no money moved, so the amounts are not compared.
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

// comparesAmounts reports whether a customer may have paid if HighHelp reports this status. Only
// then are amounts compared.
func comparesAmounts(status string) bool {
	return status != highhelp.StatusDecline && status != highhelp.StatusError
}

// harmful reports whether a correction to this status of HighHelp can cost a customer money.
func harmful(status string) bool {
	return status == highhelp.StatusDecline || status == highhelp.StatusError || status == highhelp.StatusDispute
}

// merchantStatus returns the merchant's name of a status or sub-status of HighHelp.
func (r *Rules) merchantStatus(theirs string) string {
	if ours, ok := r.StatusMap[theirs]; ok {
		return ours
	}
	return theirs
}

// means reports whether the merchant's status has the meaning of HighHelp's status. HighHelp's own name is also
// accepted, since a row may be older than the status map.
func (r *Rules) means(ours, theirs string) bool {
	return ours == theirs || ours == r.merchantStatus(theirs) || slices.Contains(r.FinalStatuses.Of(theirs), ours)
}

// isShared reports whether the merchant's status stands for a payin that is still open without a dispute or an error.
// The status map of a table with few statuses often gives such a status to dispute and error too. A row with a shared
// status is therefore not by itself a dispute or an error.
func (r *Rules) isShared(ours string) bool {
	return ours == "new" || ours == "pending" || r.means(ours, highhelp.StatusProcessing)
}

// hasDispute reports whether the sub-status shows that a row with a shared status is a dispute.
func (r *Rules) hasDispute(p *Payin) bool {
	return r.means(p.Status, highhelp.StatusDispute) && slices.ContainsFunc(highhelp.DisputeSubStatuses(),
		func(sub string) bool { return r.means(p.SubStatus, sub) })
}

func (r *Rules) isFinal(ours string) bool {
	return r.means(ours, highhelp.StatusSuccess) || r.means(ours, highhelp.StatusDecline)
}

// isHeldSuccess reports whether the row is a success with a different amount that awaits a person's decision.
func (r *Rules) isHeldSuccess(p *Payin) bool {
	return p.Facts.HeldSuccess || p.SettledAmount > 0 &&
		r.means(p.Status, highhelp.StatusDispute) && r.means(p.SubStatus, highhelp.SubDifferentAmount)
}

// isListed reports whether the sub-status is allowed for a success.
func (r *Rules) isListed(subStatus string) bool {
	return subStatus == "" || slices.Contains(r.SuccessSubStatuses, subStatus)
}

// reverses reports whether the answer contradicts a final row or a held success in a way that affects money.
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

// The doubts in the order of the checks. Doubts about the merchant's row come first. Zero means no doubt.
const (
	DoubtRow             Doubt = iota + 1 // the selection of payins found an error in the row
	DoubtOwnPaymentID                     // the row's payment_id is missing or too long for HighHelp
	DoubtText                             // the row has text that cannot be stored
	DoubtOwnAmount                        // the row's amount is outside HighHelp's range
	DoubtUnknownCurrency                  // the row's currency is not in ISO 4217
	DoubtRefused                          // HighHelp refused to answer
	DoubtPaymentID                        // the answer has another payment_id
	DoubtProjectID                        // the answer has another project_id
	DoubtStatus                           // the status is not in HighHelp's documentation
	DoubtSubStatus                        // a text column cannot store the sub-status
	DoubtSuccess                          // the settings do not list the sub-status of the success
	DoubtNoPaymentInfo                    // payment_info is missing although money may have moved
	DoubtType                             // the type in the answer is not payin
	DoubtCurrency                         // the currency differs from the merchant's row
	DoubtAmount                           // an amount is outside HighHelp's range
)

// Fault returns what is wrong with the merchant's row, or 0. A run does not query a payin with an invalid row.
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

// isText reports whether every supported database can store the text.
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
	case !inRange(info.Amount), !inRange(info.OldAmount), !inRange(info.InitialAmount):
		return DoubtAmount
	}
	return 0
}

func inRange(amount int64) bool { return amount >= minAmount && amount <= maxAmount }

// maxSubStatus is the maximum length of a sub-status. The longest in the documentation has 24 letters.
const maxSubStatus = 64

// storable reports whether a text column can store a sub-status of HighHelp. The sub-status must be short and have no
// control characters. PostgreSQL would otherwise reject the whole batch of findings.
func storable(subStatus string) bool {
	return len(subStatus) <= maxSubStatus && utf8.ValidString(subStatus) && !strings.ContainsFunc(subStatus, isControl)
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }
