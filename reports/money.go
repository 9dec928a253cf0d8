package reports

import (
	"strconv"
	"strings"

	"hhrecon/reconcile"
)

// maxCurrencyName is the maximum number of characters shown of an unknown currency.
const maxCurrencyName = 40

// CurrencyName returns a currency as reports show it. An unknown currency is quoted with escapes. The quotes make an
// empty currency visible, and distinguish "kgs" from KGS even in programs that ignore case.
func CurrencyName(currency string) string {
	if _, known := reconcile.Exponent(currency); known {
		return currency
	}
	name := []rune(currency)
	if len(name) > maxCurrencyName {
		name = append(name[:maxCurrencyName:maxCurrencyName], '…')
	}
	return Clean(strconv.Quote(string(name)))
}

// FormatAmount formats an amount in minor units for a sentence, without the currency.
func (r *Report) FormatAmount(minor int64, currency string) string {
	return r.NoBreak(r.Amount(minor, currency))
}

// unbroken replaces spaces and signs at which a line could break within a number.
var unbroken = strings.NewReplacer(" ", "\u00A0", "-", "−")

// NoBreak keeps a number on one line of a workbook's cell. In other formats the number stays unchanged, because
// programs that read these formats expect plain spaces and signs.
func (r *Report) NoBreak(figure string) string {
	if r.WrapText {
		return unbroken.Replace(figure)
	}
	return figure
}

// decimal formats minor units as a plain decimal for other programs: "1500.00".
func decimal(minor int64, currency string) string {
	if _, known := reconcile.Exponent(currency); !known {
		return reconcile.FormatAmount(minor, currency)
	}
	return strings.ReplaceAll(reconcile.FormatAmount(minor, currency), " ", "")
}

// Number formats a count or an id without separators.
func Number(n int64) string { return strconv.FormatInt(n, 10) }

// NoDecimals is a currency without decimals. It is used to format counts.
const NoDecimals = "JPY"

// FormatCount formats a count with spaces between thousands.
func FormatCount(n int64) string { return reconcile.FormatAmount(n, NoDecimals) }
