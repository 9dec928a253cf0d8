//go:build !unix

package filemode

const modes = false

// Umask does nothing: a folder's access list is that of its files here.
func Umask() {}
