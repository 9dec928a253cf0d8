package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/server"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/sql/identity"
)

// serveCmd is the command `hhrecon serve`.
type serveCmd struct {
	listenFlags
	Workers int `help:"Queue scheduled runs, and execute this many batches of a project at once; 0: no queue."`

	databaseWait `embed:""`
}

// listenFlags contains the addresses that `hhrecon serve` listens on. `hhrecon check` checks these addresses.
type listenFlags struct {
	Listen        string `help:"Address to listen on." default:"127.0.0.1:8080" env:"HHRECON_LISTEN"`
	MetricsListen string `help:"Address of metrics; default: --listen." env:"HHRECON_METRICS_LISTEN" placeholder:"ADDR"`
}

func (c *serveCmd) Run(ctx context.Context, a *app) error {
	a.DatabaseWait = c.DatabaseWait
	isCopy := false
	serve := func(n *service.RunContext) error {
		listener, err := net.Listen("tcp", c.Listen)
		if err != nil {
			return config.UsageErrorf("--listen: %w", err)
		}
		defer listener.Close()
		v := service.New(n)
		v.Workers, v.Copy = c.Workers, isCopy
		if c.MetricsListen != "" {
			if v.MetricsListener, err = net.Listen("tcp", c.MetricsListen); err != nil {
				return config.UsageErrorf("--metrics-listen: %w", err)
			}
			defer v.MetricsListener.Close()
		} else if why := server.Exposed(c.Listen, c.MetricsListen); why != "" {
			a.Log.Warn(why)
		}
		if c.Workers > 0 {
			if err := n.Store.CheckQueue(ctx); err != nil {
				return exit.With(exit.Usage, fmt.Errorf("--workers: %w", err))
			}
		}
		return v.Serve(ctx, listener)
	}
	err := a.withChecked(ctx, serve)
	if errors.Is(err, identity.ErrDeclared) {
		a.Log.Warn("only the page is served, because the database is a copy", "why", err)
		isCopy = true
		err = a.withStore(ctx, serve)
	}
	return err
}
