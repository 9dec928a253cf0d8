package workbook

import (
	"strings"
	"unicode"
)

// tenthsOf has the width of characters in tenths of a digit, roughly: most are about as wide as one. They are the
// measures of DejaVu Sans, the widest of the fonts that stand in for Arial.
var tenthsOf = func() (tenths [0x530]uint8) {
	for c := range tenths {
		tenths[c] = 10
		if unicode.IsUpper(rune(c)) {
			tenths[c] = 12
		}
	}
	for width, group := range map[uint8]string{6: "ijlrftIJ \u00A0.,:;'|/!()-", 8: "\"szгз", 12: "мыф",
		15: "mwMWшщжюЖШЩЮФЫ%"} {
		for _, c := range group {
			tenths[c] = width
		}
	}
	for c := rune(0x300); c < 0x370; c++ { // accents stand over the letter before
		tenths[c] = 0
	}
	return tenths
}()

// broad is how wide a text is, in tenths of a digit, so that it can be set against a column's width.
func broad(text string) int {
	sum := 0
	for _, c := range text {
		switch {
		case int(c) < len(tenthsOf):
			sum += int(tenthsOf[c])
		case c < 0x1100, c == '–', c == '−':
			sum += 10
		default: // signs, the letters of East Asia, pictures
			sum += 20
		}
	}
	return sum
}

// broadest is the width of the widest word of a text.
func broadest(text string) int {
	widest := 0
	for _, word := range strings.FieldsFunc(text, mayBreak) {
		widest = max(widest, broad(word))
	}
	return widest
}

// inBold is what a width is in bold type.
func inBold(tenths int) int { return tenths * 11 / 10 }
