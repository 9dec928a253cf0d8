package main

import (
	"context"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/sql"
)

// verifyCmd is `hhrecon verify`.
type verifyCmd struct{ auditlog.Flags }

func (c *verifyCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
		return auditlog.Verify(ctx, store, s, c.Project, c.Head, a.Stdout)
	})
}
