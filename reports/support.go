package reports

import (
	"cmp"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// question returns the question to HighHelp's support about a payin, or "" if there is none. The question depends on
// the action that HighHelp's table of statuses requires of the merchant. For example, a payin that the customer did not
// pay in time needs no question. The function money formats amounts.
func question(in i18n.Printer, money func(int64, string) string, f *reconcile.Finding) string {
	state := reconcile.StatusText(f.ProviderStatus, f.ProviderSubStatus)
	switch f.Outcome {
	case reconcile.Rejected:
		return in.T("question.rejected")
	case reconcile.Timeout:
		switch {
		case f.Causes.Has(reconcile.CauseNoPayment):
			return ""
		case f.Causes.Has(reconcile.CauseConfirmTimeout):
			return in.T("question.confirm_timeout")
		}
		return in.T("question.overdue", state)
	case reconcile.DifferentAmount:
		if !f.Causes.Has(reconcile.CauseProvider) {
			return ""
		}
		return in.T("question.different_amount")
	case reconcile.Disputed:
		return in.T("question.disputed", state)
	case reconcile.Reversed:
		if f.Compared() {
			state = in.T("question.state_with_amount", state, money(f.PaidAmount, f.Currency)+" "+f.Currency)
		}
		return in.T("question.reversed", f.Status, money(cmp.Or(f.SettledAmount, f.Amount), f.Currency), f.Currency, state)
	case reconcile.NotFound:
		return in.T("question.not_found")
	case reconcile.Unverifiable:
		if ourFault(f) {
			return ""
		}
		return in.T("question.unverifiable")
	}
	return ""
}

// askedOutcomes lists the outcomes that may need a question to support.
var askedOutcomes = []reconcile.Outcome{reconcile.Rejected, reconcile.Timeout, reconcile.DifferentAmount,
	reconcile.Disputed, reconcile.Reversed, reconcile.NotFound, reconcile.Unverifiable}

// ourFault reports whether an answer was not trusted because of an error in the merchant's row. A stored finding does
// not contain this reason, so ourFault checks the row again.
func ourFault(f *reconcile.Finding) bool {
	_, known := reconcile.Exponent(f.Currency)
	return !known || f.Amount < 1 || f.Amount > 10_000_000_000_000
}

// unresolved returns the reason why a finding has no trusted answer. It returns "" if the finding has a trusted answer.
func (r *Report) unresolved(f *reconcile.Finding) string {
	switch f.Outcome {
	case reconcile.Unreachable:
		if f.Result == reconcile.ResultNotAsked {
			return r.T("unresolved.not_asked")
		}
		return r.T("unresolved.unreachable")
	case reconcile.NotFound:
		return r.T("unresolved.not_found")
	case reconcile.Unverifiable:
		return r.T("unresolved.unverifiable")
	}
	return ""
}
