package xlsx

import "testing"

// TestEscape checks that programs which decode escapes show each text as it is.
func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "KGS": "KGS", "_x004B_GS": "_x005F_x004B_GS", "_x004b_": "_x005F_x004b_", "_x004G_": "_x004G_",
		"_x0041_x0042_": "_x005F_x0041_x005F_x0042_", "_x005F_": "_x005F_x005F_", "сом_x0020_": "сом_x005F_x0020_",
		"_x00": "_x00",
	} {
		got := Escape(text)
		if got != want || Unescape(got) != text {
			t.Errorf("%q: %q, which is shown as %q; want %q", text, got, Unescape(got), want)
		}
		if got := string(AppendEscaped(nil, text)); got != want {
			t.Errorf("%q: %q in a worksheet, want %q", text, got, want)
		}
	}
}
