package reports

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"hhrecon/reconcile"
)

// phrases are all texts of ours in a workbook: those that the code says, and those of its tables.
func phrases(t *testing.T) []string {
	t.Helper()
	all := map[string]bool{decisionPrompt: true, decisionRefusal: true, noteRefusal: true, leftWindow: true, everyWord: true, nightsTitle: true, ties: true, tiesNot: true, stepTitle: true}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "letter.go" { // the letter to HighHelp's support is in English
			continue
		}
		for _, text := range saidIn(t, name) {
			all[text] = true
		}
	}
	s := everything()
	o := bishkek()
	o.Support = marked{} // with all columns that there can be
	r, err := about(t.Context(), s, one(s), o)
	if err != nil {
		t.Fatal(err)
	}
	b, err := newBook(r, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	all[b.summary] = true
	for _, sheet := range append(b.sheets(), b.journeySheet(), b.changesSheet()) {
		all[sheet.title], all[sheet.empty] = true, true
		for _, c := range sheet.columns {
			all[c.title] = true
		}
	}
	all[colRun.title], all[colProject.title] = true, true
	for _, b := range buckets {
		all[b.name] = true
	}
	for _, entries := range [][]legendEntry{amountsLegend[:], causesLegend[:], decisionsLegend[:], statesLegend[:], marksLegend[:]} {
		for _, e := range entries {
			all[e.meaning] = true
		}
	}
	for _, e := range marksLegend {
		all[e.word] = true
	}
	for _, e := range correctionMeanings {
		all[e.meaning] = true
	}
	for _, kind := range [...]string{"Amount", "Cause", "Mark"} {
		all[kind] = true
	}
	for _, f := range figures {
		all[f.name] = true
	}
	for _, text := range slices.Concat(slices.Collect(maps.Values(meanings)), slices.Collect(maps.Values(stepMeanings)), slices.Collect(maps.Values(contents)), bridgeNotes[:]) {
		all[text] = true
	}
	for _, step := range steps {
		all[step.name] = true
	}
	for _, f := range forms {
		all[f.key] = true
	}
	for _, f := range s.findings {
		all[unresolved(&f)] = true
	}
	f := reconcile.Finding{Verdict: reconcile.Verdict{Outcome: reconcile.Unreachable}, Result: reconcile.ResultNotAsked}
	all[unresolved(&f)] = true
	for _, same := range [...]string{"", "="} {
		delete(all, same)
	}
	return slices.Sorted(maps.Keys(all))
}

// saidIn are the texts that a file of code says.
func saidIn(t *testing.T, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		for i, argument := range call.Args {
			if text, ok := literal(argument); ok && says(call.Fun, i) {
				all = append(all, strings.TrimLeft(text, ">"))
			}
		}
		return true
	})
	return all
}

// says tells whether a function's argument is a text to be translated.
func says(function ast.Expr, argument int) bool {
	var name string
	switch f := function.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
	case *ast.Ident:
		name = f.Name
	}
	switch name {
	case "header":
		return true
	case "say", "fact", "heading", "window":
		return argument == 0
	}
	return false
}

func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok := literal(e.X)
		right, also := literal(e.Y)
		return left + right, ok && also
	}
	return "", false
}

var verbs = regexp.MustCompile(`%(\[\d+\])?s|&[PN]`)

// TestCatalogues: no language lacks a text or has one too many, each text keeps what is filled in, and
// Excel's limits hold.
func TestCatalogues(t *testing.T) {
	want := phrases(t)
	for _, name := range Languages[1:] {
		texts, err := catalogueOf(name)
		if err != nil {
			t.Fatal(err)
		}
		if *update { // leaves what is missing blank, for a person to fill in
			for _, key := range want {
				texts[key] += ""
			}
			file, err := json.MarshalIndent(texts, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile("languages/"+name+".json", append(file, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(texts))); diff != "" {
			t.Errorf("%s (-said +translated):\n%s", name, diff)
		}
		for key, text := range texts {
			if text == "" {
				t.Errorf("%s: %q is not translated", name, key)
			}
			if got, want := len(verbs.FindAllString(text, -1)), len(verbs.FindAllString(key, -1)); got != want {
				t.Errorf("%s: %q fills in %d, %q %d", name, key, want, text, got)
			}
		}
		for _, title := range [...]string{summaryTitle, controlTitle, differentTitle, timeoutsTitle, supportTitle, sinceTitle, journeyTitle, changesTitle, nightsTitle, legendTitle, correctionsTitle, unresolvedTitle, allTitle} {
			if n := utf8.RuneCountInString(texts[title]); n > 31-len(" (99)") || strings.ContainsAny(texts[title], `'[]:*?/\`) {
				t.Errorf("%s: %q is no name for a sheet", name, texts[title])
			}
		}
		for _, prompt := range [...]string{decisionPrompt, decisionRefusal, noteRefusal} {
			if n := utf8.RuneCountInString(texts[prompt]); n > 255 {
				t.Errorf("%s: %q has %d characters", name, prompt, n)
			}
		}
	}
}
