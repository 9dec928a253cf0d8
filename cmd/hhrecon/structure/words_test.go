package structure

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// banned lists words that are hard to understand. The test finds whole words in upper and lower case. Identifiers
// are split into words.
var banned = []string{
	"whoever", "whomever", "anew", "amiss", "mend", "mends", "mended", "mending", "nobody", "be it", "sign of life",
	"signs of life", "last word", "is told", "are told", "was told", "were told", "courier", "deed", "crew", "scout",
	"oftener", "has a word", "a word on", "how manieth", "timekeeper", "has made", "of its own",
}

// bannedExpression also matches "process of its own", which is allowed.
var bannedExpression = regexp.MustCompile(
	`(?i)\b(process )?(` + strings.Join(banned, "|") + `)\b`)

// TestWords searches all text files for banned words: code, comments, queries, pages, messages, settings, documents.
func TestWords(t *testing.T) {
	found := offences{}
	for _, file := range files(t) {
		if !isText(file) || path.Dir(file) == "cmd/hhrecon/structure" {
			continue
		}
		content := read(t, file)
		if bytes.IndexByte(content, 0) >= 0 {
			continue // a binary file
		}
		for _, where := range bannedWords(path.Base(file) + "\n" + string(content)) {
			found.add(file, "banned_words", 1, file+":"+where)
		}
	}
	found.compare(t, map[string]string{"banned_words": "write plain words, see banned in words_test.go"})
}

// bannedWords returns the banned words in a text with their lines. Line numbers begin with 0.
func bannedWords(text string) []string {
	var where []string
	words, starts := plainWords(text)
	for _, m := range bannedExpression.FindAllStringSubmatchIndex(words, -1) {
		if match := strings.ToLower(words[m[0]:m[1]]); match != "process of its own" {
			line, _ := slices.BinarySearch(starts, m[4]+1)
			where = append(where, fmt.Sprintf("%d: %s", line-1, strings.ToLower(words[m[4]:m[5]])))
		}
	}
	return where
}

var (
	camelCase = regexp.MustCompile(`([a-z])([A-Z])|([A-Z])([A-Z][a-z])`)
	noWord    = regexp.MustCompile(`[^\pL'.,;:!?()]+`)
)

// plainWords returns the words of a text, separated by single spaces, and the position of each line's first word.
// plainWords ignores comment markers, line breaks and the ends of string literals, and keeps punctuation.
func plainWords(text string) (words string, starts []int) {
	var all strings.Builder
	for line := range strings.Lines(text) {
		starts = append(starts, all.Len())
		line = camelCase.ReplaceAllString(line, "$1$3 $2$4")
		line = strings.TrimSpace(noWord.ReplaceAllString(line, " "))
		if line != "" {
			all.WriteString(line + " ")
		}
	}
	return all.String(), starts
}

func TestBannedWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"x\nnobody":                                "[1: nobody]",
		"x\n\n\tx := startCrew(crewOf2)":           "[2: crew 2: crew]",
		"x\n\t// it is\n\t// told":                 "[1: is told]",
		"x\n// This can be; it is. Told: is(told)": "[]",
		"x\n\"it was \" +\n\t\"told\"":             "[1: was told]",
		"x\n-- Of\n-- its own":                     "[1: of its own]",
		"x\nA process of its own, deed_rows":       "[1: deed]",
		"x\nrecommended, deeds, scouting":          "[]",
	} {
		if got := fmt.Sprint(bannedWords(text)); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

var (
	textFiles = []string{
		"", ".c", ".css", ".csv", ".go", ".html", ".js", ".json", ".jsonl", ".md", ".service", ".sh", ".sql", ".timer",
		".txt",
		".yaml", ".yml",
	}
	// These files are from other authors, contain examples of banned words, or come from an earlier version.
	otherTexts = []string{
		"LICENSE", ".ci/allow.txt", "sql/testdata/version1.postgres.sql", "sql/testdata/version1.sqlite.sql",
	}
)

func isText(file string) bool {
	return slices.Contains(textFiles, path.Ext(file)) && !strings.HasSuffix(file, ".min.js") &&
		!slices.Contains(otherTexts, file)
}

// files returns all files of the project that git does not ignore.
func files(t *testing.T) []string {
	t.Helper()
	ignored := []string{".git", ".ci/tools", ".idea", ".vscode", "demo-out", "reports-out", "sandbox-keys", "dist",
		"hhrecon", ".env"}
	var all []string
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		file = filepath.ToSlash(strings.TrimPrefix(file, filepath.Clean(root)+string(filepath.Separator)))
		switch {
		case slices.Contains(ignored, file) && entry.IsDir():
			return fs.SkipDir
		case entry.Type().IsRegular() && !slices.Contains(ignored, file):
			all = append(all, file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
