package main

import (
	"context"

	"hhrecon/reconcile"
)

// discardCmd is the command `hhrecon discard N`.
type discardCmd struct{ holdFlags }

func (c *discardCmd) Run(ctx context.Context, a *app) error {
	return c.execute(ctx, a, reconcile.ActionDiscard)
}
