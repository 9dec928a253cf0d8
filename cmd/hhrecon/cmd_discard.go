package main

import (
	"context"

	"hhrecon/reconcile"
)

// discardCmd is `hhrecon discard N`.
type discardCmd struct {
	RunID int64           `arg:"" name:"n" help:"The run that began the hold."`
	Class reconcile.Class `help:"Only what is held as declines, other_sums, late_credits or downgrades."`
	who   `embed:""`
}

func (c *discardCmd) Run(ctx context.Context, a *app) error {
	return a.order(ctx, reconcile.Order{
		Kind: reconcile.ActionDiscard, RunID: c.RunID, Class: c.Class, By: c.name(), Note: c.Note})
}
