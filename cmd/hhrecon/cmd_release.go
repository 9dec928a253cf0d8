package main

import (
	"context"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/reconcile"
)

// holdFlags are flags that select held corrections of a run, and name the person who decides about these corrections.
type holdFlags struct {
	RunID int64           `arg:"" name:"n" help:"The run that began the hold."`
	Class reconcile.Class `help:"Only this class: declines, other_sums, late_credits or downgrades."`

	actions.Who `embed:""`
}

func (f *holdFlags) execute(ctx context.Context, a *app, kind reconcile.ActionKind) error {
	return a.execute(ctx, f.Who, reconcile.RunAction{Kind: kind, RunID: f.RunID, Class: f.Class})
}

// releaseCmd is the command `hhrecon release N`.
type releaseCmd struct{ holdFlags }

func (c *releaseCmd) Run(ctx context.Context, a *app) error {
	return c.execute(ctx, a, reconcile.ActionRelease)
}
