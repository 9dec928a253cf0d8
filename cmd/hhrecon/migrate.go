package main

import (
	"context"
	"fmt"

	"hhrecon/sql"
)

// migrateCmd is `hhrecon migrate`.
type migrateCmd struct {
	SampleSchema bool `help:"Also create the default payins table."`
}

func (c *migrateCmd) Run(ctx context.Context, a *app) error {
	return a.with(ctx, a.connect, func(_ *settings, store *sql.Store) error {
		if err := store.Migrate(ctx, sql.MigrateOptions{SampleSchema: c.SampleSchema}); err != nil {
			return err
		}
		fmt.Fprintln(a.stdout, "The database is up to date.")
		return nil
	})
}
