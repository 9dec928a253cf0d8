package main

import (
	"context"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/probe"
	"hhrecon/highhelp"
)

// probeCmd is the command `hhrecon probe`.
type probeCmd struct {
	Keys  probeKeysCmd  `cmd:"" help:"Call payin/info with each signature variant until HighHelp accepts a variant."`
	Alert probeAlertCmd `cmd:"" help:"Try each signature variant on captured alerts."`
}

type probeKeysCmd struct {
	Project   string        `help:"The project, if there are several." placeholder:"ID"`
	PaymentID string        `name:"payment-id" help:"A payin that HighHelp knows." placeholder:"ID"`
	Skip      int           `help:"Skip N variants that an earlier probe tried." placeholder:"N"`
	Pause     time.Duration `help:"Pause between two tries." default:"1s"`
}

func (c *probeKeysCmd) Run(ctx context.Context, a *app) error {
	s, p, err := a.project(c.Project)
	if err != nil {
		return err
	}
	keys := probe.Keys{Project: p, PaymentID: c.PaymentID, Skip: max(c.Skip, 0), Pause: c.Pause,
		Out: a.Stdout, Err: a.stderr,
		Client: func(p config.Project) (*highhelp.Client, error) { return a.NewClient(s, p, nil) }}
	return keys.Find(ctx)
}

type probeAlertCmd struct {
	Files   []string `arg:"" name:"file" help:"Alerts as received: header lines, an empty line, the body."`
	Project string   `help:"The project, if there are several." placeholder:"ID"`
}

func (c *probeAlertCmd) Run(_ context.Context, a *app) error {
	_, p, err := a.project(c.Project)
	if err != nil {
		return err
	}
	return probe.Alert(p, c.Files, a.Stdout)
}
