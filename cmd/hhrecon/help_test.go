package main

import (
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"hhrecon/cmd/hhrecon/docs"
	"hhrecon/cmd/hhrecon/usage"
)

// pages returns README and the manual's pages by file.
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
	source  = regexp.MustCompile("`((?:cmd|highhelp|reconcile|reports|sql|\\.ci)/[a-z0-9_/.-]+)`")
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	block   = regexp.MustCompile("(?ms)^```.*?^```$")
	inline  = regexp.MustCompile("`hhrecon ([a-z]+)(?: ([a-z]+))?")
	line    = regexp.MustCompile(`(?m)^(?:.*&& )?hhrecon ([^#|>&\n]*)`)
	quoted  = regexp.MustCompile(`'[^']*'|\S+`)
)

func parser(t *testing.T) *kong.Kong {
	t.Helper()
	k, err := newParser(&cli{})
	must(t, err)
	return k
}

// TestManualLists checks that the index and README list every page of the manual, and that the name of a page is never
// the name of a command.
func TestManualLists(t *testing.T) {
	all := pages(t)
	for _, topic := range docs.Topics() {
		if usage.Child(parser(t).Model.Node, topic) != nil {
			t.Errorf("%s is also a command", topic)
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

// TestManualLinks checks that every link points to a file, every fragment to a heading, and that named files exist.
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
		for _, m := range source.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

// anchors returns the URL fragments of a page's headings.
func anchors(text string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		kept := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(kept, " ", "-"))
	}
	return all
}

// TestManualCommands checks that every command in README and the manual exists, and that hhrecon accepts every command
// line there.
func TestManualCommands(t *testing.T) {
	named := make(map[string]bool)
	all := pages(t)
	t.Chdir(t.TempDir())
	must(t, os.WriteFile("night.xlsx", nil, 0o600)) // a command line in the manual names this file
	for file, text := range all {
		for _, m := range inline.FindAllStringSubmatch(text, -1) {
			node := usage.Child(parser(t).Model.Node, m[1])
			if node == nil || len(node.Children) > 0 && usage.Child(node, m[2]) == nil {
				t.Errorf("%s: %s: no such command", file, m[0])
			}
			named[m[1]] = true
		}
		for _, code := range block.FindAllString(text, -1) {
			for _, m := range line.FindAllStringSubmatch(code, -1) {
				args := quoted.FindAllString(m[1], -1)
				if _, err := parser(t).Parse(args); err != nil {
					t.Errorf("%s: hhrecon %s: %v", file, m[1], err)
				}
			}
		}
	}
	for _, command := range parser(t).Model.Children {
		if !named[command.Name] && !command.Hidden {
			t.Errorf("no page mentions %s", command.Name)
		}
	}
}

// TestUsages checks that each command has an example that hhrecon accepts, and that --help prints the example and the
// exit statuses.
func TestUsages(t *testing.T) {
	for _, leaf := range parser(t).Model.Leaves(true) {
		_, example := usage.Of(leaf.Path())
		if strings.HasPrefix(example, "hhrecon ") {
			_, err := parser(t).Parse(quoted.FindAllString(strings.TrimPrefix(example, "hhrecon "), -1))
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: %v", example, err)
			}
		}
		out, _, code := hhrecon(t, append(strings.Fields(leaf.Path()), "--help")...)
		if code != exitOK || example == "" || !strings.Contains(out, "\nExamples:\n  "+example+"\n") ||
			!strings.Contains(out, "\n  2  wrong command line or settings; nothing was done\n") {
			t.Errorf("%s --help ends with status %d and prints\n%s", leaf.Path(), code, out)
		}
	}
	busy := "\n  4  another run is working on the project\n"
	if out, _, _ := hhrecon(t, "undo", "--help"); !strings.Contains(out, busy) {
		t.Errorf("undo --help does not have the status 4:\n%s", out)
	}
}

