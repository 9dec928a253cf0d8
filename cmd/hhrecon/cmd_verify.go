package main

import (
	"context"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/sql"
)

// verifyCmd is `hhrecon verify`.
type verifyCmd struct {
	Project string `help:"Only this project." placeholder:"ID"`
}

func (c *verifyCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
		return auditlog.Verify(ctx, store, s, c.Project, a.stdout)
	})
}
