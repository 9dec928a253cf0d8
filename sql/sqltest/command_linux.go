package sqltest

import (
	"os/exec"
	"syscall"
)

// enoughMemory is how many bytes of files in memory a run of all tests may take, several times over.
const enoughMemory = 4 << 30

// fastFolder is for databases. In memory they are made and dropped in a tenth of the time. TMPDIR may be too deep for a
// socket's name and closed to other users.
func fastFolder() string {
	const memory, writable = "/dev/shm", 2
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < enoughMemory {
		return "/tmp"
	}
	if syscall.Access(memory, writable) != nil {
		return "/tmp"
	}
	return memory
}

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
