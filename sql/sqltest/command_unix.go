//go:build unix && !linux

package sqltest

import (
	"os/exec"
	"syscall"
)

// command prepares a program in a process group of its own, so that Ctrl-C reaches the test first.
func command(as *credential, dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = dir
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if as != nil {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: as.uid, Gid: as.gid}
	}
	return c
}

// fastFolder is for databases. TMPDIR may be too deep for a socket's name and closed to other users.
func fastFolder() string { return "/tmp" }
