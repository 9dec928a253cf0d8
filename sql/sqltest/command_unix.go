//go:build unix

package sqltest

import (
	"os/exec"
	"syscall"
)

// command prepares a program in a separate process group. Ctrl-C then reaches only the test.
func command(as *credential, dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = dir
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if as != nil {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: as.uid, Gid: as.gid}
	}
	endWithParent(c.SysProcAttr)
	return c
}
