package highhelp

import "slices"

// The statuses of a payin. HighHelp API, Statuses.
const (
	StatusProcessing = "processing" // wait
	StatusDispute    = "dispute"    // contact support, but for no_payment
	StatusError      = "error"      // contact support; never credit
	StatusDecline    = "decline"    // final: tell the client
	StatusSuccess    = "success"    // final: credit
)

// The sub-statuses that a payin's outcome depends on. HighHelp API, Statuses.
const (
	SubPaid            = "paid" // of processing: the customer says so; it is no success
	SubNoPayment       = "no_payment"
	SubDifferentAmount = "different_amount"
	SubConfirmTimeout  = "confirm_timeout"
)

var knownSubStatuses = map[string][]string{
	StatusProcessing: {
		"new", "requisites", "awaiting_confirm", "awaiting_3ds_result", "awaiting_redirect_result", "sent_verification",
		"invalid_verification", SubPaid, "payout_process",
	},
	StatusDispute: {
		SubNoPayment, SubDifferentAmount, SubConfirmTimeout, "incorrect_requisites", "payout_failed", "others",
	},
	StatusError:   nil,
	StatusDecline: nil,
	StatusSuccess: nil,
}

// KnownStatus is true for the five documented statuses, written exactly so.
func KnownStatus(status string) bool {
	_, ok := knownSubStatuses[status]
	return ok
}

// KnownSubStatus is true where the table of statuses has the pair. No sub-status (""
// here, null at HighHelp) is known with every known status; error, decline and
// success have no other.
func KnownSubStatus(status, sub string) bool {
	subs, ok := knownSubStatuses[status]
	return ok && (sub == "" || slices.Contains(subs, sub))
}

// StatusNames lists every status and sub-status of the table of statuses, sorted.
func StatusNames() []string {
	var words []string
	for status, subs := range knownSubStatuses {
		words = append(append(words, status), subs...)
	}
	slices.Sort(words)
	return words
}
