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
	s, err := a.settings()
	if err != nil {
		return err
	}
	store, err := a.connect(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.Migrate(ctx, sql.MigrateOptions{SampleSchema: c.SampleSchema}); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "The database is up to date.")
	return nil
}
