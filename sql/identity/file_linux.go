package identity

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// fileID returns an ID that distinguishes a file from earlier and later files with the same path. The ID consists of
// the inode and, if the file system has it, the time of creation.
func fileID(path string) (string, error) {
	var s unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_INO|unix.STATX_BTIME, &s); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	id := fmt.Sprintf("inode %d", s.Ino)
	if s.Mask&unix.STATX_BTIME != 0 {
		id += " of " + time.Unix(s.Btime.Sec, int64(s.Btime.Nsec)).UTC().Format(time.RFC3339Nano)
	}
	return id, nil
}
