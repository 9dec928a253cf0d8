package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/reconcile"
	"hhrecon/reports"
)

// showCmd is the command `hhrecon show N`.
type showCmd struct {
	RunID     int64    `arg:"" name:"n" help:"The run."`
	PaymentID []string `name:"payment-id" help:"Show this payin; may be repeated." placeholder:"ID" sep:"none"`
	Answer    bool     `help:"With --payment-id: include HighHelp's answer, which may contain personal data."`
	JSON      bool     `name:"json" help:"Print JSON instead of a table; with --payment-id, a line for each payin."`
}

func (c *showCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(n *service.RunContext) error {
		run, err := service.FindRun(ctx, n.Store, c.RunID)
		if err != nil {
			return err
		}
		if c.JSON && c.Answer {
			return config.UsageErrorf("--answer cannot be combined with --json: JSON never has HighHelp's answer")
		}
		if len(c.PaymentID) > 0 {
			return c.printPayins(ctx, n, run.ProjectID)
		}
		result, err := n.Result(ctx, run)
		if err == nil && run.State == reconcile.Running && run.Judged < run.Selected {
			result.Forecast, err = n.Forecast(ctx, &run, time.Now())
		}
		if err != nil {
			return err
		}
		if err := result.Write(n.Out, c.JSON); err != nil || c.JSON {
			return err
		}
		proposals, err := n.Store.Proposals(ctx, run.ProjectID, time.Now())
		actions.WriteProposals(n.Out, proposals, run.ID)
		return err
	})
}

// printPayins prints the findings about the named payins, and people's actions on these payins.
func (c *showCmd) printPayins(ctx context.Context, n *service.RunContext, projectID string) error {
	missing := make(map[string]bool, len(c.PaymentID))
	for _, id := range c.PaymentID {
		missing[id] = true
	}
	var found []reconcile.Finding
	for f, err := range n.Store.Findings(ctx, reconcile.ReportScope{RunID: c.RunID, Answers: c.Answer}) {
		if err != nil {
			return err
		}
		if missing[f.PaymentID] {
			delete(missing, f.PaymentID)
			found = append(found, f)
		}
	}
	for i := range found {
		if c.JSON {
			if err := reports.WriteFindingJSON(n.Stdout, &found[i]); err != nil {
				return err
			}
			continue
		}
		known, err := n.Store.PayinTimeline(ctx, projectID, found[i].PaymentID)
		if err != nil {
			return err
		}
		actions.WriteFinding(n.Stdout, &found[i], known.Actions, n.Settings.Zone, c.Answer)
	}
	if len(missing) > 0 {
		return config.UsageErrorf("run %d has no finding about payin %s", c.RunID,
			strings.Trim(fmt.Sprintf("%q", slices.Sorted(maps.Keys(missing))), "[]"))
	}
	return nil
}
