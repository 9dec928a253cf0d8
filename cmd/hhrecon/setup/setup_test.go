package setup_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hhrecon/cmd/hhrecon/setup"
)

// files returns the files of one version. The queries contain the given text, and README.md contains the given time.
func files(unit, query, readme string) map[string][]byte {
	query += "\n"
	return map[string][]byte{"sql/open_payins.sql": []byte(query), "README.md": []byte(readme),
		"env": []byte("PASSWORD"), "mapping.yaml": []byte("unit: " + unit + "\n")}
}

// TestFolder writes versions of the files one after the other, with edits by a person between them.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for _, step := range []struct {
		name  string
		edit  map[string]string // files that a person writes before this version
		files map[string][]byte
		want  string // paths that Write must write
		diffs string // text that the diffs must contain
	}{
		{"the first version", nil, files("major", "a", "1"),
			"README.md env mapping.yaml sql/open_payins.sql SHA256SUMS", ""},
		{"the same version", nil, files("major", "a", "1"), "", ""},
		{"only README.md differs", nil, files("major", "a", "2"), "", ""},
		{"a changed query", nil, files("major", "b", "3"), "README.md sql/open_payins.sql SHA256SUMS", "-a\n+b\n"},
		{"a changed decision", nil, files("minor", "b", "4"), "README.md mapping.yaml SHA256SUMS",
			"-unit: major\n+unit: minor\n"},
		{"an edited env", map[string]string{"env": "secret"}, files("minor", "b", "4"), "", ""},
		{"a missing file", map[string]string{"sql/open_payins.sql": ""}, files("minor", "b", "4"),
			"sql/open_payins.sql SHA256SUMS", ""},
		{"an edited query", map[string]string{"sql/open_payins.sql": "mine\n"}, files("minor", "c", "4"),
			"sql/open_payins.sql.new SHA256SUMS", "-mine\n+c\n"},
		{"the edited query again", nil, files("minor", "d", "4"), "sql/open_payins.sql.new SHA256SUMS", "-mine\n+d\n"},
		{"the edited query without a new proposal", nil, files("minor", "d", "4"), "", ""},
		{"the person takes the proposal", map[string]string{"sql/open_payins.sql": "d\n", "sql/open_payins.sql.new": ""},
			files("minor", "e", "4"), "sql/open_payins.sql SHA256SUMS", "-d\n+e\n"},
		{"a missing record", map[string]string{"SHA256SUMS": ""}, files("minor", "f", "4"),
			"env.new sql/open_payins.sql.new SHA256SUMS", ""},
	} {
		for path, text := range step.edit {
			if file := filepath.Join(dir, path); text == "" {
				must(t, os.Remove(file))
			} else {
				must(t, os.WriteFile(file, []byte(text), 0o600))
			}
		}
		changes, err := setup.Compare(dir, step.files)
		must(t, err)
		must(t, setup.Write(dir, changes))
		var targets []string
		diffs := ""
		for _, c := range changes {
			targets, diffs = append(targets, c.Target()), diffs+c.Diff()
			if text, err := os.ReadFile(filepath.Join(dir, c.Target())); err != nil || string(text) != string(c.New) {
				t.Errorf("%s: %s has %q, %v", step.name, c.Target(), text, err)
			}
		}
		if got := strings.Join(targets, " "); got != step.want {
			t.Errorf("%s: wrote %q, want %q", step.name, got, step.want)
		}
		if !strings.Contains(diffs, step.diffs) || strings.Contains(diffs, "secret") {
			t.Errorf("%s: the diffs are\n%s", step.name, diffs)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "env"))
	if must(t, err); string(text) != "secret" {
		t.Errorf("env was replaced by %q", text)
	}
	must(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if info, e := entry.Info(); err == nil && path != dir && (e != nil || info.Mode()&0o077 != 0) {
			t.Errorf("%s has the mode %v, %v", path, info.Mode(), e)
		}
		return err
	}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
