package reports

import (
	"cmp"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// question is what HighHelp's support is asked about a payin, in one sentence; empty where there is
// nothing to ask. It follows the merchant's actions in HighHelp's table of statuses: a payin that the
// customer did not pay in time needs no question. money writes its amounts.
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
		return in.T("question.reversed",
			f.Status, money(cmp.Or(f.SettledAmount, f.Amount), f.Currency), f.Currency, state)
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

// askedOutcomes are those that there may be a question about.
var askedOutcomes = []reconcile.Outcome{
	reconcile.Rejected, reconcile.Timeout, reconcile.DifferentAmount, reconcile.Disputed, reconcile.Reversed,
	reconcile.NotFound, reconcile.Unverifiable,
}

// ourFault tells whether an answer could not be trusted because of the merchant's own row. Why it was
// not is no column of a stored finding, so it is seen from the row again.
func ourFault(f *reconcile.Finding) bool {
	_, known := reconcile.Exponent(f.Currency)
	return !known || f.Amount < 1 || f.Amount > 10_000_000_000_000
}

// unresolved says why a finding stays without a trusted answer, empty if it has one.
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
