package main

import (
	"context"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/service"
)

// verifyCmd is the command `hhrecon verify`.
type verifyCmd struct{ auditlog.Flags }

func (c *verifyCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(n *service.RunContext) error {
		return auditlog.Verify(ctx, n.Store, n.Settings, c.Project, c.Head, a.Stdout)
	})
}
