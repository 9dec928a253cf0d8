package main

import (
	"context"

	"hhrecon/reconcile"
)

// releaseCmd is `hhrecon release N`.
type releaseCmd struct {
	RunID int64 `arg:"" name:"n" help:"The held run."`
	who   `embed:""`
}

func (c *releaseCmd) Run(ctx context.Context, a *app) error {
	return a.order(ctx, reconcile.Order{Kind: reconcile.ActionRelease, RunID: c.RunID, By: c.name(), Note: c.Note})
}
