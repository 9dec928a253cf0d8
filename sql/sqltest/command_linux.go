package sqltest

import "syscall"

// enoughMemory is the required free space in /dev/shm, in bytes. All tests together need only a fraction of this space.
const enoughMemory = 4 << 30

// fastFolder returns the folder for databases. In memory, creating and dropping databases is ten times faster. TMPDIR
// is not used, because its path may be too long for a socket, and other users may have no access.
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

// endWithParent makes the kernel send SIGQUIT to a process when the thread that started the process ends.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
