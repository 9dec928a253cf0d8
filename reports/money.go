package reports

import (
	"strconv"
	"strings"

	"hhrecon/reconcile"
)

// longestName is how many characters of the name of an unknown currency are shown.
const longestName = 40

// CurrencyName is what reports call a currency. An unknown one is in quotation marks, with the codes of what cannot be
// seen: so an empty one is seen, and a formula that looks for KGS does not find "kgs".
func CurrencyName(currency string) string {
	if _, known := reconcile.Exponent(currency); known {
		return currency
	}
	name := []rune(currency)
	if len(name) > longestName {
		name = append(name[:longestName:longestName], '…')
	}
	return Clean(strconv.Quote(string(name)))
}

// amount writes an amount for a sentence.
func (r *Report) FormatAmount(minor int64, currency string) string {
	return r.NoBreak(r.Amount(minor, currency))
}

// unbroken is what keeps a figure from being broken in two where a text is wrapped, in a cell or beside a chart.
var unbroken = strings.NewReplacer(" ", "\u00A0", "-", "−")

// firm is a figure as the report writes it: other programs read a CSV, and look for plain spaces and signs in it.
func (r *Report) NoBreak(figure string) string {
	if r.WrapText {
		return unbroken.Replace(figure)
	}
	return figure
}

// decimal writes minor units as a plain decimal, "1500.00", for tables that other programs read.
func decimal(minor int64, currency string) string {
	if _, known := reconcile.Exponent(currency); !known {
		return reconcile.FormatAmount(minor, currency)
	}
	return strings.ReplaceAll(reconcile.FormatAmount(minor, currency), " ", "")
}

func Number(n int64) string { return strconv.FormatInt(n, 10) }

// noDecimals is a currency without decimals, as which counts are written.
const NoDecimals = "JPY"

// grouped writes a count with its thousands apart.
func FormatCount(n int64) string { return reconcile.FormatAmount(n, NoDecimals) }
