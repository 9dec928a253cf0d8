package workbook

import (
	"slices"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

// maxNumber is the largest count of minor units that a cell takes as a number. A cell holds a float64,
// which tells apart any two decimals of at most 15 significant digits; 10^15 itself is a one with zeros.
const maxNumber = 1_000_000_000_000_000

var powersOf10 = [...]float64{1, 10, 100, 1000, 10_000}

// major converts minor units into the number that a cell holds. It is the one place where money meets a
// float, because excelize takes nothing else for the Summary, and up to maxNumber it is exact: both
// operands are whole numbers below 2^53, so the division gives the float64 nearest to the decimal, and
// the shortest text that stands for this float64, which is what is written, is that decimal again.
func major(minor int64, exponent int) float64 { return float64(minor) / powersOf10[exponent] }

// moneyValue is an amount as a cell of excelize's holds it: a number in major units, or a text.
func moneyValue(in i18n.Printer, k reports.Kind, sum reconcile.Sum, currency string) (any, cellStyle) {
	minor, fits := sum.Int64()
	l := amountStyle(k, minor, currency)
	if l.asText || !fits {
		l.asText = true
		return reports.Clean(in.Sum(sum, currency)), l
	}
	return major(minor, l.exponent), l
}

// amountStyle is how an amount is shown: as a number, or as text if the currency is unknown or the amount has more
// digits than a cell keeps. Zero is a number in every currency.
func amountStyle(k reports.Kind, minor int64, currency string) cellStyle {
	exponent, known := reconcile.Exponent(currency)
	fits := minor <= maxNumber && minor >= -maxNumber
	if minor != 0 && (!known || !fits) {
		return cellStyle{kind: k, asText: true}
	}
	return cellStyle{kind: k, exponent: exponent}
}

// asText reports whether an amount of the finding is text in the sheets, which no formula adds up.
func asText(f *reconcile.Finding) bool {
	return slices.ContainsFunc([]int64{f.Amount, f.InitialAmount, f.OldAmount, f.PaidAmount}, func(minor int64) bool {
		return amountStyle(reports.KindAmount, minor, f.Currency).asText
	})
}

// amountFormat is Excel's number format for a number of decimals. Excel replaces the comma with the reader's
// separator.
func amountFormat(exponent int) string {
	return strings.TrimSuffix("#,##0."+strings.Repeat("0", exponent), ".")
}

// changeFormat shows plus and minus signs, which stay visible in black and white.
func changeFormat(exponent int) string {
	amount := amountFormat(exponent)
	return "+" + amount + ";-" + amount + ";" + amount
}
