package main

import (
	"context"
	"net"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/service"
)

// workerCmd is the command `hhrecon worker`.
type workerCmd struct {
	Workers int    `help:"Batches of each project at a time." default:"2"`
	Listen  string `help:"Address of /metrics and /healthz; default: none." placeholder:"ADDR"`

	databaseWait `embed:""`
}

func (c *workerCmd) Run(ctx context.Context, a *app) error {
	if c.Workers < 1 {
		return config.UsageErrorf("--workers must be at least 1")
	}
	a.DatabaseWait = c.DatabaseWait
	return a.withChecked(ctx, func(n *service.RunContext) error {
		if err := n.Store.CheckQueue(ctx); err != nil {
			return exit.With(exit.Usage, err)
		}
		v := service.New(n)
		v.Workers = c.Workers
		if c.Listen != "" {
			listener, err := net.Listen("tcp", c.Listen)
			if err != nil {
				return config.UsageErrorf("--listen: %w", err)
			}
			v.MetricsListener = listener
		}
		return v.Work(ctx)
	})
}
