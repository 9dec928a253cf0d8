package audit_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hhrecon/sql/audit"
)

// ReadKeys reads a file of keys completely or rejects the file. A file is also rejected if other users can read it.
func TestReadKeys(t *testing.T) {
	const secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	for _, test := range []struct {
		text string
		mode os.FileMode
		want string
	}{
		{"2027:" + secret + "\n2026:" + secret + "\n", 0o640, ""},
		{"2027:" + secret, 0o644, "other users can read"},
		{"\uFEFF2027:" + secret, 0o600, "line 1: write ID:SECRET"},
		{"20 27:" + secret, 0o600, "line 1: write ID:SECRET"},
		{"", 0o600, "line 1: write ID:SECRET"},
		{"2027:" + secret + "\n\n", 0o600, ""},
		{":" + secret, 0o600, "line 1: write ID:SECRET"},
		{"2027:" + secret + "\n2026:c2hvcnQ=", 0o600, "line 2: write ID:SECRET"},
		{"2027:" + secret + "\n2026:no base64", 0o600, "line 2: write ID:SECRET"},
		{"2027:" + secret + "\n2027:" + secret, 0o600, `line 2: the key "2027" occurs twice`},
	} {
		file := filepath.Join(t.TempDir(), "keys")
		if err := os.WriteFile(file, []byte(test.text), test.mode); err != nil {
			t.Fatal(err)
		}
		keys, err := audit.ReadKeys(file)
		text := fmt.Sprint(err)
		switch {
		case test.want == "" && (err != nil || keys[0].ID != "2027"):
			t.Errorf("%q: %v, %v", test.text, keys, err)
		case !strings.Contains(text, test.want) || strings.Contains(text, secret):
			t.Errorf("%q, %v: %s", test.text, test.mode, text)
		}
	}
}
