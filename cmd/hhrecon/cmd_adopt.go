package main

import (
	"context"
	"fmt"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/reconcile"
)

// adoptCmd is the command `hhrecon adopt`.
type adoptCmd struct {
	As string `required:"" enum:"production,copy" placeholder:"production|copy" help:"The production database, or a copy."`

	actions.Who `embed:""`
}

func (c *adoptCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(n *service.RunContext) error {
		by, err := c.Person(ctx, n.Settings, n.Store, reconcile.RoleAdmin)
		if err != nil {
			return err
		}
		id, changed, err := n.Store.Adopt(ctx, c.As == "copy", by, c.Note)
		switch {
		case err != nil:
			return err
		case !changed:
			fmt.Fprintf(a.Stdout, "The database is already recorded as %s: %s.\n", c.As, id)
		case c.As == "copy":
			fmt.Fprintf(a.Stdout, "The database is a copy: %s. hhrecon sends and writes nothing here. Commands that "+
				"only read still work.\n", id)
		default:
			fmt.Fprintf(a.Stdout, "This is the production database: %s. Stop all use of the old database.\n", id)
		}
		return nil
	})
}
