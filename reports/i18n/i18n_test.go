package i18n

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"hhrecon/reconcile"
)

const sample = `{
	"test.title": {"en": "Title", "ru": "Заголовок", "ky": "Аталышы"},
	"test.share": {"en": "%s %% of %s", "ru": "из %[2]s %[1]s %%", "ky": "%[2]s, %[1]s %%"},
	"test.payins": {
		"en": {"one": "%s payin in %s", "other": "%s payins in %s"},
		"ru": {"one": "%s платёж, %s", "few": "%s платежа, %s", "many": "%s платежей, %s"},
		"ky": {"one": "%[2]s: %[1]s төлөм", "other": "%[2]s: %[1]s төлөм"}
	},
	"test.largest": {
		"en": {"one": "The difference", "other": "The %s differences"},
		"ru": {"one": "Разница", "few": "%s разницы", "many": "%s разниц"},
		"ky": {"one": "%s айырма", "other": "%s айырма"}
	}
}`

func loaded(t *testing.T, file string) *texts {
	t.Helper()
	all, err := load(fstest.MapFS{"a.json": {Data: []byte(file)}})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestT(t *testing.T) {
	all := loaded(t, sample)
	for _, c := range []struct {
		language, key string
		args          []any
		want          string
	}{
		{"", "test.title", nil, "Title"},
		{"ky", "test.title", nil, "Аталышы"},
		{"en", "test.share", []any{12, int64(1234567)}, "12 % of 1234567"},
		{"ru", "test.share", []any{"12.5", Count(1234567)}, "из 1 234 567 12.5 %"},
		{"en", "test.payins", []any{1, "KGS"}, "1 payin in KGS"},
		{"en", "test.payins", []any{0, "KGS"}, "0 payins in KGS"},
		{"en", "test.payins", []any{Count(5000), "KGS"}, "5 000 payins in KGS"},
		{"ru", "test.payins", []any{int64(1), "KGS"}, "1 платёж, KGS"},
		{"ru", "test.payins", []any{2, "KGS"}, "2 платежа, KGS"},
		{"ru", "test.payins", []any{5, "KGS"}, "5 платежей, KGS"},
		{"ru", "test.payins", []any{11, "KGS"}, "11 платежей, KGS"},
		{"ru", "test.payins", []any{Count(1_000_000_021), "KGS"}, "1 000 000 021 платёж, KGS"},
		{"ru", "test.payins", []any{0, "KGS"}, "0 платежей, KGS"},
		{"ky", "test.payins", []any{2, "KGS"}, "KGS: 2 төлөм"},
		{"en", "test.largest", []any{1}, "The difference"},
		{"ru", "test.largest", []any{23}, "23 разницы"},
	} {
		p, err := all.in(c.language)
		if err != nil {
			t.Fatal(err)
		}
		before := slices.Clone(c.args)
		if got := p.T(c.key, c.args...); got != c.want {
			t.Errorf("%s %s %v: %q, want %q", c.language, c.key, c.args, got, c.want)
		}
		if diff := cmp.Diff(before, c.args); diff != "" {
			t.Errorf("%s: the arguments were changed:\n%s", c.key, diff)
		}
	}
	if _, err := For("de"); err == nil || !strings.Contains(err.Error(), `"de"`) {
		t.Errorf("German: %v", err)
	}
}

// TestFault checks that T panics for an unknown key or wrong arguments in tests, and returns the key in production.
func TestFault(t *testing.T) {
	p, err := loaded(t, sample).in("ru")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]func() string{
		"test.missing": func() string { return p.T("test.missing", 1) },
		"test.share":   func() string { return p.T("test.share", 1) },
		"test.title":   func() string { return p.T("test.title", "x") },
		"test.payins":  func() string { return p.T("test.payins", "5", "KGS") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			_ = text()
		}()
		strict = false
		if got := text(); got != name {
			t.Errorf("%s: %q in production", name, got)
		}
		strict = true
	}
}

