package docs

import "testing"

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
