//go:build unix

package filemode

import "syscall"

// modes is true if file modes control the access to files on this system.
const modes = true

// Umask makes new files at most 0600 and new folders at most 0700, regardless of the umask that the process inherited.
func Umask() { syscall.Umask(0o077) }
