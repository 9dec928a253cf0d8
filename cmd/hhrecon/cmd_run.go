package main

import (
	"context"
	"errors"
	"time"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// runCmd is the command `hhrecon run`.
type runCmd struct {
	Project   []string      `help:"Only this project; may be repeated." placeholder:"ID" sep:"none"`
	From      string        `help:"Only payins created at or after this time, a day or RFC 3339." placeholder:"T"`
	To        string        `help:"Only payins created before this time, a day or RFC 3339." placeholder:"T"`
	PaymentID []string      `name:"payment-id" help:"Only this payin; may be repeated." placeholder:"ID" sep:"none"`
	DryRun    bool          `help:"Query HighHelp and judge the answers, but change no row."`
	Report    string        `help:"File of the workbook; default: in the report folder." placeholder:"FILE"`
	JSON      bool          `name:"json" help:"Print a line of JSON for each run instead of a table."`
	Queue     bool          `help:"Queue the run for hhrecon worker, and wait for its end."`
	NoWait    bool          `help:"With --queue: do not wait."`
	Resume    int64         `help:"Continue an interrupted run." placeholder:"N"`
	NoEmail   bool          `help:"Send no report."`
	EmailWait time.Duration `help:"How long to try to send the report." default:"5m" placeholder:"5m"`

	databaseWait `embed:""`
}

func (c *runCmd) Run(ctx context.Context, a *app) error {
	if err := c.validate(); err != nil {
		return err
	}
	q := &service.Request{Projects: c.Project, PaymentIDs: c.PaymentID, From: c.From, To: c.To, DryRun: c.DryRun,
		Queue: c.Queue, NoWait: c.NoWait, NoEmail: c.NoEmail}
	began := false
	a.DatabaseWait = c.DatabaseWait
	err := a.withChecked(ctx, func(n *service.RunContext) error {
		n.JSON, n.Report, n.Outgoing = c.JSON, c.Report, new([]int64)
		by, err := actions.Who{}.Person(ctx, n.Settings, n.Store, reconcile.RoleFinance)
		if err != nil {
			return err
		}
		if q.Origin.Via = by.Via; by.Via == reconcile.ViaToken {
			q.Origin.By = by.Name
		}
		began = true
		if c.Resume != 0 {
			err = n.Resume(ctx, c.Resume)
		} else {
			err = q.RunAll(ctx, n)
		}
		if !c.NoWait && exit.Code(err) != exit.Usage {
			err = exit.Join(err, n.PublishMissed(ctx))
			if !c.NoEmail && !c.DryRun {
				err = exit.Join(err, n.Deliver(ctx, service.ReportFilter{Reports: *n.Outgoing}, c.EmailWait))
			}
		}
		return err
	})
	if c.DryRun && errors.Is(err, sql.ErrReadOnly) {
		began = true
		err = a.withStore(ctx, func(n *service.RunContext) error {
			if _, err := (actions.Who{}).Person(ctx, n.Settings, n.Store, reconcile.RoleFinance); err != nil {
				return err
			}
			n.JSON, n.Report = c.JSON, c.Report
			return q.DryRunInCopy(ctx, n)
		})
	}
	if !began {
		a.NotifyNotStarted(ctx, err)
	}
	return err
}

func (c *runCmd) validate() error {
	if c.Resume != 0 && (len(c.Project)+len(c.PaymentID) > 0 || c.From+c.To != "" || c.DryRun) {
		return config.UsageErrorf("--resume continues a run as it was opened: omit --project, --payment-id, --from, " +
			"--to and --dry-run")
	}
	switch {
	case c.NoWait && !c.Queue:
		return config.UsageErrorf("--no-wait requires --queue")
	case c.Queue && c.Report != "":
		return config.UsageErrorf("--report cannot be combined with --queue: the worker that closes the run writes the " +
			"workbook to its report folder; run \"hhrecon report\" to write another workbook")
	case c.Queue && c.Resume != 0:
		return config.UsageErrorf("--resume continues a run in this process: run \"hhrecon run --queue\" to queue all " +
			"interrupted runs")
	}
	return nil
}
