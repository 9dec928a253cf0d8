package reports

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxCellUnits is what Excel holds in a cell, in UTF-16 units. excelize cuts what is longer without a word.
const maxCellUnits = 32_767

// cutMark ends a text that was cut, to show that a part is missing.
const cutMark = "… [cut: a cell holds no more]"

// clean makes text fit for a cell, and visible: control characters, which XML 1.0 forbids, and those
// that turn the direction of writing, which can make one id look like another, become U+FFFD. What is
// longer than a cell is cut, and says so.
func Clean(s string) string {
	if !plain(s) {
		s = strings.Map(visible, strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"))
	}
	if len(s) <= maxCellUnits { // UTF-8 is never shorter than UTF-16's count of units
		return s
	}
	return cut(s, maxCellUnits)
}

// OneLine makes text from outside fit for a line of a letter: visible, as in a cell, and without breaks.
func OneLine(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

// plain tells whether a text is printable ASCII, as nearly all are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func visible(c rune) rune {
	switch {
	case c == '\n' || c == '\t':
		return c
	case c == '\r':
		return '\n'
	case c < ' ', c >= 0x7f && c <= 0x9f, c == 0xFFFE, c == 0xFFFF:
		return utf8.RuneError
	case c == 0x061C, c >= 0x200E && c <= 0x200F, c >= 0x202A && c <= 0x202E, c >= 0x2066 && c <= 0x2069:
		return utf8.RuneError
	}
	return c
}

// cut shortens a text to so many UTF-16 units, its mark included, between two characters.
func cut(s string, limit int) string {
	total, end, room := 0, 0, limit-len(utf16.Encode([]rune(cutMark)))
	for i, c := range s {
		total += utf16.RuneLen(c)
		if total <= room {
			end = i + utf8.RuneLen(c)
		}
		if total > limit {
			return s[:end] + cutMark
		}
	}
	return s
}
