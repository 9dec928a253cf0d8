package main

import (
	"context"

	"hhrecon/reconcile"
)

// discardCmd is `hhrecon discard N`.
type discardCmd struct {
	RunID int64 `arg:"" name:"n" help:"The held run."`
	who   `embed:""`
}

func (c *discardCmd) Run(ctx context.Context, a *app) error {
	return a.order(ctx, reconcile.Order{Kind: reconcile.ActionDiscard, RunID: c.RunID, By: c.name(), Note: c.Note})
}
