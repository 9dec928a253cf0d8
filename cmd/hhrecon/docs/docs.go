// Package docs contains hhrecon's manual as embedded Markdown pages, one for each topic. Topics lists the topics, and
// Page returns the text of a topic. The page "index" is the table of contents.
package docs

import (
	"embed"
	"regexp"
	"slices"
	"strings"
)

//go:embed *.md
var pages embed.FS

// Page returns the page of a topic, or false if there is none.
func Page(topic string) (string, bool) {
	text, err := pages.ReadFile(topic + ".md")
	return string(text), err == nil && slices.Contains(Topics(), topic)
}

var (
	picture = regexp.MustCompile(`!\[[^\]]*\]\([^)]*\)\n*`)
	link    = regexp.MustCompile(`\[([^\]]*)\]\(([^)]*)\)`)
)

// Plain returns a page for a terminal. Plain replaces links to other pages with the names of their topics. Plain adds
// the address after any other link, unless the text of the link is the address.
func Plain(page string) string {
	page = strings.ReplaceAll(picture.ReplaceAllString(page, ""), `\|`, "|")
	return link.ReplaceAllStringFunc(page, func(found string) string {
		m := link.FindStringSubmatch(found)
		text, target := m[1], m[2]
		file, _, _ := strings.Cut(target, "#")
		topic, isTopic := strings.CutSuffix(file, ".md")
		path := strings.TrimLeft(file, "./")
		if path != file && !strings.Contains(file, "../../") {
			path = "cmd/hhrecon/" + path
		}
		switch {
		case text == topic || text == path:
			return text
		case isTopic && topic != "":
			return text + " (hhrecon help " + topic + ")"
		case file == "":
			return text
		case path != file:
			return text + " (" + path + ")"
		}
		return text + " <" + target + ">"
	})
}

// Topics returns the names of all pages.
func Topics() []string {
	files, _ := pages.ReadDir(".") // reading embedded files cannot fail
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file.Name(), ".md"))
	}
	return names
}

// Nearest returns a suggestion with the names that contain a word or are similar to the word. Nearest returns "" if
// there are no such names.
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

// distance returns the Levenshtein distance of two words, in bytes.
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
