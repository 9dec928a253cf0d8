package reports

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hhrecon/reports/i18n"
)

// phrases are the texts of ours in reason.go and note.go.
func phrases(t *testing.T) []string {
	t.Helper()
	all := saidIn(t, "reason.go")
	for _, f := range forms {
		all = append(all, f.key)
	}
	slices.Sort(all)
	return slices.Compact(all)
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
		if !ok || len(call.Args) == 0 {
			return true
		}
		function := ""
		switch f := call.Fun.(type) {
		case *ast.SelectorExpr:
			function = f.Sel.Name
		case *ast.Ident:
			function = f.Name
		}
		if text, ok := call.Args[0].(*ast.BasicLit); ok && function == "say" {
			key, err := strconv.Unquote(text.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, key)
		}
		return true
	})
	return all
}

var verbs = regexp.MustCompile(`%(\[\d+\])?s`)

// TestCatalogues: no language lacks a text or has one too many, and each text keeps what is filled in.
func TestCatalogues(t *testing.T) {
	want := phrases(t)
	for _, name := range i18n.Languages[1:] {
		texts, err := catalogueOf(name)
		if err != nil {
			t.Fatal(err)
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
	}
}
