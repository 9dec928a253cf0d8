package xlsx

import "testing"

func TestCountLines(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{"", 1}, {"one", 1}, {"ten digits", 1}, {"eleven ones", 1}, {"seven words", 2}, {"a\nb", 2},
		{"abcdefghijklmnopqrstuvwxyz", 3}, {"aaaa bbbb cccc dddd", 2},
	} {
		if got := CountLines(c.text, 100); got != c.want {
			t.Errorf("%q has %d lines, want %d", c.text, got, c.want)
		}
	}
}
