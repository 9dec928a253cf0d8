package main

import (
	"fmt"

	"hhrecon/cmd/hhrecon/usage"
)

// completionCmd is the command `hhrecon completion SHELL`.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints the script.
func (c *completionCmd) Run(a *app) error {
	_, err := fmt.Fprint(a.Stdout, usage.Scripts[c.Shell])
	return err
}
