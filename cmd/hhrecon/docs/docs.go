// Package docs is hhrecon's manual: one Markdown page a topic, part of the program. Page gives a topic's text, Topics
// lists them; the page index is the table of contents.
package docs

import (
	"embed"
	"slices"
	"strings"
)

//go:embed *.md
var pages embed.FS

// Page is a topic's page, and false if there is none.
func Page(topic string) (string, bool) {
	text, err := pages.ReadFile(topic + ".md")
	return string(text), err == nil && slices.Contains(Topics(), topic)
}

// Topics are the names of all pages.
func Topics() []string {
	files, _ := pages.ReadDir(".") // they are in the program
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file.Name(), ".md"))
	}
	return names
}

// Nearest asks whether one of the names was meant that are spelled like a word, or contain it; it is empty if none is.
func Nearest(word string, names []string) string {
	var near []string
	for _, name := range names {
		if distance(word, name) <= 1+len(word)/4 || len(word) > 2 && strings.Contains(name, word) {
			near = append(near, name)
		}
	}
	if near == nil {
		return ""
	}
	return ", did you mean " + strings.Join(near, " or ") + "?"
}

// distance is how many letters must be changed, added or left out to make one word the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
