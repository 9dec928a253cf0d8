package reconcile

import (
	"encoding/json"
	"math"
	"math/big"
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

// TestFormatAmountKeepsEveryDigit checks that the formatted amount has all digits of the number.
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

// TestExponents checks currencies for which other tables often have a wrong number of decimals.
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

// TestSum compares sums with the results of math/big.
func TestSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{math.MaxInt64, math.MinInt64, -1, 0, 1}))
		a, b := rapid.SliceOf(amount).Draw(t, "a"), rapid.SliceOf(amount).Draw(t, "b")
		high, low := amount.Draw(t, "high"), amount.Draw(t, "low")
		var one, other Sum
		exact, exactOther := new(big.Int), new(big.Int)
		for _, n := range a {
			one.Add(n)
			exact.Add(exact, big.NewInt(n))
		}
		for _, n := range b {
			other.Add(n)
			exactOther.Add(exactOther, big.NewInt(n))
		}
		parts := new(big.Int).Mul(big.NewInt(high), big.NewInt(1_000_000_000))
		for _, c := range []struct {
			what  string
			sum   Sum
			exact *big.Int
		}{
			{"sum", one, exact},
			{"plus", one.Plus(other), new(big.Int).Add(exact, exactOther)},
			{"minus", one.Minus(other), new(big.Int).Sub(exact, exactOther)},
			{"parts", SumOfParts(high, low), parts.Add(parts, big.NewInt(low))},
		} {
			n, fits := c.sum.Int64()
			if c.sum.String() != c.exact.String() || c.sum.Sign() != c.exact.Sign() {
				t.Fatalf("%s: %s, want %s", c.what, c.sum, c.exact)
			}
			var read Sum
			text, err := json.Marshal(c.sum)
			if err == nil {
				err = json.Unmarshal(text, &read)
			}
			if err != nil || read != c.sum {
				t.Fatalf("%s: %s is read as %s: %v", c.what, text, read, err)
			}
			if fits != c.exact.IsInt64() || fits && n != c.exact.Int64() {
				t.Fatalf("%s: %s fits: %t", c.what, c.sum, fits)
			}
		}
	})
}

// TestSumOfMillions adds 10^13 a million times, so the sum exceeds 64 bits.
func TestSumOfMillions(t *testing.T) {
	var sum Sum
	for range 1_000_000 {
		sum.Add(maxAmount)
	}
	if got := FormatSum(sum, "KGS"); got != "100 000 000 000 000 000.00" {
		t.Error(got)
	}
	if text, err := json.Marshal(sum); err != nil || string(text) != "10000000000000000000" {
		t.Errorf("%s, %v", text, err)
	}
}