// TestSuggestions checks that a mistyped command or flag gives a suggestion.
func TestSuggestions(t *testing.T) {
	for line, want := range map[string]string{
		"rnu":           `did you mean one of "run", "runs"?` + "\nTry: hhrecon --help",
		"migrat":        `did you mean "migrate"?`,
		"run --dry-rnu": `did you mean "--dry-run"?` + "\nTry: hhrecon run --help",
		"user ad Aida":  `did you mean "add"?` + "\nTry: hhrecon user --help",
		"help alert":    "did you mean alerts?",
		"-v":            "unknown flag -v\n",
		"show -1":       "unknown flag -1\n",
	} {
		if _, log, code := hhrecon(t, strings.Fields(line)...); code != exitUsage || !strings.Contains(log, want) {
			t.Errorf("hhrecon %s: status %d, %s", line, code, log)
		}
	}
}

// TestEmptyTopic checks that `hhrecon help` with an empty topic prints the same as without a topic.
func TestEmptyTopic(t *testing.T) {
	want, _, _ := hhrecon(t, "help")
	if out, log, code := hhrecon(t, "help", ""); code != exitOK || out != want {
		t.Errorf("status %d, %s%s", code, out, log)
	}
}

// TestVersion checks the order in which sources of the version are used. The order is the linker, the module, and the
// commit.
func TestVersion(t *testing.T) {
	commit := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}
	for want, info := range map[string]*debug.BuildInfo{
		"dev":                nil,
		"v1.2.3":             {Main: debug.Module{Version: "v1.2.3"}, Settings: commit},
		"0123456789ab+dirty": {Main: debug.Module{Version: "(devel)"}, Settings: commit},
	} {
		if got := usage.VersionOf(info); got != want {
			t.Errorf("version %q, want %q", got, want)
		}
	}
	for _, args := range []string{"version", "--version"} {
		if out, _, code := hhrecon(t, args); code != exitOK || !strings.HasPrefix(out, "hhrecon "+version+" (go1.") {
			t.Errorf("%s: status %d, %q", args, code, out)
		}
	}
}

// hhrecon runs the program in this process.
func hhrecon(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, log strings.Builder
	code = run(t.Context(), args, func(string) string { return "" }, &out, &log)
	return out.String(), log.String(), code
}

// TestCompletion checks that the script of `hhrecon completion bash` completes commands, flags, values and topics.
func TestCompletion(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	for line, want := range map[string]string{
		"hhrecon r":                 "run report runs replay release",
		"hhrecon user a":            "add",
		"hhrecon run --dr":          "--dry-run",
		"hhrecon report --fo":       "--format",
		"hhrecon report --format j": "json",
		"hhrecon help ala":          "",
		"hhrecon help al":           "alerts",
		"hhrecon run --report ":     "",
		"hhrecon --log-level = d":   "debug",
		"hhrecon user add --role =": "viewer finance admin",
		"hhrecon completion bash ":  "",
		"hhrecon completion f":      "fish",
		"hhrecon help support ":     "list mark",
		"hhrecon help run ":         "",
		"hhrecon nonsense ":         "",
		"hhrecon release 3 --cl":    "--class",
	} {
		const script = `source <(hhrecon completion bash); read -ra COMP_WORDS <<<"$1"
[[ $1 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _hhrecon; echo "${COMPREPLY[*]}"
exit $((${#COMPREPLY[@]} == 1 && ${#COMPREPLY} == 0))`
		c := exec.CommandContext(t.Context(), bash, "-c", script, "bash", line)
		out, err := c.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q: %v, %q, want %q", line, err, got, want)
		}
	}
	if out, _, _ := hhrecon(t, usage.Complete, "--log-level=d"); out != "--log-level=debug\n" {
		t.Errorf("one word is completed to %q", out)
	}
	for _, shell := range []string{"zsh", "fish"} {
		out, _, code := hhrecon(t, "completion", shell)
		if code != exitOK || !strings.Contains(out, "hhrecon "+usage.Complete) {
			t.Errorf("%s: status %d, %q", shell, code, out)
		}
	}
}
