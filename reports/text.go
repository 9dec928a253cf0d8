package reports

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxCellUnits is the maximum length of a cell in Excel, in UTF-16 units. excelize silently cuts longer text.
const maxCellUnits = 32_767

// cutMark is the end of a text that was cut.
const cutMark = "… [cut: the text is too long for a cell]"

// Clean makes a text safe for a cell. It replaces control characters, which XML 1.0 forbids, and characters that change
// the writing direction with U+FFFD. If a text is too long for a cell, Clean cuts the text and adds cutMark.
func Clean(s string) string {
	if !plain(s) {
		s = strings.Map(visible, strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"))
	}
	if len(s) <= maxCellUnits { // a text has at least as many UTF-8 bytes as UTF-16 units
		return s
	}
	return cut(s, maxCellUnits)
}

// OneLine calls Clean and replaces line breaks with spaces.
func OneLine(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

// plain reports whether a text has only printable ASCII characters.
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

// cut shortens a text to limit UTF-16 units, including cutMark. It never splits a character.
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
