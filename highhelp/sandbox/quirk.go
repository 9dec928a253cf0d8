package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// quirks are functions that change an info answer. HighHelp might also send the changed answers.
var quirks = map[string]func(*answer){
	"other_payment_id": func(a *answer) { a.PaymentID = "OTHER-" + a.PaymentID },
	"other_project_id": func(a *answer) { a.ProjectID = "00000000-0000-4000-8000-000000000000" },
	"other_currency":   info(func(i *paymentInfo) { i.Currency = otherCurrency(i.Currency) }),

	"no_payment_info":   func(a *answer) { a.PaymentInfo.missing = true },
	"null_payment_info": func(a *answer) { a.PaymentInfo.value = nil },

	"zero_amount":     info(func(i *paymentInfo) { i.Amount = 0 }),
	"negative_amount": info(func(i *paymentInfo) { i.Amount = -1 }),
	"excess_amount":   info(func(i *paymentInfo) { i.Amount = maxAmount + 1 }),
	"text_amount":     info(func(i *paymentInfo) { i.Amount = fmt.Sprint(i.Amount) }),
	"fraction_amount": info(func(i *paymentInfo) { i.Amount = json.RawMessage(fmt.Sprint(i.Amount, ".5")) }),

	"type_payout":        info(func(i *paymentInfo) { i.Type = "payout" }),
	"unknown_status":     func(a *answer) { a.Status = "frozen" },
	"unknown_sub_status": func(a *answer) { a.SubStatus.value = "awaiting_manual_review" },
	"no_sub_status":      func(a *answer) { a.SubStatus.missing = true },
	"null_sub_status":    func(a *answer) { a.SubStatus.value = nil },

	"no_expiration_date":   info(func(i *paymentInfo) { i.ExpirationDate.missing = true }),
	"null_expiration_date": info(func(i *paymentInfo) { i.ExpirationDate.value = nil }),
	"no_integration":       func(a *answer) { a.Integration.missing = true },
	"null_integration":     func(a *answer) { a.Integration.value = nil },
	"no_method":            info(func(i *paymentInfo) { i.Method.missing, i.WidgetMethod.missing = true, true }),
	"null_method":          info(func(i *paymentInfo) { i.Method.value, i.WidgetMethod.value = nil, nil }),
	"no_description":       func(a *answer) { a.StatusDescription.missing = true },
	"extra_fields": func(a *answer) {
		a.Extra = map[string]any{"status": "decline", "note": "a future field", "list": []int{1, 2}}
	},
}

// Quirks returns the names that Payin.Quirk accepts, sorted.
func Quirks() []string { return slices.Sorted(maps.Keys(quirks)) }

func quirksOf(names string) ([]func(*answer), error) {
	if names == "" {
		return nil, nil
	}
	var found []func(*answer)
	for name := range strings.SplitSeq(names, ",") {
		quirk, ok := quirks[strings.TrimSpace(name)]
		if !ok {
			return nil, fmt.Errorf("unknown quirk %q, want one of %s", name, strings.Join(Quirks(), ", "))
		}
		found = append(found, quirk)
	}
	return found, nil
}

// info converts a function that changes payment_info into a quirk. The quirk does nothing if the
// answer has no payment_info.
func info(change func(*paymentInfo)) func(*answer) {
	return func(a *answer) {
		if i, ok := a.PaymentInfo.value.(*paymentInfo); ok {
			change(i)
		}
	}
}

func otherCurrency(currency string) string {
	if currency == "RUB" {
		return "KGS"
	}
	return "RUB"
}
