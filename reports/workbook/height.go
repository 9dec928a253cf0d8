package workbook

import (
	"strings"
	"unicode"
)

const (
	lineHeight   = 13.5 // points, of the common font
	maxRowHeight = 140  // more than ten lines are read in the cell itself
	pageWidth    = 230  // digits that are still read with ease across a landscape A4
)

// wide is how many printed pages stand side by side.
func (s *sheet) wide() int {
	all := 0
	for _, c := range s.row.columns {
		all += c.width
	}
	return max(1, (all+pageWidth-1)/pageWidth)
}

// onPage is how many of the columns one printed page has room for.
func (s *sheet) onPage() int {
	all := 0
	for i, c := range s.row.columns {
		if all += c.width; all > pageWidth {
			return i
		}
	}
	return len(s.row.columns)
}

// cellMargin is what a cell keeps free beside its text, and its indent, in digits.
const cellMargin = 2

// heightOf is that of a row whose tallest text has so many lines; 0 leaves it to the program.
func heightOf(lines int) float64 {
	if lines <= 1 {
		return 0
	}
	return min(maxRowHeight, float64(lines)*lineHeight+2)
}

// height is the row's, where a wrapped text takes several lines; 0 leaves it to the program. It must be
// said, because not every program works it out when it opens a file.
func (r *rowCells) height() float64 { return heightOf(r.lines) }

// linesOf wraps a text as a cell does, between words, and counts the lines; the room is in tenths of a digit.
func linesOf(text string, room int) int {
	lines := 0
	for paragraph := range strings.Lines(text) {
		lines++
		used := 0
		for _, word := range strings.FieldsFunc(paragraph, mayBreak) {
			size := broad(word)
			if used > 0 && used+space+size > room {
				lines, used = lines+1, 0
			}
			lines += max(0, size-1) / room // a word longer than a line is broken
			used += min(size, room) + min(used, space)
		}
		if float64(lines)*lineHeight > maxRowHeight {
			break
		}
	}
	return max(1, lines)
}

// mayBreak tells where a line may end: at a space, unless it holds a figure together.
func mayBreak(c rune) bool { return c != '\u00A0' && unicode.IsSpace(c) }

// space is a space's width, in tenths of a digit.
const space = 6
