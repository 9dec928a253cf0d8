package main

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"hhrecon/cmd/hhrecon/config"
)

var (
	variable = regexp.MustCompile(`\bHHRECON_[A-Z_]+[A-Z]\b`)
	span     = regexp.MustCompile("`[^`\n]*`")
	flagName = regexp.MustCompile(`(?:^|[\s\[(|])(--[a-z][a-z-]*)`)
	setting  = regexp.MustCompile("^`([a-z_]+)(?:: .*)?`$")

	testRun    = regexp.MustCompile(`(?m)^.*go test .*-run .*$`)
	testName   = regexp.MustCompile(`-run '?(\w+)`)
	testFolder = regexp.MustCompile(`\./[a-z/]+`)
	yamlText   = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")
)

// TestManualFlags checks that the manual names every flag of every command together with the command. The manual must
// not name an unknown flag.
func TestManualFlags(t *testing.T) {
	all, known := pages(t), map[string]bool{"--help": true}
	var lines []string
	for _, text := range all {
		lines = append(lines, strings.Split(text, "\n")...)
	}
	for _, leaf := range parser(t).Model.Leaves(true) {
		for _, flag := range leaf.Flags {
			known["--"+flag.Name] = true
			if !slices.ContainsFunc(lines, func(line string) bool { return isAbout(line, leaf, flag) }) &&
				!strings.Contains(all["docs/gateway.md"], "`--"+flag.Name+"`") {
				t.Errorf("no page has %s --%s", leaf.FullPath(), flag.Name)
			}
		}
	}
	for _, flag := range parser(t).Model.Flags {
		known["--"+flag.Name] = true
		if !strings.Contains(all["docs/commands.md"], "`--"+flag.Name) {
			t.Errorf("the page commands does not have --%s", flag.Name)
		}
	}
	for file, text := range all {
		for _, code := range span.FindAllString(text, -1) {
			if inner := strings.Trim(code, "`"); strings.HasPrefix(inner, "hhrecon ") || strings.HasPrefix(inner, "--") {
				for _, m := range flagName.FindAllStringSubmatch(inner, -1) {
					if !known[m[1]] {
						t.Errorf("%s: %s: there is no flag %s", file, code, m[1])
					}
				}
			}
		}
	}
}

// isAbout reports whether a line of the manual names a command and its flag.
func isAbout(line string, leaf *kong.Node, flag *kong.Flag) bool {
	return regexp.MustCompile(`--`+flag.Name+`\b`).MatchString(line) &&
		(strings.Contains(line, leaf.FullPath()+" ") || strings.Contains(line, "`"+leaf.Name+"`"))
}

// TestManualVariables checks that the page "settings" contains every environment variable of the program, and that the
// manual contains no unknown variable.
func TestManualVariables(t *testing.T) {
	program, others := variables(t, true), variables(t, false)
	all := pages(t)
	for name := range program {
		if !strings.Contains(all["docs/settings.md"], "`"+name+"`") {
			t.Errorf("the page settings does not have %s", name)
		}
	}
	for file, text := range all {
		for _, name := range variable.FindAllString(text, -1) {
			if base := strings.TrimSuffix(name, "_FILE"); !program[name] && !program[base] && !others[name] {
				t.Errorf("%s: no code reads %s", file, name)
			}
		}
	}
}

// variables returns the environment variables that are named in the code of the program, or in the code of tests.
func variables(t *testing.T, program bool) map[string]bool {
	t.Helper()
	named := make(map[string]bool)
	must(t, filepath.WalkDir("../..", func(path string, _ os.DirEntry, err error) error {
		ours := strings.HasPrefix(path, "../../cmd/hhrecon/") && !strings.HasSuffix(path, "_test.go")
		if err != nil || filepath.Ext(path) != ".go" || ours != program {
			return err
		}
		code, err := os.ReadFile(path)
		for _, name := range variable.FindAllString(string(code), -1) {
			named[name] = true
		}
		return err
	}))
	return named
}

// TestManualSettings checks that the manual's page "settings" describes exactly the settings of schedules.yaml.
// TestManualSettings also checks that all YAML examples in the manual are valid.
func TestManualSettings(t *testing.T) {
	keys := make(map[string]bool)
	for _, entry := range []any{config.ProjectEntry{}, config.JobEntry{}, config.MailEntry{}, config.PageEntry{}} {
		yamlKeys(reflect.TypeOf(entry), keys)
	}
	all := pages(t)
	_, page, _ := strings.Cut(all["docs/settings.md"], "\n## schedules.yaml\n")
	documented := map[string]bool{}
	for _, code := range span.FindAllString(page, -1) {
		if m := setting.FindStringSubmatch(code); m != nil {
			documented[m[1]] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !documented[key] {
			t.Errorf("the page settings does not have %s", key)
		}
	}
	others := []string{"timezone", "mail", "page", "address", "language", "reconcile", "report", "yesterday"}
	for key := range documented {
		if !keys[key] && !slices.Contains(others, key) {
			t.Errorf("the page settings has %s, which schedules.yaml does not have", key)
		}
	}
	for file, text := range all {
		for _, m := range yamlText.FindAllStringSubmatch(text, -1) {
			example := filepath.Join(t.TempDir(), "schedules.yaml")
			must(t, os.WriteFile(example, []byte(m[1]), 0o600))
			if _, err := config.Read(func(string) string { return "" }, example); err != nil {
				t.Errorf("%s: %v\n%s", file, err, m[1])
			}
		}
	}
}

// yamlKeys adds the keys of a type and of the types of its fields.
func yamlKeys(typ reflect.Type, keys map[string]bool) {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice:
		yamlKeys(typ.Elem(), keys)
	case reflect.Struct:
		for field := range typ.Fields() {
			name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if name != "" && name != "-" {
				keys[name] = true
			}
			if name != "-" && (name != "" || options == "inline") {
				yamlKeys(field.Type, keys)
			}
		}
	}
}

// TestManualTests checks that every Go test that is named in a command of the manual exists.
func TestManualTests(t *testing.T) {
	for file, text := range pages(t) {
		for _, m := range testRun.FindAllString(text, -1) {
			name, folder := testName.FindStringSubmatch(m)[1], testFolder.FindString(m)
			files, err := filepath.Glob(filepath.Join("../..", folder, "*_test.go"))
			must(t, err)
			if !slices.ContainsFunc(files, func(path string) bool {
				code, err := os.ReadFile(path)
				must(t, err)
				return strings.Contains(string(code), "\nfunc "+name)
			}) {
				t.Errorf("%s: %s: no such test", file, m)
			}
		}
	}
}
