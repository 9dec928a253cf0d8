package reports

import (
	"strconv"
	"strings"

	"hhrecon/reconcile"
)

// longestName is how many characters of an unknown currency are shown.
const longestName = 40

// CurrencyName is a currency as reports show it. An unknown one is quoted with escapes: an empty one becomes visible,
// and a formula that looks for KGS does not match "kgs".
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

// FormatAmount writes an amount (minor units) as it stands in a sentence, without the currency.
func (r *Report) FormatAmount(minor int64, currency string) string {
	return r.NoBreak(r.Amount(minor, currency))
}

// unbroken is what keeps a figure from being broken in two where a text is wrapped, in a cell or beside a chart.
var unbroken = strings.NewReplacer(" ", "\u00A0", "-", "−")

// NoBreak keeps a number on one line of a workbook's cell. In other formats it stays as it is, because programs look
// for plain spaces and signs.
func (r *Report) NoBreak(figure string) string {
	if r.WrapText {
		return unbroken.Replace(figure)
	}
	return figure
}

// decimal writes minor units as a plain decimal, "1500.00", for other programs.
func decimal(minor int64, currency string) string {
	if _, known := reconcile.Exponent(currency); !known {
		return reconcile.FormatAmount(minor, currency)
	}
	return strings.ReplaceAll(reconcile.FormatAmount(minor, currency), " ", "")
}

// Number writes a count or an id without separators.
func Number(n int64) string { return strconv.FormatInt(n, 10) }

// NoDecimals is a currency without decimals, used to format counts.
const NoDecimals = "JPY"

// FormatCount writes a count with its thousands apart.
func FormatCount(n int64) string { return reconcile.FormatAmount(n, NoDecimals) }
