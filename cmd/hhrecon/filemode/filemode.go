// Package filemode protects files from other users of the machine. Call Umask at the start of the program. Umask
// restricts all files and folders that are created later. CheckReadable and IsWritable check existing files.
package filemode

import (
	"fmt"
	"io/fs"
	"os"
)

// CheckReadable returns an error if every user of this machine can read or change a file. The error says how to fix the
// permissions. A missing file is not an error.
func CheckReadable(file string) error {
	if mode(file)&0o006 == 0 {
		return nil
	}
	const text = "every user of this machine can read or change %s (mode %04o): chmod o= %[1]s"
	return fmt.Errorf(text, file, mode(file).Perm())
}

// IsWritable reports whether every user of this machine can change a file, or the files in a folder.
func IsWritable(path string) bool { return mode(path)&0o002 != 0 && mode(path)&fs.ModeSticky == 0 }

// mode returns the mode of a file. mode returns 0 for a missing file, and on systems without file modes.
func mode(path string) fs.FileMode {
	info, err := os.Stat(path)
	if err != nil || !modes {
		return 0
	}
	return info.Mode()
}
