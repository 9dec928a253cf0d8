package main

import (
	"context"
	"encoding/json"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/cmd/hhrecon/summary"
)

// schedulesCmd is the command `hhrecon schedules`.
type schedulesCmd struct {
	JSON bool `name:"json" help:"Print JSON instead of a table."`
}

func (c *schedulesCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(n *service.RunContext) error {
		if len(n.Settings.Jobs) == 0 {
			return config.UsageErrorf("there are no jobs in %s: see the example schedules.yaml", n.Settings.Source())
		}
		entries, err := summary.ListSchedules(ctx, n.Settings.Schedules(), n.Store, time.Now())
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(a.Stdout).Encode(entries)
		}
		summary.WriteSchedules(a.Stdout, entries, n.Settings.ProjectNames())
		return nil
	})
}
