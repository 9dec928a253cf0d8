package reports

import (
	"math"
	"strings"
	"unicode/utf8"
)

const (
	lineHeight   = 13.5 // points, of the common font
	maxRowHeight = 140  // more than ten lines are read in the cell itself
	pageWidth    = 230  // digits that are still read with ease across a landscape A4
)

// wide is how many printed pages stand side by side.
func (s *sheet) wide() int {
	var all float64
	for _, c := range s.columns {
		all += widths[c.kind]
	}
	return max(1, int(math.Ceil(all/pageWidth)))
}

// height is the row's, where a wrapped text takes several lines; 0 leaves it to the program. It must be
// said, because not every program works it out when it opens a file.
func (r *rowCells) height() float64 {
	if r.lines == 1 {
		return 0
	}
	return min(maxRowHeight, float64(r.lines)*lineHeight+2)
}

// linesOf wraps a text as a cell does, between words, and counts the lines.
func linesOf(text string, width int) int {
	lines := 0
	for paragraph := range strings.Lines(text) {
		lines++
		used := 0
		for _, word := range strings.Fields(paragraph) {
			size := utf8.RuneCountInString(word)
			if used > 0 && used+1+size > width {
				lines, used = lines+1, 0
			}
			lines += max(0, size-1) / width // a word longer than a line is broken
			used += min(size, width) + min(used, 1)
		}
		if float64(lines)*lineHeight > maxRowHeight {
			break
		}
	}
	return max(1, lines)
}
