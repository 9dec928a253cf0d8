package reports

import "testing"

func TestGuarded(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "plain": "plain", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "\rx": "'\nx",
		"＝1": "'＝1", "a=b": "a=b", "'=1": "'=1",
	} {
		if got := guarded(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
