package highhelp

import "slices"

// The statuses of a payin. HighHelp API, Statuses.
const (
	StatusProcessing = "processing" // the payin is not finished
	StatusDispute    = "dispute"    // contact support, except for no_payment
	StatusError      = "error"      // contact support; never credit
	StatusDecline    = "decline"    // final; tell the customer
	StatusSuccess    = "success"    // final; credit the customer
)

// The sub-statuses that determine a payin's outcome. HighHelp API, Statuses.
const (
	SubPaid            = "paid" // for processing: the customer says that the payment was made, which is not a success
	SubNoPayment       = "no_payment"
	SubDifferentAmount = "different_amount"
	SubConfirmTimeout  = "confirm_timeout"
)

var knownSubStatuses = map[string][]string{
	StatusProcessing: {"new", "requisites", "awaiting_confirm", "awaiting_3ds_result", "awaiting_redirect_result",
		"sent_verification", "invalid_verification", SubPaid, "payout_process"},
	StatusDispute: {SubNoPayment, SubDifferentAmount, SubConfirmTimeout, "incorrect_requisites", "payout_failed",
		"others"},
	StatusError:   nil,
	StatusDecline: nil,
	StatusSuccess: nil,
}

// KnownStatus reports whether status is exactly one of the five documented statuses.
//
// HighHelp API, Statuses.
func KnownStatus(status string) bool {
	_, ok := knownSubStatuses[status]
	return ok
}

// KnownSubStatus reports whether HighHelp documents the sub-status for the status. The empty sub-status (null in the
// answer) is known for all known statuses. The statuses error, decline and success have no other sub-status.
//
// HighHelp API, Statuses.
func KnownSubStatus(status, sub string) bool {
	subs, ok := knownSubStatuses[status]
	return ok && (sub == "" || slices.Contains(subs, sub))
}

// DisputeSubStatuses returns the documented sub-statuses of a dispute.
//
// HighHelp API, Statuses.
func DisputeSubStatuses() []string { return knownSubStatuses[StatusDispute] }

// StatusNames returns all documented statuses and sub-statuses, sorted.
//
// HighHelp API, Statuses.
func StatusNames() []string {
	var words []string
	for status, subs := range knownSubStatuses {
		words = append(append(words, status), subs...)
	}
	slices.Sort(words)
	return words
}
