// Package structure tests limits that the compiler does not check: sizes of files, packages, interfaces and types,
// names of command files, the length of lines, and banned words.
//
// .ci/allow.txt lists each file or declaration that exceeds a limit, with the rule and the size. A test fails if
// something exceeds its allowance, or if an allowance is too high. `go test ./cmd/hhrecon/structure -update` lowers
// allowances and never raises one. The allowance of a deleted file passes to new files, for renames.
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

var update = flag.Bool("update", false, "lower the allowances to the current values")

// key identifies a file, a folder, or a declaration as FILE:NAME.
type key struct{ what, rule string }

// offence is a violation of a rule by a file or declaration. count is its size, such as the number of lines, and where
// lists its places in the source.
type offence struct {
	count int
	where []string
}

// offences are the violations that a test finds in the source.
type offences map[key]*offence

func (o offences) add(what, rule string, count int, where ...string) {
	k := key{what, rule}
	if o[k] == nil {
		o[k] = &offence{}
	}
	o[k].count += count
	o[k].where = append(o[k].where, where...)
}

// compare fails the test if the violations differ from the allowances of these rules. rules maps each
// rule to its limit.
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
		report(".ci/allow.txt allows too much; run: %s\n\t%s", command, strings.Join(high, "\n\t"))
	}
}

func (o offences) count(k key) int {
	if o[k] == nil {
		return 0
	}
	return o[k].count
}

// lower reduces the allowances of the rules to the sizes of the violations. Allowances of deleted files pass
// to files without one.
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
