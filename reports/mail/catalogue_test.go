package mail

import (
	"strings"
	"testing"

	"hhrecon/reports/i18n"
)

// TestHeadlineCodes checks that headlines begin with the same code in all languages. Filters of mail programs depend on
// this code.
func TestHeadlineCodes(t *testing.T) {
	for key, code := range map[string]string{
		"mail.headline_complete": "COMPLETE", "mail.headline_partial": "PARTIAL", "mail.headline_held": "HELD",
		"mail.headline_released": "HELD, ", "mail.headline_discarded": "HELD, ",
	} {
		for _, text := range i18n.Every(key) {
			if !strings.HasPrefix(text, code) {
				t.Errorf("%s: %q does not begin with %s", key, text, code)
			}
		}
	}
}

// TestPlurals checks the plural forms of all languages.
func TestPlurals(t *testing.T) {
	for language, forms := range map[string]map[int64]string{
		"en": {0: "0 payins", 1: "1 payin", 21: "21 payins"},
		"ru": {
			0: "0 платежей", 1: "1 платёж", 2: "2 платежа", 5: "5 платежей", 11: "11 платежей", 12: "12 платежей",
			21: "21 платёж",
			22: "22 платежа", 111: "111 платежей", 100_001: "100 001 платёж", 5_000_000: "5 000 000 платежей",
		},
		"ky": {1: "1 төлөм", 5: "5 төлөм"},
	} {
		texts, err := i18n.For(language)
		if err != nil {
			t.Fatal(err)
		}
		for n, want := range forms {
			if got := texts.T("mail.payins", i18n.Count(n)); got != want {
				t.Errorf("%s %d: %q, want %q", language, n, got, want)
			}
		}
	}
}
