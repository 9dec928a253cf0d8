package workbook

import (
	"strings"
	"testing"
	"unicode/utf8"

	"hhrecon/reports/i18n"
)

// TestTextLimits checks Excel's length limits for names of sheets and for prompts in each language.
func TestTextLimits(t *testing.T) {
	for _, title := range [...]string{
		summaryTitle, controlTitle, differentTitle, timeoutsTitle, supportTitle, sinceTitle, historyTitle,
		changesTitle, dailyTotalsTitle, legendTitle, correctionsTitle, unresolvedTitle, allTitle,
	} {
		for _, text := range i18n.Every(title) {
			if n := utf8.RuneCountInString(text); n > 31-len(" (99)") || strings.ContainsAny(text, `'[]:*?/\`) {
				t.Errorf("%s: %q is not a valid name for a sheet", title, text)
			}
		}
	}
	for _, prompt := range [...]string{decisionPrompt, decisionRefusal, noteRefusal} {
		for _, text := range i18n.Every(prompt) {
			if n := utf8.RuneCountInString(text); n > 255 {
				t.Errorf("%s: %q has %d characters", prompt, text, n)
			}
		}
	}
}

// TestPageNumbers checks that each language's footer has the page number and the number of pages.
func TestPageNumbers(t *testing.T) {
	for _, text := range i18n.Every("print.page") {
		if !strings.Contains(text, "&P") || !strings.Contains(text, "&N") {
			t.Errorf("%q", text)
		}
	}
}
