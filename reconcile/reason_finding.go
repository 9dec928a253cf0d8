package reconcile

import (
	"cmp"
	"errors"
	"time"
	"unicode/utf8"

	"hhrecon/highhelp"
)

// reason is why the finding has its outcome. Detail is why there is no answer to judge, or what is wrong with it; late is
// how long after the payin's expiry the run began.
func (f *Finding) reason(detail Reason, late time.Duration) Reason {
	var clauses []Reason
	if outcome := f.outcomeReason(detail, late); !outcome.IsZero() {
		clauses = append(clauses, outcome)
	}
	if f.Outcome != Reversed {
		clauses = append(clauses, f.amountReasons()...)
	}
	if f.NewSubStatus() {
		clauses = append(clauses, Because("payin.new_sub_status", f.ProviderSubStatus))
	}
	return clauses[0].With(clauses[1:]...)
}

// outcomeReason is what the outcome says, apart from the steps between the amounts; for a payin that those explain it is none.
func (f *Finding) outcomeReason(detail Reason, late time.Duration) Reason {
	state := cmp.Or(f.ProviderSubStatus, f.ProviderStatus)
	switch f.Outcome {
	case Confirmed:
		return Because("payin.confirmed", f.money(f.PaidAmount))
	case DifferentAmount:
		if f.Causes&causesOfAmount == 0 {
			return Because("amounts.equal", f.money(f.Amount))
		}
		return Reason{}
	case Timeout:
		return f.timeoutReason(late)
	case Disputed:
		return Because("payin.disputed", f.money(f.Amount), state)
	case Declined:
		return Because("payin.declined", f.money(f.Amount))
	case Rejected:
		return Because("payin.rejected", f.money(f.Amount))
	case Pending:
		return Because("payin.pending", state)
	case Reversed:
		return f.reversedReason()
	case NotFound:
		return Because("payin.not_found")
	case Unreachable:
		if f.Result == ResultNotAsked {
			return Because("payin.not_asked")
		}
		return Because("payin.unreachable", detail)
	}
	if f.Doubt == DoubtUnknownCurrency || f.Doubt == DoubtOwnAmount {
		return Because("payin.not_comparable", detail)
	}
	return Because("payin.not_trusted", detail)
}

func (f *Finding) money(minor int64) Money { return Money{minor, f.Currency} }

func (f *Finding) timeoutReason(late time.Duration) Reason {
	switch {
	case f.Causes.Has(CauseNoPayment):
		return Because("payin.no_payment", f.money(f.Amount))
	case f.Causes.Has(CauseConfirmTimeout):
		return Because("payin.confirm_timeout", f.money(f.Amount))
	}
	return Because("payin.overdue", f.money(f.Amount), f.providerState(), late)
}

// providerState is HighHelp's status with its sub-status, as HighHelp's pages write it: dispute:no_payment.
func (f *Finding) providerState() string {
	if f.ProviderSubStatus == "" {
		return f.ProviderStatus
	}
	return f.ProviderStatus + ":" + f.ProviderSubStatus
}

func (f *Finding) reversedReason() Reason {
	settled := cmp.Or(f.SettledAmount, f.Amount)
	if !f.Compared() {
		return Because("payin.reversed", f.Status, f.money(settled), f.providerState())
	}
	r := Because("payin.reversed_with_amount", f.Status, f.money(settled), f.providerState(), f.money(f.PaidAmount))
	if mixedUnits(f.PaidAmount, settled) {
		r = r.With(Because("amounts.mixed_units"))
	}
	return r
}

// amountReasons are the steps from M to A, the latest first.
func (f *Finding) amountReasons() []Reason {
	record, reprice, appeal := f.Steps()
	var steps []Reason
	switch {
	case appeal != 0:
		steps = append(steps, Because("amounts.appeal", f.money(f.PaidAmount), f.money(f.OldAmount), Percent{f.OldAmount, f.PaidAmount}))
		if reprice != 0 {
			steps = append(steps, Because("amounts.created_for", f.money(f.InitialAmount)))
		}
	case reprice != 0:
		steps = append(steps, Because("amounts.reprice", f.money(f.InitialAmount), f.money(f.OldAmount), Percent{f.InitialAmount, f.OldAmount}))
	}
	if record != 0 {
		steps = append(steps, Because("amounts.record", f.money(f.InitialAmount), f.money(f.Amount)))
	}
	if len(steps) > 0 && (mixedUnits(f.InitialAmount, f.Amount) || mixedUnits(f.PaidAmount, f.Amount)) {
		steps = append(steps, Because("amounts.mixed_units"))
	}
	return steps
}

