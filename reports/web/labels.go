package web

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// explanations contains explanations of outcomes and results for finance staff.
var explanations = map[string]string{
	string(reconcile.Confirmed): "the customer paid the requested amount, and all four amounts agree",
	string(reconcile.DifferentAmount): "the paid amount, the requested amount and the merchant's amount are not all " +
		"equal",
	string(reconcile.Timeout):      "not paid or not confirmed in time, or never closed by HighHelp",
	string(reconcile.Disputed):     "in a dispute at HighHelp that is not about the amount",
	string(reconcile.Declined):     "HighHelp declined the payin",
	string(reconcile.Rejected):     "HighHelp closed the payin with an error",
	string(reconcile.Pending):      "not final at HighHelp yet",
	string(reconcile.Reversed):     "final in the merchant's row, but HighHelp now reports another state",
	string(reconcile.NotFound):     "HighHelp does not know the payin",
	string(reconcile.Unverifiable): "HighHelp's answer cannot be trusted",
	string(reconcile.Unreachable):  "no usable answer after every retry",

	string(reconcile.ResultComplete): "HighHelp answered about every payin",
	string(reconcile.ResultPartial):  "not every payin has a trusted answer, or not every correction was written",
	string(reconcile.ResultHeld):     "corrections wait for a person to release or discard them",
	string(reconcile.ResultFailed):   "no payin has a trusted answer",
	string(reconcile.ResultOpen):     "not finished yet",
}

func explain(w any) string { return explanations[fmt.Sprint(w)] }

// word replaces the underscores of an identifier with spaces. For example, it returns
// "different amount" for different_amount.
func word(w any) string { return strings.ReplaceAll(fmt.Sprint(w), "_", " ") }

// sumOf converts an amount (int64, in minor units) to a sum, and returns a sum unchanged.
func sumOf(minor any) reconcile.Sum {
	if amount, ok := minor.(int64); ok {
		return reconcile.SumOf(amount)
	}
	return minor.(reconcile.Sum)
}

// money formats an amount or a sum with its currency.
func money(minor any, currency string) string {
	text := reconcile.FormatSum(sumOf(minor), currency)
	if _, known := reconcile.Exponent(currency); !known {
		return text
	}
	return noBreak(text + " " + currency)
}

// amountSpace matches a space within an amount, or before its currency.
var amountSpace = regexp.MustCompile(`(\d) (\d{3}\b|[A-Z]{3}\b|%)`)

// noBreak replaces the spaces within amounts with no-break spaces, so each amount stays on one line.
func noBreak(text string) string {
	const space = "$1\u00a0$2"
	return amountSpace.ReplaceAllString(amountSpace.ReplaceAllString(text, space), space) // matches cannot overlap
}

// signed formats an amount or a sum with its plus or minus sign.
func signed(minor any, currency string) string {
	text := noBreak(reconcile.FormatSum(sumOf(minor), currency))
	if sumOf(minor).Sign() > 0 {
		return "+" + text
	}
	return text
}

// count formats a number with thousands separators, like an amount in a currency without decimals.
func count(n int64) string { return noBreak(reconcile.FormatAmount(n, "JPY")) }

// plural returns a number with its noun, such as "1 payin" or "12 payins".
func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + one + "s"
}

// stateText describes the state of a row in a few words.
func stateText(s reconcile.State, currency string) string {
	text := cmp.Or(pair(s.Status, s.SubStatus), "nothing")
	if s.SettledAmount != 0 {
		text += ", settled " + money(s.SettledAmount, currency)
	}
	return text
}

func pair(status, subStatus string) string {
	if subStatus == "" {
		return status
	}
	return status + ": " + subStatus
}

// triggerText names the person, the schedule or the alert that started a run.
func triggerText(o reconcile.Origin) string {
	switch o.Trigger {
	case reconcile.TriggerSchedule:
		if job, _, ok := strings.Cut(o.Occurrence, " "); ok {
			return "the schedule " + job
		}
		return "a schedule"
	case reconcile.TriggerPage:
		return o.By + ", on this page"
	case reconcile.TriggerAlert:
		return "HighHelp's alerts"
	}
	if o.By != "" {
		return o.By + ", by command"
	}
	return "a command"
}

// reason returns a reason as a sentence, or "" for the zero reason.
func reason(r reconcile.Reason) string { return noBreak(i18n.English().Sentence(r)) }
