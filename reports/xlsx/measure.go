package xlsx

import (
	"strings"
	"unicode"
)

// tenthsOf contains the approximate widths of characters in tenths of a digit's width. The widths are measured in
// DejaVu Sans, which is the widest of the fonts that replace Arial.
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
	for c := rune(0x300); c < 0x370; c++ { // combining accents have no width
		tenths[c] = 0
	}
	return tenths
}()

// TextWidth returns the approximate width of a text in tenths of a digit's width.
func TextWidth(text string) int {
	sum := 0
	for _, c := range text {
		switch {
		case int(c) < len(tenthsOf):
			sum += int(tenthsOf[c])
		case c < 0x1100, c == '–', c == '−':
			sum += 10
		default: // symbols, East Asian characters, emoji
			sum += 20
		}
	}
	return sum
}

// WidestWord returns the width of the widest word of a text, in tenths of a digit's width.
func WidestWord(text string) int {
	widest := 0
	for _, word := range strings.FieldsFunc(text, mayBreak) {
		widest = max(widest, TextWidth(word))
	}
	return widest
}

// BoldWidth returns the width of a text in bold type. The argument is the width of the text in regular type.
func BoldWidth(tenths int) int { return tenths * 11 / 10 }

// These constants are heights of rows in points.
const (
	LineHeight   = 13.5 // height of a line in the workbook's font
	MaxRowHeight = 140  // height of a row with ten lines or more
)

// RowHeight returns the height in points of a row with a number of lines. If the result is 0, the spreadsheet
// program chooses the height.
func RowHeight(lines int) float64 {
	if lines <= 1 {
		return 0
	}
	return min(MaxRowHeight, float64(lines)*LineHeight+2)
}

// CountLines counts the lines of a text that is wrapped between words. room is the width in tenths of a digit's width.
func CountLines(text string, room int) int {
	lines := 0
	for paragraph := range strings.Lines(text) {
		lines++
		used := 0
		for _, word := range strings.FieldsFunc(paragraph, mayBreak) {
			size := TextWidth(word)
			if used > 0 && used+space+size > room {
				lines, used = lines+1, 0
			}
			lines += max(0, size-1) / room // a word that is longer than a line is split
			used += min(size, room) + min(used, space)
		}
		if float64(lines)*LineHeight > MaxRowHeight {
			break
		}
	}
	return max(1, lines)
}

// mayBreak reports whether a line may break at a character. A line may break at any space except a no-break space.
func mayBreak(c rune) bool { return c != '\u00A0' && unicode.IsSpace(c) }

// space is the width of a space character, in tenths of a digit's width.
const space = 6
