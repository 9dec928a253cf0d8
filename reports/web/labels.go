package web

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// explanations explain words of the domain to people who keep books.
var explanations = map[string]string{
	string(reconcile.Confirmed):       "paid as asked: all four amounts agree",
	string(reconcile.DifferentAmount): "another sum arrived, was asked for, or is in the merchant's row",
	string(reconcile.Timeout):         "not paid or not confirmed in time, or never closed by HighHelp",
	string(reconcile.Disputed):        "HighHelp holds it in a dispute of another kind",
	string(reconcile.Declined):        "HighHelp declined it",
	string(reconcile.Rejected):        "HighHelp ended it with an error",
	string(reconcile.Pending):         "still under way",
	string(reconcile.Reversed):        "final in the merchant's row, but HighHelp now says something else",
	string(reconcile.NotFound):        "HighHelp does not know it",
	string(reconcile.Unverifiable):    "HighHelp's answer cannot be trusted",
	string(reconcile.Unreachable):     "no usable answer after every retry",

	string(reconcile.ResultComplete): "every payin was answered",
	string(reconcile.ResultPartial):  "not every payin has a trusted answer, or not every correction was written",
	string(reconcile.ResultHeld):     "corrections wait for a person to release or discard them",
	string(reconcile.ResultFailed):   "no payin has a trusted answer",
	string(reconcile.ResultOpen):     "not finished yet",
}

func explain(w any) string { return explanations[fmt.Sprint(w)] }

// word writes a word of the domain for people: different_amount is "different amount".
func word(w any) string { return strings.ReplaceAll(fmt.Sprint(w), "_", " ") }

// sumOf is an amount or a sum, as a sum.
func sumOf(minor any) reconcile.Sum {
	if amount, ok := minor.(int64); ok {
		return reconcile.SumOf(amount)
	}
	return minor.(reconcile.Sum)
}

// money writes an amount or a sum with its currency.
func money(minor any, currency string) string {
	text := reconcile.FormatSum(sumOf(minor), currency)
	if _, known := reconcile.Exponent(currency); !known {
		return text
	}
	return noBreak(text + " " + currency)
}

// amountSpace is a space within an amount, or before its currency.
var amountSpace = regexp.MustCompile(`(\d) (\d{3}\b|[A-Z]{3}\b|%)`)

// noBreak keeps each amount in a sentence on one line.
func noBreak(text string) string {
	const space = "$1\u00a0$2"
	return amountSpace.ReplaceAllString(amountSpace.ReplaceAllString(text, space), space) // twice: matches do not overlap
}

// signed is an amount or a sum that shows the sign of both directions.
func signed(minor any, currency string) string {
	text := noBreak(reconcile.FormatSum(sumOf(minor), currency))
	if sumOf(minor).Sign() > 0 {
		return "+" + text
	}
	return text
}

// count writes a number with its thousands apart, as amounts of a currency without decimals are.
func count(n int64) string { return noBreak(reconcile.FormatAmount(n, "JPY")) }

// plural is "1 payin", "12 payins".
func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + one + "s"
}

// stateText writes a row's state in a few words.
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

// triggerText says what started a run.
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

// reason is a reason as a sentence; "" if there is none.
func reason(r reconcile.Reason) string { return noBreak(i18n.English().Sentence(r)) }
