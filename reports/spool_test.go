package reports

import (
	"os"
	"testing"
)

// TestSpool checks that the temporary file has no name on disk, so a killed process leaves no file behind.
func TestSpool(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	err := WithSpool(func(spool *os.File) error {
		_, drop, err := NewSpool()
		if err != nil {
			return err
		}
		defer drop()
		if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) != 0 {
			t.Errorf("a kill would leave %v, %v", left, err)
		}
		_, err = spool.WriteString("still of use")
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
