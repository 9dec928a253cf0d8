package main

import (
	"context"
	"fmt"
	"slices"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/cmd/hhrecon/summary"
	"hhrecon/reconcile"
)

// runsCmd is the command `hhrecon runs`.
type runsCmd struct {
	Project string `help:"Only this project." placeholder:"ID"`
	Last    int    `help:"Number of runs, newest first." default:"20"`
	Alerts  bool   `help:"Also runs for alerts."`
}

func (c *runsCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(n *service.RunContext) error {
		runs, err := n.Store.FindRuns(ctx, reconcile.RunFilter{ProjectID: c.Project, NoAlerts: !c.Alerts, Limit: c.Last})
		if err != nil {
			return err
		}
		if !c.Alerts && slices.ContainsFunc(n.Settings.Projects, config.Project.TakesAlerts) {
			defer fmt.Fprintln(a.Stdout, "Runs that alerts started are omitted: --alerts shows them.")
		}
		if len(runs) == 0 {
			if c.Project != "" {
				if _, err := n.Settings.Choose([]string{c.Project}); err != nil {
					return err
				}
				fmt.Fprintf(a.Stdout, "No runs of project %q.\n", c.Project)
				return nil
			}
			fmt.Fprintln(a.Stdout, "No runs yet.")
			return nil
		}
		summary.WriteRuns(a.Stdout, runs, n.Settings.ProjectNames(), n.Settings.Zone)
		return nil
	})
}
