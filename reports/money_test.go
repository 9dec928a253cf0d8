package reports

import "testing"

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{150000, "KGS", "1500.00"}, {-5, "KGS", "-0.05"}, {15000, "JPY", "15000"},
		{12345678, "KWD", "12345.678"}, {7, "QQQ", `7 minor units of "QQQ"`},
	} {
		if got := decimal(c.minor, c.currency); got != c.want {
			t.Errorf("%d %s: %s, want %s", c.minor, c.currency, got, c.want)
		}
	}
}
