package setup_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hhrecon/cmd/hhrecon/setup"
)

// files returns the files of one version: the queries have a text, and README.md has the time.
func files(unit, query, readme string) map[string][]byte {
	query += "\n"
	all := map[string][]byte{"sql/open_payins.sql": []byte(query), "README.md": []byte(readme), "env": []byte("PASSWORD")}
	record := "unit: " + unit + "\nfiles:\n"
	for path, text := range all {
		record += fmt.Sprintf("  %s: %x\n", path, sha256.Sum256(text))
	}
	all["mapping.yaml"] = []byte(record)
	return all
}

// TestFolder writes versions of the files one after the other, with edits by a person between them.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for _, step := range []struct {
		name  string
		edit  map[string]string // files that a person writes before
		files map[string][]byte
		want  string // paths that are written
		diffs string // text in the diffs
		err   string
	}{
		{"the first version", nil, files("major", "a", "1"), "README.md env sql/open_payins.sql mapping.yaml", "", ""},
		{"the same version", nil, files("major", "a", "1"), "", "", ""},
		{"only README.md differs", nil, files("major", "a", "2"), "", "", ""},
		{"a changed query", nil, files("major", "b", "3"),
			"README.md sql/open_payins.sql mapping.yaml", "-a\n+b\n", ""},
		{"a changed decision", nil, files("minor", "b", "4"), "README.md mapping.yaml", "-unit: major\n+unit: minor\n", ""},
		{"an edited env", map[string]string{"env": "secret"}, files("minor", "b", "4"), "", "", ""},
		{"a missing file", map[string]string{"sql/open_payins.sql": ""}, files("minor", "b", "4"),
			"sql/open_payins.sql", "", ""},
		{"an edited query", map[string]string{"sql/open_payins.sql": "mine\n"}, files("minor", "c", "4"),
			"sql/open_payins.sql.new mapping.yaml", "-mine\n+c\n", ""},
		{"the edited query again", nil, files("minor", "d", "4"), "sql/open_payins.sql.new mapping.yaml", "-mine\n+d\n", ""},
		{"the edited query without a new proposal", nil, files("minor", "d", "4"), "", "", ""},
		{"an edited proposal", map[string]string{"sql/open_payins.sql.new": "also mine\n"}, files("minor", "e", "4"),
			"", "", "are both edited"},
		{"the person takes the proposal", map[string]string{"sql/open_payins.sql": "d\n", "sql/open_payins.sql.new": ""},
			files("minor", "e", "4"), "sql/open_payins.sql mapping.yaml", "-d\n+e\n", ""},
		{"a damaged record", map[string]string{"mapping.yaml": "files: ["}, files("minor", "e", "4"),
			"", "", "restore this file"},
		{"a record of another program", map[string]string{"mapping.yaml": "key: value\n"}, files("minor", "f", "4"),
			"env.new sql/open_payins.sql.new mapping.yaml.new", "", ""},
	} {
		for path, text := range step.edit {
			if file := filepath.Join(dir, path); text == "" {
				must(t, os.Remove(file))
			} else {
				must(t, os.WriteFile(file, []byte(text), 0o600))
			}
		}
		changes, err := setup.Compare(dir, step.files)
		if (err != nil) != (step.err != "") || err != nil && !strings.Contains(err.Error(), step.err) {
			t.Errorf("%s: %v", step.name, err)
		}
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
