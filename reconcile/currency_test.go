package reconcile

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFormatAmount(t *testing.T) {
	for _, tt := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{150000, "KGS", "1 500.00"},
		{0, "KGS", "0.00"},
		{1, "KGS", "0.01"},
		{-5, "KGS", "-0.05"},
		{99999, "KGS", "999.99"},
		{-100000000, "KGS", "-1 000 000.00"},
		{1234567, "JPY", "1 234 567"},
		{1234567, "KWD", "1 234.567"},
		{maxAmount, "KGS", "100 000 000 000.00"},
		{math.MaxInt64, "KGS", "92 233 720 368 547 758.07"},
		{math.MinInt64, "KGS", "-92 233 720 368 547 758.08"},
		{150000, "ZZZ", `150000 minor units of "ZZZ"`},
	} {
		if got := FormatAmount(tt.minor, tt.currency); got != tt.want {
			t.Errorf("%d %s: got %q, want %q", tt.minor, tt.currency, got, tt.want)
		}
	}
}

// TestFormatAmountKeepsEveryDigit: without its spaces and its point the text is the number.
func TestFormatAmountKeepsEveryDigit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64().Draw(t, "minor")
		currency := rapid.SampledFrom([]string{"KGS", "JPY", "KWD"}).Draw(t, "currency")
		text := strings.NewReplacer(" ", "", ".", "").Replace(FormatAmount(minor, currency))
		if back, err := strconv.ParseInt(text, 10, 64); err != nil || back != minor {
			t.Fatalf("%q is %d", text, back)
		}
	})
}

// TestExponents pins what other tables get wrong.
func TestExponents(t *testing.T) {
	for currency, want := range map[string]int{
		"KGS": 2, "RUB": 2, "KZT": 2, "UZS": 2, "AZN": 2, "ARS": 2, "NGN": 2,
		"IDR": 2, "COP": 2, "LBP": 2, "IQD": 3, "KWD": 3, "JPY": 0, "ISK": 0,
	} {
		if got, ok := Exponent(currency); !ok || got != want {
			t.Errorf("%s: got %d (%t), want %d", currency, got, ok, want)
		}
	}
	for _, unknown := range []string{"", "XXX", "kgs", "KG"} {
		if _, ok := Exponent(unknown); ok {
			t.Errorf("%q passes for a currency", unknown)
		}
	}
}
