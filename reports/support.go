package reports

import (
	"fmt"

	"hhrecon/reconcile"
)

// question is what HighHelp's support is asked about a payin, in one sentence; empty where there is
// nothing to ask. It follows the merchant's actions in HighHelp's table of statuses: a payin that the
// customer did not pay in time needs no question.
func question(f *reconcile.Finding) string { return questionIn(fmt.Sprintf, reconcile.FormatAmount, f) }

// questionIn is the question in a language: say fills it in, and money writes its amounts.
func questionIn(say func(string, ...any) string, money func(int64, string) string, f *reconcile.Finding) string {
	state := pair(f.ProviderStatus, f.ProviderSubStatus)
	switch f.Outcome {
	case reconcile.Rejected:
		return say("The payin ended with an error: was any money taken from the customer, and will the status still change?")
	case reconcile.Timeout:
		switch {
		case f.Causes.Has(reconcile.CauseNoPayment):
			return ""
		case f.Causes.Has(reconcile.CauseConfirmTimeout):
			return say("The confirmation ran out: did the customer's transfer arrive, and for which amount?")
		}
		return say("The payin expired but is still %s: please close it, or tell us what it waits for.", state)
	case reconcile.DifferentAmount:
		if !f.Causes.Has(reconcile.CauseProvider) {
			return ""
		}
		return say("The payin is disputed for a different amount: please confirm what arrived, and settle the dispute.")
	case reconcile.Disputed:
		return say("The payin is in %s: what happened, and what is needed from us to settle it?", state)
	case reconcile.Reversed:
		if f.Compared() {
			state = say("%s with %s", state, money(f.PaidAmount, f.Currency)+" "+f.Currency)
		}
		return say("We hold this payin as final (%s %s %s), and now it is %s: since when, and why did it change?",
			f.Status, money(settled(f), f.Currency), f.Currency, state)
	case reconcile.NotFound:
		return say("The API does not know this payment_id in our project: did the payin ever reach you?")
	case reconcile.Unverifiable:
		if ourFault(f) {
			return ""
		}
		return say("The answer of payin/info about this payin cannot be right: please check what the API returns for it.")
	}
	return ""
}

// askedOutcomes are those that there may be a question about.
var askedOutcomes = []reconcile.Outcome{
	reconcile.Rejected, reconcile.Timeout, reconcile.DifferentAmount, reconcile.Disputed, reconcile.Reversed, reconcile.NotFound, reconcile.Unverifiable,
}

// ourFault tells whether an answer could not be trusted because of the merchant's own row. Why it was
// not is no column of a stored finding, so it is seen from the row again.
func ourFault(f *reconcile.Finding) bool {
	_, known := reconcile.Exponent(f.Currency)
	return !known || f.Amount < 1 || f.Amount > 10_000_000_000_000
}

// settled is the amount that a final row stands for.
func settled(f *reconcile.Finding) int64 {
	if f.SettledAmount != 0 {
		return f.SettledAmount
	}
	return f.Amount
}

// unresolved says why a finding stays without a trusted answer, empty where it has one.
func unresolved(f *reconcile.Finding) string {
	switch f.Outcome {
	case reconcile.Unreachable:
		if f.Result == reconcile.ResultNotAsked {
			return "HighHelp was not asked about it; the next run asks."
		}
		return "No usable answer from HighHelp; the next run asks again."
	case reconcile.NotFound:
		return "HighHelp does not know this payin; nothing was changed."
	case reconcile.Unverifiable:
		return "HighHelp's answer cannot be trusted; nothing was changed."
	}
	return ""
}

// leftWindow says it of an open payin that no later run asks about.
const leftWindow = "Still open, but older than the window: no later run asks about it. A person must close it."
