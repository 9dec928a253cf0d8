//go:build !unix

package filemode

const modes = false

// Umask does nothing, because on this system the access list of the folder applies to its files.
func Umask() {}
