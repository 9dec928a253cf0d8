package main

import (
	"context"
	"fmt"
	"time"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/reconcile"
)

// abandonCmd is the command `hhrecon abandon N`.
type abandonCmd struct {
	RunID int64 `arg:"" name:"n" help:"The interrupted run."`

	actions.Who `embed:""`
}

// Run does not use the project's keys or the merchant's queries, because an error in the keys or queries may prevent
// the run from finishing.
func (c *abandonCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(n *service.RunContext) error {
		by, err := c.Person(ctx, n.Settings, n.Store, reconcile.RoleFinance)
		if err != nil {
			return err
		}
		run, err := service.FindRun(ctx, n.Store, c.RunID)
		if err != nil {
			return err
		}
		p, ok := n.Settings.Project(run.ProjectID)
		if !ok {
			p = config.NewProject(config.ProjectEntry{ID: run.ProjectID}, "", ".")
		}
		w := n.ProjectRun(p, nil)
		before := run.Settled
		run, err = w.Runner.Abandon(ctx, c.RunID, by.Name, func(l reconcile.Lease) error {
			return n.Store.SaveAbandon(ctx, l, by, c.Note, time.Now())
		})
		switch err = w.Finalise(ctx, run, err); exit.Code(err) {
		case exit.OK, exit.Untrusted, exit.Held:
			fmt.Fprintf(a.Stdout, "Run %d is abandoned: %d of %d payins settled. HighHelp was not queried about the other "+
				"payins. Another run of the project can start.\n", run.ID, before, run.Selected)
			return nil
		}
		return err
	})
}
