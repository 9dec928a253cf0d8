package sql

import (
	"path/filepath"
	"testing"

	"github.com/jmoiron/sqlx"

	"hhrecon/sql/db"
)

// SQLite's commits must survive a power failure, so "pragma synchronous" must be 2, which means FULL. The driver
// ignores a misspelled pragma in the file's options.
func TestSQLiteIsSynchronous(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "hhrecon.sqlite"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	err = s.Write(t.Context(), db.RetryConflict, func(tx *sqlx.Tx) error {
		for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1",
			"busy_timeout": "60000"} {
			var is string
			if err := tx.Get(&is, "pragma "+pragma); err != nil {
				return err
			}
			if is != want {
				t.Errorf("%s is %s, not %s", pragma, is, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
