package main

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"hhrecon/cmd/hhrecon/docs"
)

// pages are README and the manual's pages, by file.
func pages(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("docs/*.md")
	must(t, err)
	all := make(map[string]string)
	for _, file := range append(files, "../../README.md") {
		text, err := os.ReadFile(file)
		must(t, err)
		all[file] = string(text)
	}
	return all
}

var (
	link    = regexp.MustCompile(`\[[^\]]*\]\(([^)]*)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	block   = regexp.MustCompile("(?ms)^```.*?^```$")
	inline  = regexp.MustCompile("`hhrecon ([a-z]+)(?: ([a-z]+))?")
	line    = regexp.MustCompile(`(?m)^(?:.*&& )?hhrecon ([^#|>&\n]*)`)
	quoted  = regexp.MustCompile(`'[^']*'|\S+`)
)

func newParser() *kong.Kong { return kong.Must(&cli{}, kong.Vars{"version": version}) }

// TestManualLists: every page is in the index and in README, and no page has the name of a command.
func TestManualLists(t *testing.T) {
	all := pages(t)
	for _, topic := range docs.Topics() {
		if find(newParser().Model.Node, topic) != nil {
			t.Errorf("%s is a command too", topic)
		}
		if topic == "index" {
			continue
		}
		if !strings.Contains(all["docs/index.md"], "- ["+topic+"]("+topic+".md): ") {
			t.Errorf("the index does not list %s", topic)
		}
		if !strings.Contains(all["../../README.md"], "["+topic+"](cmd/hhrecon/docs/"+topic+".md)") {
			t.Errorf("README does not list %s", topic)
		}
	}
}

// TestManualLinks: every link leads to a file, and its fragment to a heading.
func TestManualLinks(t *testing.T) {
	for file, text := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(block.ReplaceAllString(text, ""), -1) {
			u, err := url.Parse(m[1])
			must(t, err)
			if u.IsAbs() {
				continue
			}
			target := file
			if u.Path != "" {
				target = filepath.Join(filepath.Dir(file), u.Path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s: %v", file, m[0], err)
			}
			if u.Fragment == "" {
				continue
			}
			page, err := os.ReadFile(target)
			must(t, err)
			if !slices.Contains(anchors(string(page)), u.Fragment) {
				t.Errorf("%s: %s: no such heading", file, m[0])
			}
		}
	}
}

// anchors are the fragments that lead to a page's headings.
func anchors(text string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		kept := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(kept, " ", "-"))
	}
	return all
}

// TestManualCommands: every command that README and the manual name exists, and every command line there is one that
// hhrecon takes.
func TestManualCommands(t *testing.T) {
	named := make(map[string]bool)
	all := pages(t)
	t.Chdir(t.TempDir())
	must(t, os.WriteFile("night.xlsx", nil, 0o600)) // the argument of a command line
	for file, text := range all {
		for _, m := range inline.FindAllStringSubmatch(text, -1) {
			node := find(newParser().Model.Node, m[1])
			if node == nil || len(node.Children) > 0 && find(node, m[2]) == nil {
				t.Errorf("%s: %s: no such command", file, m[0])
			}
			named[m[1]] = true
		}
		for _, code := range block.FindAllString(text, -1) {
			for _, m := range line.FindAllStringSubmatch(code, -1) {
				args := quoted.FindAllString(m[1], -1)
				if _, err := newParser().Parse(args); err != nil {
					t.Errorf("%s: hhrecon %s: %v", file, m[1], err)
				}
			}
		}
	}
	for _, command := range newParser().Model.Children {
		if !named[command.Name] {
			t.Errorf("no page names %s", command.Name)
		}
	}
}

func find(node *kong.Node, name string) *kong.Node {
	i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == name })
	if i < 0 {
		return nil
	}
	return node.Children[i]
}
