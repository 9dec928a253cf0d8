//go:build unix && !linux

package sqltest

import "syscall"

// fastFolder returns the folder for databases. TMPDIR may be too long for a socket's path, and closed to other users.
func fastFolder() string { return "/tmp" }

func endWithParent(*syscall.SysProcAttr) {}
