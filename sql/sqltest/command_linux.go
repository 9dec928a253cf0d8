package sqltest

import (
	"os/exec"
	"syscall"
)

// command prepares a program in a process group of its own, so that Ctrl-C reaches the test first. A
// server is ended by the kernel when the thread that started it ends.
func command(as *credential, dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = dir
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if as != nil {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: as.uid, Gid: as.gid}
	}
	if name != "/bin/sh" {
		c.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	}
	return c
}
