package username

import "testing"

// TestCheck checks that Check returns one form for all spellings of a name, and refuses a name with mixed alphabets.
func TestCheck(t *testing.T) {
	for given, want := range map[string]string{
		"Aida": "Aida", "\uff21ida": "Aida", "Cafe\u0301": "Caf\u00e9", "Бакыт": "Бакыт", "Өмүрбек 2": "Өмүрбек 2",
		"B\u0430kyt": "", "\u0391ida": "", "a:b": "", " a": "", "a\u200bb": "", "": "",
	} {
		if got, err := Check(given); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", given, got, err)
		}
	}
	if Fold("\uff21IDA") != "aida" {
		t.Error(Fold("\uff21IDA"))
	}
}
