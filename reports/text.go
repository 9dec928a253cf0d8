package reports

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxCellUnits is the limit of a cell in Excel, in UTF-16 units. excelize would cut longer text silently.
const maxCellUnits = 32_767

// cutMark ends a text that was cut, to show that a part is missing.
const cutMark = "… [cut: a cell holds no more]"

// Clean makes text fit for a cell, and visible. Control characters, which XML 1.0 forbids, and characters that change
// the direction of writing become U+FFFD. Text longer than a cell is cut and marked.
func Clean(s string) string {
	if !plain(s) {
		s = strings.Map(visible, strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"))
	}
	if len(s) <= maxCellUnits { // UTF-8 is never shorter than UTF-16's count of units
		return s
	}
	return cut(s, maxCellUnits)
}

// OneLine is Clean for a line of a message: without line breaks.
func OneLine(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

// plain reports whether a text is printable ASCII.
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

// cut shortens a text to a number of UTF-16 units, its mark included, between two characters.
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
