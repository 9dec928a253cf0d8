//go:build unix

package filemode

import "syscall"

// modes says that the modes of files say who may do what.
const modes = true

// Umask makes files 0600 and folders 0700 at most, SQLite's among them, whatever the process inherited.
func Umask() { syscall.Umask(0o077) }
