// Package setup compares and writes the files of hhrecon init. Call Compare, show the changes to a person, and pass
// the changes to Write. A file that a person has edited is never replaced.
package setup

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"
)

const (
	record = "SHA256SUMS" // the files that the last hhrecon init wrote, as sha256sum lists them
	readme = "README.md"  // has counts and times, so it differs without a changed decision
)

// Change is a file whose content in the folder differs from the new content.
type Change struct {
	Path     string // path within the folder, with slashes
	Old, New []byte // Old is nil if the file is missing
	Edited   bool   // a person has edited the file, so Write writes the new content to Path.new
}

// Compare returns the files that differ from those in the folder, and the new SHA256SUMS. It returns none if no file
// but README.md has changed. The keys of files are paths with slashes.
func Compare(dir string, files map[string][]byte) (changes []Change, err error) {
	before, err := read(dir, record)
	var after []byte
	differs := false
	for _, path := range slices.Sorted(maps.Keys(files)) {
		c, fault := Change{Path: path, New: files[path]}, error(nil)
		c.Old, fault = read(dir, path)
		err = errors.Join(err, fault)
		line := sum(path, c.New)
		after = append(after, line...)
		c.Edited = c.Old != nil && !bytes.Contains(before, sum(path, c.Old))
		if bytes.Equal(c.Old, c.New) || c.Edited && bytes.Contains(before, line) {
			continue
		}
		changes, differs = append(changes, c), differs || path != readme
	}
	if err != nil || !differs {
		return nil, err
	}
	return append(changes, Change{Path: record, New: after}), nil
}

// sum returns a line of SHA256SUMS.
func sum(path string, text []byte) []byte {
	return fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(text), path)
}

// read returns nil for a missing file.
func read(dir, path string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// Diff returns a unified diff of a file that exists. It is empty for README.md, and for env, which may contain secrets.
func (c *Change) Diff() string {
	if c.Old == nil || c.Path == readme || c.Path == "env" {
		return ""
	}
	return string(diff.Diff(c.Path, c.Old, c.Path, c.New))
}

// Target returns the path to which Write writes.
func (c *Change) Target() string {
	if c.Edited {
		return c.Path + ".new"
	}
	return c.Path
}

// Write writes the changes into the folder, and creates the folder. Only this user can read the files. Write reads
// each file back.
func Write(dir string, changes []Change) error {
	for _, c := range changes {
		file := filepath.Join(dir, filepath.FromSlash(c.Target()))
		err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, c.New, 0o600))
		if err != nil {
			return err
		}
		if text, err := read(dir, c.Target()); err != nil || !bytes.Equal(text, c.New) {
			return errors.Join(fmt.Errorf("%s reads back differently: check the disk, and repeat the command", file), err)
		}
	}
	return nil
}
