package main

import (
	"context"
	"fmt"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// adoptCmd is `hhrecon adopt`.
type adoptCmd struct {
	As string `required:"" enum:"production,copy" placeholder:"production|copy" help:"What the database is now."`

	actions.Who `embed:""`
}

func (c *adoptCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
		by, err := c.Person(ctx, s, store, reconcile.RoleAdmin)
		if err != nil {
			return err
		}
		id, changed, err := store.Adopt(ctx, c.As == "copy", by, c.Note)
		switch {
		case err != nil:
			return err
		case !changed:
			fmt.Fprintf(a.Stdout, "Recorded already as %s: %s.\n", c.As, id)
		case c.As == "copy":
			fmt.Fprintf(a.Stdout, "It is a copy: %s. Nothing is asked, sent or written; what only reads works.\n", id)
		default:
			fmt.Fprintf(a.Stdout, "It is the production database: %s. Make sure that the old one is not used any more.\n", id)
		}
		return nil
	})
}
