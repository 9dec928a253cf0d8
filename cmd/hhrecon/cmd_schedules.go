package main

import (
	"context"
	"encoding/json"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/summary"
	"hhrecon/sql"
)

// schedulesCmd is `hhrecon schedules`.
type schedulesCmd struct {
	JSON bool `name:"json" help:"Print JSON instead of a table."`
}

func (c *schedulesCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
		if len(s.Jobs) == 0 {
			return config.UsageErrorf("there are no jobs in %s: see the example schedules.yaml", s.Source())
		}
		entries, err := summary.ListSchedules(ctx, s.Schedules(), store, time.Now())
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(a.Stdout).Encode(entries)
		}
		summary.WriteSchedules(a.Stdout, entries, s.ProjectNames())
		return nil
	})
}
