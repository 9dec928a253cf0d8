//go:build !linux

package identity

// fileID is not available on this system: only the path identifies a file.
func fileID(string) (string, error) { return "", nil }
