package workbook

import (
	"slices"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

// maxNumber is the largest amount in minor units that is written as a number. A cell is a float64. A float64 keeps all
// digits of a decimal with at most 15 significant digits. 10^15 has only one significant digit.
const maxNumber = 1_000_000_000_000_000

var powersOf10 = [...]float64{1, 10, 100, 1000, 10_000}

// major converts minor units to a number in major units for a cell. Only this function uses a float for money,
// because excelize needs a float for the Summary. Up to maxNumber, both operands are whole numbers below 2^53.
// The division then gives the float64 nearest to the decimal. excelize writes the shortest text of this float64,
// and this text is the decimal.
func major(minor int64, exponent int) float64 { return float64(minor) / powersOf10[exponent] }

// moneyValue returns the value of an excelize cell for an amount. The value is a number in major units or a text.
func moneyValue(in i18n.Printer, k reports.Kind, sum reconcile.Sum, currency string) (any, cellStyle) {
	minor, fits := sum.Int64()
	l := amountStyle(k, minor, currency)
	if l.asText || !fits {
		l.asText = true
		return reports.Clean(in.Sum(sum, currency)), l
	}
	return major(minor, l.exponent), l
}

// amountStyle returns the style of an amount. An amount is shown as text if its currency is unknown or if it is larger
// than maxNumber. Any other amount is a number. Zero is a number in every currency.
func amountStyle(k reports.Kind, minor int64, currency string) cellStyle {
	exponent, known := reconcile.Exponent(currency)
	fits := minor <= maxNumber && minor >= -maxNumber
	if minor != 0 && (!known || !fits) {
		return cellStyle{kind: k, asText: true}
	}
	return cellStyle{kind: k, exponent: exponent}
}

// asText reports whether an amount of the finding is text in the sheets. Formulas cannot add up text.
func asText(f *reconcile.Finding) bool {
	return slices.ContainsFunc([]int64{f.Amount, f.InitialAmount, f.OldAmount, f.PaidAmount}, func(minor int64) bool {
		return amountStyle(reports.KindAmount, minor, f.Currency).asText
	})
}

// amountFormat returns Excel's number format for a number of decimals. Excel replaces the comma with the separator of
// the reader's locale.
func amountFormat(exponent int) string {
	return strings.TrimSuffix("#,##0."+strings.Repeat("0", exponent), ".")
}

// changeFormat returns the number format of differences. The format shows plus and minus signs.
func changeFormat(exponent int) string {
	amount := amountFormat(exponent)
	return "+" + amount + ";-" + amount + ";" + amount
}
