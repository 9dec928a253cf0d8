package reconcile

import "strconv"

// exponents are ISO 4217's decimals of the minor unit, for the currencies that HighHelp's pages name
// and those of their neighbours. A currency that is not here is refused, never guessed.
var exponents = map[string]int{
	"AED": 2, "AFN": 2, "ALL": 2, "AMD": 2, "AOA": 2, "ARS": 2, "AUD": 2, "AZN": 2, "BAM": 2, "BDT": 2,
	"BGN": 2, "BHD": 3, "BIF": 0, "BOB": 2, "BRL": 2, "BWP": 2, "BYN": 2, "CAD": 2, "CDF": 2, "CHF": 2,
	"CLP": 0, "CNY": 2, "COP": 2, "CRC": 2, "CZK": 2, "DJF": 0, "DKK": 2, "DOP": 2, "DZD": 2, "EGP": 2,
	"ETB": 2, "EUR": 2, "GBP": 2, "GEL": 2, "GHS": 2, "GNF": 0, "GTQ": 2, "HKD": 2, "HNL": 2, "HUF": 2,
	"IDR": 2, "ILS": 2, "INR": 2, "IQD": 3, "IRR": 2, "ISK": 0, "JMD": 2, "JOD": 3, "JPY": 0, "KES": 2,
	"KGS": 2, "KHR": 2, "KMF": 0, "KRW": 0, "KWD": 3, "KZT": 2, "LAK": 2, "LBP": 2, "LKR": 2, "LYD": 3,
	"MAD": 2, "MDL": 2, "MGA": 2, "MKD": 2, "MMK": 2, "MNT": 2, "MXN": 2, "MYR": 2, "MZN": 2, "NAD": 2,
	"NGN": 2, "NIO": 2, "NOK": 2, "NPR": 2, "NZD": 2, "OMR": 3, "PAB": 2, "PEN": 2, "PHP": 2, "PKR": 2,
	"PLN": 2, "PYG": 0, "QAR": 2, "RON": 2, "RSD": 2, "RUB": 2, "RWF": 0, "SAR": 2, "SEK": 2, "SGD": 2,
	"SYP": 2, "THB": 2, "TJS": 2, "TMT": 2, "TND": 3, "TRY": 2, "TWD": 2, "TZS": 2, "UAH": 2, "UGX": 0,
	"USD": 2, "UYU": 2, "UZS": 2, "VES": 2, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0, "YER": 2,
	"ZAR": 2, "ZMW": 2,
}

// Exponent returns how many decimals a currency's minor unit has, and whether ISO 4217 knows it.
func Exponent(currency string) (int, bool) {
	e, ok := exponents[currency]
	return e, ok
}

// FormatAmount writes minor units as people read them, thousands apart: 150000 KGS is "1 500.00".
// Minor units of an unknown currency stay as they are, and say so.
func FormatAmount(minor int64, currency string) string {
	exponent, known := Exponent(currency)
	if !known {
		return strconv.FormatInt(minor, 10) + " minor units of " + strconv.Quote(currency)
	}
	digits := strconv.FormatUint(magnitude(minor), 10)
	for len(digits) <= exponent {
		digits = "0" + digits
	}
	whole, fraction := digits[:len(digits)-exponent], digits[len(digits)-exponent:]
	text := make([]byte, 0, len(digits)+len(digits)/3+2)
	if minor < 0 {
		text = append(text, '-')
	}
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			text = append(text, ' ')
		}
		text = append(text, whole[i])
	}
	if exponent > 0 {
		text = append(append(text, '.'), fraction...)
	}
	return string(text)
}

// magnitude is the absolute value, right for the smallest int64 too.
func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}
