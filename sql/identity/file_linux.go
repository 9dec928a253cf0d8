package identity

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// fileID tells a file from others that have had, or will have, its path: by its inode and the time of its creation, if
// the file system knows that.
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
