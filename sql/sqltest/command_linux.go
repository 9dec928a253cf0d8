package sqltest

import "syscall"

// enoughMemory is the free space in /dev/shm, in bytes, that a run of all tests needs several times over.
const enoughMemory = 4 << 30

// fastFolder returns the folder for databases. In memory, creating and dropping them takes a tenth of the time. TMPDIR
// may be too long for a socket's path, and closed to other users.
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

// endWithParent makes the kernel end a process when the thread that started it ends.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
