package docs

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"alerts", "decisions", "mail", "run", "runs"}
	for word, want := range map[string]string{
		"alert": "alerts", "dicesions": "decisions", "Mail": "mail", "rum": "run", "rus": "run or runs",
		"nothing": "", "": "",
	} {
		if want != "" {
			want = ", did you mean " + want + "?"
		}
		if got := Nearest(word, names); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func TestPage(t *testing.T) {
	for _, topic := range Topics() {
		if text, found := Page(topic); !found || text == "" {
			t.Errorf("no page %s", topic)
		}
	}
	for _, topic := range []string{"", "nothing", "../main", "./index"} {
		if _, found := Page(topic); found {
			t.Errorf("there is a page %q", topic)
		}
	}
}

// TestPlain checks that no Markdown links are left on a page for a terminal.
func TestPlain(t *testing.T) {
	for page, want := range map[string]string{
		"- [alerts](alerts.md): HighHelp's": "- alerts: HighHelp's",
		"a [copy](restore.md#make)":         "a copy (hhrecon help restore)",
		"[above](#keys)":                    "above",
		"[env](../deploy/env)":              "env (cmd/hhrecon/deploy/env)",
		"[schedules](../../../s.yaml)":      "schedules (s.yaml)",
		"[River](https://riverqueue.com)":   "River <https://riverqueue.com>",
		"[s.yaml](../../../s.yaml)":         "s.yaml",
		"[cmd/hhrecon/deploy](../deploy)":   "cmd/hhrecon/deploy",
		"`xlsx\\|csv` | a file":             "`xlsx|csv` | a file",
		"![a page](page.png)\n\ntext":       "text",
	} {
		if got := Plain(page); got != want {
			t.Errorf("%s is printed as %q, want %q", page, got, want)
		}
	}
	for _, topic := range Topics() {
		if page, _ := Page(topic); strings.Contains(Plain(page), "](") {
			t.Errorf("%s is printed with a Markdown link", topic)
		}
	}
}
