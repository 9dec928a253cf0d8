package reconcile

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// exponents has the ISO 4217 decimals of the currencies in HighHelp's documentation, and of neighbouring countries.
// Other currencies are refused.
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

// Exponent returns the number of decimals of a currency's minor unit, or false for an unknown currency.
func Exponent(currency string) (int, bool) {
	e, ok := exponents[currency]
	return e, ok
}

// FormatAmount formats minor units with grouped thousands: 150000 KGS is "1 500.00". For an unknown currency, the
// result is a number of minor units with this unit.
func FormatAmount(minor int64, currency string) string {
	return formatUnits(strconv.FormatInt(minor, 10), currency)
}

// FormatSum formats a Sum in the same way as FormatAmount.
func FormatSum(s Sum, currency string) string { return formatUnits(s.String(), currency) }

// formatUnits formats an integer number of minor units.
func formatUnits(units, currency string) string {
	exponent, known := Exponent(currency)
	if !known {
		return units + " minor units of " + strconv.Quote(currency)
	}
	digits, negative := strings.CutPrefix(units, "-")
	for len(digits) <= exponent {
		digits = "0" + digits
	}
	whole, fraction := digits[:len(digits)-exponent], digits[len(digits)-exponent:]
	text := make([]byte, 0, len(digits)+len(digits)/3+2)
	if negative {
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

// Sum is a 128-bit sum of amounts in minor units. A sum of any number of payins fits into 128 bits.
type Sum struct {
	high int64
	low  uint64
}

// SumOf returns an amount as a Sum.
func SumOf(minor int64) Sum { return Sum{minor >> 63, uint64(minor)} }

// sumUnit is the unit of the high part of a sum that is stored in two parts.
const sumUnit = 1_000_000_000

// SumOfParts returns high · sumUnit + low.
func SumOfParts(high, low int64) Sum {
	top, rest := bits.Mul64(uint64(high), sumUnit)
	if high < 0 {
		top -= sumUnit
	}
	return Sum{int64(top), rest}.Plus(SumOf(low))
}

// Scan reads a database column with the high and the low part of a sum, separated by a space.
func (s *Sum) Scan(value any) error {
	if text, ok := value.([]byte); ok {
		value = string(text)
	}
	var high, low int64
	text, ok := value.(string)
	if _, err := fmt.Sscanf(text, "%d %d", &high, &low); err != nil || !ok {
		return fmt.Errorf("a sum is two numbers, not %v", value)
	}
	*s = SumOfParts(high, low)
	return nil
}

// Add adds an amount.
func (s *Sum) Add(minor int64) { *s = s.Plus(SumOf(minor)) }

// Plus returns the sum of s and t.
func (s Sum) Plus(t Sum) Sum {
	low, carry := bits.Add64(s.low, t.low, 0)
	return Sum{s.high + t.high + int64(carry), low}
}

// Minus returns s minus t.
func (s Sum) Minus(t Sum) Sum {
	low, borrow := bits.Sub64(s.low, t.low, 0)
	return Sum{s.high - t.high - int64(borrow), low}
}

// Equal reports whether both sums are equal. The package go-cmp uses this method.
func (s Sum) Equal(t Sum) bool { return s == t }

// Sign returns -1, 0 or 1.
func (s Sum) Sign() int {
	switch {
	case s.high < 0:
		return -1
	case s == Sum{}:
		return 0
	}
	return 1
}

// Int64 returns the sum, and whether the sum fits into an int64.
func (s Sum) Int64() (int64, bool) { return int64(s.low), s.high == int64(s.low)>>63 }

// Bounded returns the sum limited to ±(2⁶³ − 1).
func (s Sum) Bounded() int64 {
	if n, fits := s.Int64(); fits && n > -math.MaxInt64 {
		return n
	}
	return int64(s.Sign()) * math.MaxInt64
}

// String returns the sum in minor units.
func (s Sum) String() string {
	if n, fits := s.Int64(); fits {
		return strconv.FormatInt(n, 10)
	}
	n := new(big.Int).Lsh(big.NewInt(s.high), 64)
	return n.Add(n, new(big.Int).SetUint64(s.low)).String()
}

// MarshalJSON writes the sum as an integer of any length.
func (s Sum) MarshalJSON() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalJSON reads the JSON that MarshalJSON writes.
func (s *Sum) UnmarshalJSON(text []byte) error {
	n, ok := new(big.Int).SetString(string(text), 10)
	if !ok {
		return fmt.Errorf("%s is not a whole number", text)
	}
	s.low = new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	s.high = n.Rsh(n, 64).Int64()
	return nil
}
