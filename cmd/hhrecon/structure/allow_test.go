// Package structure holds the project to limits that no compiler knows: sizes of files, packages, interfaces and types,
// the names of commands' files, the length of lines, and words that the glossary bans.
//
// What broke a limit when it was introduced is in .ci/allow.txt, one line each: what, which rule, how much. A test
// fails if something is worse than its line says, or if a line says more than is there. `go test
// ./cmd/hhrecon/structure -update` lowers the lines; it never raises one. Only the allowance of a file that is gone
// passes to new files, for renames.
package structure

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root      = "../../.."
	allowFile = root + "/.ci/allow.txt"
	command   = "go test ./cmd/hhrecon/structure -update"
)

var update = flag.Bool("update", false, "lower the allowances to what is there")

// key is what breaks a rule: a file, a folder, or FILE:NAME for something declared in one.
type key struct{ what, rule string }

// offence is how much something breaks its rule, and where.
type offence struct {
	count int
	where []string
}

// offences are what a test found.
type offences map[key]*offence

func (o offences) add(what, rule string, count int, where ...string) {
	k := key{what, rule}
	if o[k] == nil {
		o[k] = &offence{}
	}
	o[k].count += count
	o[k].where = append(o[k].where, where...)
}

// compare fails the test if what was found is not what the list allows for these rules, which it names with their
// limits.
func (o offences) compare(t *testing.T, rules map[string]string) {
	t.Helper()
	allowed := readAllowed(t)
	if *update {
		o.lower(allowed, rules)
		writeAllowed(t, allowed)
	}
	for _, k := range sorted(o) {
		if found := o[k]; found.count > allowed[k] {
			t.Errorf("%s: %s: %d, allowed: %d (%s)%s", k.what, k.rule, found.count, allowed[k], rules[k.rule],
				strings.Join(append([]string{""}, found.where...), "\n\t"))
		}
	}
	var high []string
	for _, k := range sorted(allowed) {
		if n := o.count(k); rules[k.rule] != "" && n < allowed[k] {
			high = append(high, fmt.Sprintf("%s %s %d: now %d", k.what, k.rule, allowed[k], n))
		}
	}
	if len(high) > 0 {
		report := t.Logf
		if os.Getenv("CI") == "true" {
			report = t.Errorf
		}
		report(".ci/allow.txt allows more than is there; run: %s\n\t%s", command, strings.Join(high, "\n\t"))
	}
}

func (o offences) count(k key) int {
	if o[k] == nil {
		return 0
	}
	return o[k].count
}

// lower takes what is allowed for the rules down to what was found. What files that are gone were allowed passes to
// files without an allowance.
func (o offences) lower(allowed map[key]int, rules map[string]string) {
	for rule := range rules {
		free, fresh := 0, []key{}
		for _, k := range sorted(allowed) {
			if k.rule == rule && gone(k.what) {
				free += allowed[k]
				delete(allowed, k)
			} else if k.rule == rule {
				allowed[k] = min(allowed[k], o.count(k))
			}
		}
		for _, k := range sorted(o) {
			if _, listed := allowed[k]; k.rule == rule && !listed {
				fresh = append(fresh, k)
			}
		}
		for _, k := range fresh {
			if n := o.count(k); n <= free {
				free -= n
				allowed[k] = n
			}
		}
	}
	maps.DeleteFunc(allowed, func(_ key, n int) bool { return n == 0 })
}

func gone(what string) bool {
	file, _, _ := strings.Cut(what, ":")
	_, err := os.Stat(filepath.Join(root, file))
	return os.IsNotExist(err)
}

func sorted[V any](m map[key]V) []key {
	return slices.SortedFunc(maps.Keys(m), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.what, b.what), cmp.Compare(a.rule, b.rule))
	})
}

func readAllowed(t *testing.T) map[key]int {
	t.Helper()
	text, err := os.ReadFile(allowFile)
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[key]int{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			t.Fatalf(".ci/allow.txt: %q is not: what rule count", line)
		}
		n, err := strconv.Atoi(fields[2])
		if err != nil {
			t.Fatalf(".ci/allow.txt: %q: %v", line, err)
		}
		allowed[key{fields[0], fields[1]}] = n
	}
	return allowed
}

func writeAllowed(t *testing.T, allowed map[key]int) {
	t.Helper()
	var text strings.Builder
	for _, k := range sorted(allowed) {
		fmt.Fprintln(&text, k.what, k.rule, allowed[k])
	}
	if err := os.WriteFile(allowFile, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
