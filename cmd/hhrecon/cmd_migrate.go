package main

import (
	"context"
	"fmt"
	"strings"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/sql"
)

// migrateCmd is the command `hhrecon migrate`.
type migrateCmd struct {
	SampleSchema bool   `help:"Also create the default payins table."`
	Grants       bool   `help:"Only print the SQL that creates PostgreSQL's two users."`
	User         string `help:"With --grants: the user that runs hhrecon; NAME_owner owns its tables." default:"hhrecon"`
	Queue        bool   `help:"Also create River's tables, for hhrecon run --queue; PostgreSQL only."`
}

func (c *migrateCmd) Run(ctx context.Context, a *app) error {
	if c.Grants {
		if s, err := a.ReadSettings(); err == nil && strings.HasPrefix(s.OwnerURL, "sqlite:") {
			return config.UsageErrorf("--grants requires PostgreSQL: SQLite has no users")
		}
		return auditlog.PrintGrants(a.Stdout, c.User)
	}
	a.owner, a.create = true, true
	return a.with(ctx, func(n *service.RunContext) error {
		if err := n.Store.Migrate(ctx, sql.MigrateOptions{SampleSchema: c.SampleSchema}); err != nil {
			return err
		}
		if c.Queue {
			if err := n.Store.MigrateQueue(ctx); err != nil {
				return exit.With(exit.Usage, fmt.Errorf("--queue: %w", err))
			}
		}
		fmt.Fprintln(a.Stdout, "The database is up to date.")
		return nil
	})
}
