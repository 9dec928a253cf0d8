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

// The sub-statuses of processing. HighHelp API, Statuses.
const (
	SubNew                    = "new"
	SubRequisites             = "requisites"
	SubAwaitingConfirm        = "awaiting_confirm"
	SubAwaiting3DSResult      = "awaiting_3ds_result"
	SubAwaitingRedirectResult = "awaiting_redirect_result"
	SubSentVerification       = "sent_verification"
	SubInvalidVerification    = "invalid_verification"
	SubPaid                   = "paid" // the customer says so; it is no success
	SubPayoutProcess          = "payout_process"
)

// The sub-statuses of dispute. HighHelp API, Statuses.
const (
	SubNoPayment           = "no_payment"
	SubDifferentAmount     = "different_amount"
	SubConfirmTimeout      = "confirm_timeout"
	SubIncorrectRequisites = "incorrect_requisites"
	SubPayoutFailed        = "payout_failed"
	SubOthers              = "others"
)

var knownSubStatuses = map[string][]string{
	StatusProcessing: {
		SubNew, SubRequisites, SubAwaitingConfirm, SubAwaiting3DSResult, SubAwaitingRedirectResult,
		SubSentVerification, SubInvalidVerification, SubPaid, SubPayoutProcess,
	},
	StatusDispute: {
		SubNoPayment, SubDifferentAmount, SubConfirmTimeout, SubIncorrectRequisites, SubPayoutFailed, SubOthers,
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

// Words lists every status and sub-status of the table of statuses, sorted.
func Words() []string {
	var words []string
	for status, subs := range knownSubStatuses {
		words = append(append(words, status), subs...)
	}
	slices.Sort(words)
	return words
}
