// Package setup compares and writes the files of hhrecon init. Call Compare, show the changes to a person, and pass
// the changes to Write. A file that a person has edited is never replaced.
package setup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"
	"go.yaml.in/yaml/v4"

	"hhrecon/cmd/hhrecon/config"
)

// The files that differ without a changed decision: README.md has counts and times, and the record has hashes.
const (
	record = "mapping.yaml"
	readme = "README.md"
)

// Change is a file whose content in the folder differs from the new content.
type Change struct {
	Path     string // in the folder, with slashes
	Old, New []byte // Old is nil if the file is missing
	Edited   bool   // a person has edited the file, so Write writes the new content to Path.new
}

// Compare returns the files that differ from those in the folder, mapping.yaml last. It returns none if no decision and
// no file but README.md has changed. The keys of files are paths with slashes.
func Compare(dir string, files map[string][]byte) (changes []Change, err error) {
	var before struct {
		Files map[string]string `yaml:"files"` // the SHA-256 of the files that the last hhrecon init wrote
	}
	if text, err := os.ReadFile(filepath.Join(dir, record)); err == nil {
		if err = yaml.Load(text, &before); err != nil {
			return nil, config.UsageErrorf("%s: %w: restore this file, or choose another --out",
				filepath.Join(dir, record), err)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		c, wrote := Change{Path: path, New: files[path]}, before.Files[path]
		if c.Old, err = read(dir, path); err != nil {
			return nil, err
		}
		ours := c.Old == nil || hash(c.Old) == wrote || path == record && before.Files != nil
		switch {
		case bytes.Equal(c.Old, c.New), !ours && hash(c.New) == wrote:
			continue
		case !ours:
			c.Edited = true
			if other, err := read(dir, path+".new"); err != nil {
				return nil, err
			} else if other != nil && hash(other) != wrote && !bytes.Equal(other, c.New) {
				return nil, config.UsageErrorf("%s and %[1]s.new are both edited: move %[1]s.new away, and repeat the command",
					filepath.Join(dir, path))
			}
		}
		changes = append(changes, c)
	}
	if !slices.ContainsFunc(changes, func(c Change) bool {
		return c.Path != readme && (c.Path != record || !bytes.Equal(decisions(c.Old), decisions(c.New)))
	}) {
		return nil, nil
	}
	slices.SortStableFunc(changes, func(a, b Change) int { // the hashes must be written after the files
		return map[bool]int{true: 1}[a.Path == record] - map[bool]int{true: 1}[b.Path == record]
	})
	return changes, nil
}

// read returns nil for a missing file.
func read(dir, path string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// decisions returns mapping.yaml without the hashes.
func decisions(text []byte) []byte {
	text, _, _ = bytes.Cut(text, []byte("files:\n"))
	return text
}

// Diff returns a unified diff of a file that exists. It is empty for README.md, and for env, which may contain secrets.
func (c *Change) Diff() string {
	if c.Old == nil || c.Path == readme || c.Path == "env" {
		return ""
	}
	if c.Path == record {
		return string(diff.Diff(c.Path, decisions(c.Old), c.Path, decisions(c.New)))
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
