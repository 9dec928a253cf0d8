//go:build !unix

package sqltest

import "os/exec"

// command prepares a program that runs as the current user.
func command(_ *credential, dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = dir
	return c
}