// mixedUnits recognises the commonest mistake: major units in place of minor ones, or the reverse.
func mixedUnits(a, b int64) bool { return b != 0 && (a == b*100 || b == a*100) }

// doubtReason is what is wrong with the answer.
func doubtReason(f *Finding, a *Answer) Reason {
	theirs := a.Info
	switch f.Doubt {
	case DoubtRefused:
		return a.Problem
	case DoubtPaymentID:
		return Because("doubt.payment_id", clip(theirs.PaymentID))
	case DoubtProjectID:
		return Because("doubt.project_id", clip(theirs.ProjectID))
	case DoubtStatus:
		return Because("doubt.status", clip(theirs.Status))
	case DoubtSubStatus:
		return Because("doubt.sub_status", clip(theirs.SubStatus))
	case DoubtNoPaymentInfo:
		return Because("doubt.no_payment_info")
	case DoubtType:
		return Because("doubt.type", clip(theirs.PaymentInfo.Type))
	case DoubtCurrency:
		return Because("doubt.currency", clip(theirs.PaymentInfo.Currency), f.Currency)
	case DoubtUnknownCurrency:
		return Because("doubt.unknown_currency", f.Currency)
	case DoubtAmount:
		info := theirs.PaymentInfo
		return Because("doubt.amount", info.Amount, info.OldAmount, info.InitialAmount)
	}
	return Because("doubt.own_amount", f.Amount)
}

// clip bounds a text from outside to 100 characters, which are enough to recognise it.
func clip(text string) string {
	if utf8.RuneCountInString(text) <= 100 {
		return text
	}
	return string([]rune(text)[:99]) + "…"
}

// The codes of what a call to HighHelp can end with.
var problemCodes = map[error]string{
	highhelp.ErrUnauthorized:   "call.unauthorized",
	highhelp.ErrNotFound:       "call.not_found",
	highhelp.ErrUnreachable:    "call.unreachable",
	highhelp.ErrRefused:        "call.refused",
	highhelp.ErrMalformed:      "call.malformed",
	highhelp.ErrInvalidRequest: "call.invalid",
}

// ProblemOf is why a call to HighHelp failed.
func ProblemOf(err error) Reason {
	var failed *highhelp.Error
	if !errors.As(err, &failed) || problemCodes[failed.Kind] == "" {
		return Words(err.Error())
	}
	r := Because(problemCodes[failed.Kind])
	if failed.Tries > 1 {
		r = r.With(Because("call.tries", int64(failed.Tries)))
	}
	if failed.StatusCode != 0 {
		r = r.With(Because("call.http", int64(failed.StatusCode)))
	}
	if failed.Description != "" {
		r = r.With(Because("call.description", failed.Description))
	}
	for _, detail := range failed.Details() {
		r = r.With(detailReason(detail))
	}
	return r
}

func detailReason(err error) Reason {
	var detail *highhelp.Detail
	if errors.As(err, &detail) {
		return Because(detail.Code, detail.Args...)
	}
	return Words(err.Error())
}

// FirstFormatReason is the reason of a finding that was stored with its English sentence alone. The data of the finding
// gives the reason again, apart from what only the sentence has: why a call failed, or an answer or a correction was refused.
func (f *Finding) FirstFormatReason(sentence string) Reason {
	lost := f.Outcome == Unreachable && f.Result != ResultNotAsked || f.Outcome == Unverifiable || f.Correction == CorrectionRefused
	if lost {
		return Words(sentence)
	}
	return f.reason(Reason{}, f.CheckedAt.Sub(f.expiresAt()))
}