func TestLoad(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"no JSON": {`[]`, "is not a JSON object"},
		"cut off": {`{"a.b": {"en": "x", "ru": "x", "ky": "x"}`, "a.json: "},
		"key twice": {`{"a.b": {"en": "x", "ru": "x", "ky": "x"}, "a.b": {"en": "x", "ru": "x", "ky": "x"}}`,
			`"a.b" is duplicated`},
		"key in two files":  {`{"other.file": {"en": "x", "ru": "x", "ky": "x"}}`, `"other.file": the key is duplicated`},
		"key is a sentence": {`{"Every payin.": {"en": "x", "ru": "x", "ky": "x"}}`, "not dotted lower case"},
		"language twice":    {`{"a.b": {"en": "x", "ru": "x", "ky": "x", "ky": "y"}}`, `"ky" is duplicated`},
		"language missing":  {`{"a.b": {"en": "x", "ru": "x"}}`, `the members are ["en" "ru"]`},
		"language unknown": {`{"a.b": {"en": "x", "ru": "x", "ky": "x", "de": "x"}}`,
			`the members are ["de" "en" "ky" "ru"]`},
		"empty":  {`{"a.b": {"en": "x", "ru": "", "ky": "x"}}`, "ru: the text is empty"},
		"number": {`{"a.b": {"en": 1, "ru": "x", "ky": "x"}}`, "en: json: "},
		"Russian without few": {`{"a.b": {"en": {"one": "x", "other": "x"}, "ru": {"one": "x", "many": "x"},
			"ky": {"one": "x", "other": "x"}}}`, `ru: the members are ["many" "one"]`},
		"Kyrgyz with many": {`{"a.b": {"en": {"one": "x", "other": "x"}, "ru": {"one": "x", "few": "x", "many": "x"},
			"ky": {"one": "x", "many": "x"}}}`, `ky: the members are ["many" "one"]`},
		"plural in one language": {`{"a.b": {"en": {"one": "%s", "other": "%s"}, "ru": "%s", "ky": "%s"}}`,
			"ru: the arguments or the plural differ"},
		"placeholder missing": {`{"a.b": {"en": "%s of %s", "ru": "%s", "ky": "%s, %s"}}`,
			"ru: the arguments or the plural differ"},
		"placeholder missing in 1": {`{"a.b": {"en": {"one": "x", "other": "%s in %s"},
			"ru": {"one": "x", "few": "x", "many": "x"}, "ky": {"one": "x", "other": "x"}}}`,
			`the form "other" takes 2 arguments, not 1`},
		"argument left out": {`{"a.b": {"en": "%[2]s", "ru": "%[2]s", "ky": "%[2]s"}}`, "does not use all arguments"},
		"another verb":      {`{"a.b": {"en": "%d", "ru": "%d", "ky": "%d"}}`, "a placeholder that is not %s"},
		"percent alone": {`{"a.b": {"en": "100 %", "ru": "100 %", "ky": "100 %"}}`,
			"a placeholder that is not %s"},
	} {
		_, err := load(fstest.MapFS{
			"a.json": {Data: []byte(c.file)},
			"0.json": {Data: []byte(`{"other.file": {"en": "x", "ru": "x", "ky": "x"}}`)},
		})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestReworded checks that rewording all English texts does not change a translation.
func TestReworded(t *testing.T) {
	reworded := make(fstest.MapFS)
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	reworded["sample.json"] = &fstest.MapFile{Data: []byte(sample)}
	for _, name := range names {
		file, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		reworded[name] = &fstest.MapFile{Data: file}
	}
	before, err := load(reworded)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range reworded {
		var keys map[string]map[string]any
		if err := json.Unmarshal(file.Data, &keys); err != nil {
			t.Fatal(err)
		}
		for _, of := range keys {
			switch english := of["en"].(type) {
			case string:
				of["en"] = "Reworded: " + english
			case map[string]any:
				for form, text := range english {
					english[form] = "Reworded: " + text.(string)
				}
			}
		}
		if file.Data, err = json.Marshal(keys); err != nil {
			t.Fatal(err)
		}
	}
	after, err := load(reworded)
	if err != nil {
		t.Fatal(err)
	}
	for key, has := range before.shapes {
		args := []any{2, "b", "c", "d", "e", "f", "g", "h", "i"}[:has.args]
		for _, language := range Languages {
			want := Printer{texts: before, language: language}.T(key, args...)
			if language == "en" {
				want = "Reworded: " + want
			}
			if got := (Printer{texts: after, language: language}).T(key, args...); got != want {
				t.Errorf("%s %s: %q, want %q", language, key, got, want)
			}
		}
	}
}

// computed returns the catalogue keys that the code composes from several strings, grouped by topic.
func computed(all map[string]shape) map[string][]string {
	var sheets []string
	for key := range all {
		if sheet, ok := strings.CutPrefix(key, "sheet."); ok && sheet != "summary" {
			sheets = append(sheets, sheet)
		}
	}
	return map[string][]string{
		"amount":     {"m", "i", "o", "a"},
		"cause":      reconcile.Causes(0xff).Names(),
		"contents":   sheets,
		"correction": {string(reconcile.CorrectionNone)},
		"decision":   {string(reconcile.ChoiceAccept), string(reconcile.ChoiceDecline), string(reconcile.ChoiceKeep)},
		"mail": {
			"headline_complete", "headline_partial", "headline_failed", "headline_held",
			"headline_released", "headline_discarded",
			"meaning_complete", "meaning_held", "meaning_released", "meaning_discarded",
		},
		"outcome": names(reconcile.Outcomes),
		"state":   names(reconcile.SupportStates),
		"step":    names(reconcile.TransitionKinds),
	}
}

func names[N ~string](all []N) []string {
	texts := make([]string, len(all))
	for i, name := range all {
		texts[i] = string(name)
	}
	return texts
}

// TestKeys checks that each key in the code has a text. TestKeys also checks that each key of the catalogue is in the
// code, in a template or among the computed keys.
func TestKeys(t *testing.T) {
	all := embedded().shapes
	subjects, named := make(map[string]bool), make(map[string]bool)
	for key := range all {
		subject, _, _ := strings.Cut(key, ".")
		subjects[subject] = true
	}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && strings.HasSuffix(d.Name(), "test") { // packages for tests contain no texts of the catalogue
				return fs.SkipDir
			}
			return err
		}
		for _, literal := range literals(t, path) {
			subject, _, dotted := strings.Cut(literal, ".")
			if _, ok := all[literal]; ok {
				named[literal] = true
			} else if dotted && subjects[subject] && filepath.Ext(literal) != ".html" && keyForm.MatchString(literal) {
				t.Errorf("%s: %q has no text", path, literal)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for subject, names := range computed(all) {
		for _, name := range names {
			key := subject + "." + name
			if _, ok := all[key]; !ok {
				t.Errorf("%q has no text", key)
			}
			named[key] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if !named[key] {
			t.Errorf("%q: nothing uses this text", key)
		}
	}
}

var quoted = regexp.MustCompile(`"[^"]*"`)

// literals returns the string literals of a Go file, an SQL file or a template.
func literals(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	switch folder := filepath.Base(filepath.Dir(path)); {
	case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, _ := strconv.Unquote(literal.Value)
				all = append(all, strings.TrimPrefix(text, ">")) // titles above numbers in the Summary have the prefix ">"
			}
			return true
		})
	case strings.HasSuffix(path, ".sql"): // statements contain codes of reasons
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, literal := range regexp.MustCompile(`'[a-z_.]+'`).FindAllString(string(text), -1) {
			all = append(all, strings.Trim(literal, "'"))
		}
	case folder == "templates":
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, literal := range quoted.FindAllString(string(text), -1) {
			all = append(all, strings.Trim(literal, `"`))
		}
	}
	return all
}
