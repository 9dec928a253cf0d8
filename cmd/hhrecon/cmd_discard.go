package main

import (
	"context"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/reconcile"
)

// discardCmd is `hhrecon discard N`.
type discardCmd struct {
	RunID int64           `arg:"" name:"n" help:"The run that began the hold."`
	Class reconcile.Class `help:"Only this class: declines, other_sums, late_credits or downgrades."`

	actions.Who `embed:""`
}

func (c *discardCmd) Run(ctx context.Context, a *app) error {
	return a.execute(ctx, c.Who, reconcile.RunAction{Kind: reconcile.ActionDiscard, RunID: c.RunID, Class: c.Class})
}
