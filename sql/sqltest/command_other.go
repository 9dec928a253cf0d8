//go:build !unix

package sqltest

import "os/exec"

// command prepares a program; the server runs as the user that we are.
func command(_ *credential, dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = dir
	return c
}
