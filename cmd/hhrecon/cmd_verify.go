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
	Head    string `help:"Also compare with this head of a report, of one project." placeholder:"N:HASH"`
}

func (c *verifyCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
		return auditlog.Verify(ctx, store, s, c.Project, c.Head, a.stdout)
	})
}
