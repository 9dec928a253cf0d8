package web

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// explanations explain outcomes and results to finance staff.
var explanations = map[string]string{
	string(reconcile.Confirmed): "paid as asked: all four amounts agree",
	string(reconcile.DifferentAmount): "the amount paid, the amount asked for and the merchant's amount are not all " +
		"the same",
	string(reconcile.Timeout):      "not paid or not confirmed in time, or never closed by HighHelp",
	string(reconcile.Disputed):     "in a dispute at HighHelp that is not about the amount",
	string(reconcile.Declined):     "HighHelp declined it",
	string(reconcile.Rejected):     "HighHelp closed it with an error",
	string(reconcile.Pending):      "not final at HighHelp yet",
	string(reconcile.Reversed):     "final in the merchant's row, but HighHelp now reports another state",
	string(reconcile.NotFound):     "HighHelp does not know it",
	string(reconcile.Unverifiable): "HighHelp's answer cannot be trusted",
	string(reconcile.Unreachable):  "no usable answer after every retry",

	string(reconcile.ResultComplete): "HighHelp answered about every payin",
	string(reconcile.ResultPartial):  "not every payin has a trusted answer, or not every correction was written",
	string(reconcile.ResultHeld):     "corrections wait for a person to release or discard them",
	string(reconcile.ResultFailed):   "no payin has a trusted answer",
	string(reconcile.ResultOpen):     "not finished yet",
}

func explain(w any) string { return explanations[fmt.Sprint(w)] }

// word shows an identifier as words: different_amount as "different amount".
func word(w any) string { return strings.ReplaceAll(fmt.Sprint(w), "_", " ") }

// sumOf turns an amount (int64, in minor units) or a sum into a sum.
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

// noBreak makes the spaces within amounts non-breaking, so each amount stays on one line.
func noBreak(text string) string {
	const space = "$1\u00a0$2"
	return amountSpace.ReplaceAllString(amountSpace.ReplaceAllString(text, space), space) // twice: matches do not overlap
}

// signed formats an amount or a sum with its sign, plus or minus.
func signed(minor any, currency string) string {
	text := noBreak(reconcile.FormatSum(sumOf(minor), currency))
	if sumOf(minor).Sign() > 0 {
		return "+" + text
	}
	return text
}

// count formats a number with thousands separators, like an amount in a currency without decimals.
func count(n int64) string { return noBreak(reconcile.FormatAmount(n, "JPY")) }

// plural is "1 payin" or "12 payins".
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

// triggerText describes who or what started a run.
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

// reason renders a reason as a sentence, or "" if there is none.
func reason(r reconcile.Reason) string { return noBreak(i18n.English().Sentence(r)) }
