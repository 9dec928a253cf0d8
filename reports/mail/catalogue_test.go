package mail

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hhrecon/reports"
)

var verbs = regexp.MustCompile(`%(\[\d+\])?([sd])`)

// TestCatalogues: every language of a workbook has every text of a letter and none too many, each of its
// forms keeps what is filled in, and the headlines begin with the codes by which mail programs sort.
func TestCatalogues(t *testing.T) {
	for _, name := range reports.Languages {
		c := catalogueOf(name)
		if c.language != name {
			t.Errorf("there is no catalogue of %s", name)
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(c.texts))); diff != "" {
			t.Errorf("%s (-said +translated):\n%s", name, diff)
		}
		for key, text := range c.texts {
			_, last, _ := strings.Cut("|"+english[key], "|")
			last = last[strings.LastIndex(last, "|")+1:]
			forms := strings.Split(text, "|")
			if len(forms) > len(c.forms) {
				t.Errorf("%s: %q has %d forms", name, key, len(forms))
			}
			for i, form := range forms {
				if strings.TrimSpace(form) == "" {
					t.Errorf("%s: %q is not translated", name, key)
				}
				if i == 0 && len(forms) > 1 && !strings.Contains(form, "%") {
					continue // "The difference": one need not be counted
				}
				if diff := cmp.Diff(verbsOf(last), verbsOf(form)); diff != "" {
					t.Errorf("%s: %q fills in something else (-English):\n%s", name, form, diff)
				}
			}
		}
		for key, code := range map[string]string{"complete": "COMPLETE", "partial": "PARTIAL", "held": "HELD", "released": "HELD, ", "discarded": "HELD, "} {
			if !strings.HasPrefix(c.texts[key], code) {
				t.Errorf("%s: %q is no %s", name, c.texts[key], code)
			}
		}
	}
}

// verbsOf are the kinds of what is filled in, whatever their order.
func verbsOf(text string) []string {
	var kinds []string
	for _, verb := range verbs.FindAllStringSubmatch(text, -1) {
		kinds = append(kinds, verb[2])
	}
	slices.Sort(kinds)
	return kinds
}

func TestForms(t *testing.T) {
	for language, forms := range map[string]map[int64]string{
		"en": {0: "0 payins", 1: "1 payin", 21: "21 payins"},
		"ru": {
			0: "0 платежей", 1: "1 платёж", 2: "2 платежа", 5: "5 платежей", 11: "11 платежей", 12: "12 платежей", 21: "21 платёж",
			22: "22 платежа", 111: "111 платежей", 100_001: "100 001 платёж", 5_000_000: "5 000 000 платежей",
		},
		"ky": {1: "1 төлөм", 5: "5 төлөм"},
	} {
		for n, want := range forms {
			if got := catalogueOf(language).number("payins", n); got != want {
				t.Errorf("%s %d: %q, want %q", language, n, got, want)
			}
		}
	}
}
