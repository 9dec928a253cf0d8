// Package filemode keeps what hhrecon writes from the other users of a machine: Umask at the start of the program is
// for every file and folder that is made from then on. CheckReadable and Writable judge those that are there.
package filemode

import (
	"fmt"
	"io/fs"
	"os"
)

// CheckReadable returns an error with its cure if every user of this machine can read or change a file. A file that is
// not there is for others to judge.
func CheckReadable(file string) error {
	if mode(file)&0o006 == 0 {
		return nil
	}
	const text = "every user of this machine can read or change %s (mode %04o): chmod o= %[1]s"
	return fmt.Errorf(text, file, mode(file).Perm())
}

// Writable tells whether every user of this machine can change a file, or the files of a folder.
func Writable(path string) bool { return mode(path)&0o002 != 0 && mode(path)&fs.ModeSticky == 0 }

// mode is 0 for what is not there, and on systems whose files have no modes.
func mode(path string) fs.FileMode {
	info, err := os.Stat(path)
	if err != nil || !modes {
		return 0
	}
	return info.Mode()
}
