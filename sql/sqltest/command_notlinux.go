//go:build unix && !linux

package sqltest

import "syscall"

// fastFolder returns the folder for databases. TMPDIR is not used, because its path may be too long for a socket, and
// other users may have no access.
func fastFolder() string { return "/tmp" }

func endWithParent(*syscall.SysProcAttr) {}
