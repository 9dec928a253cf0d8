package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/cmd/hhrecon/summary"
	"hhrecon/reconcile"
)

// deliverCmd is the command `hhrecon deliver`.
type deliverCmd struct {
	RunID int64         `arg:"" optional:"" name:"n" help:"The run to send again; default: list the waiting reports."`
	To    []string      `help:"Only to this address; may be repeated." placeholder:"ADDRESS" sep:"none"`
	By    string        `help:"Your name, for the mail; default: the operating system's user." placeholder:"NAME"`
	Wait  time.Duration `name:"email-wait" help:"How long to try." default:"5m" placeholder:"5m"`
}

func (c *deliverCmd) Run(ctx context.Context, a *app) error {
	if c.RunID == 0 && len(c.To) > 0 {
		return config.UsageErrorf("name the run: write \"hhrecon deliver N --to ADDRESS\"")
	}
	return a.withStore(ctx, func(n *service.RunContext) error {
		if c.RunID == 0 {
			return c.due(ctx, n)
		}
		return c.again(ctx, n)
	})
}

// due tries once to send the queued reports, and then lists the reports that are still queued.
func (c *deliverCmd) due(ctx context.Context, n *service.RunContext) error {
	missed := n.PublishMissed(ctx)
	mailer, failed := n.Mailer(reconcile.ThisProcess())
	if failed == nil {
		_, failed = mailer.Deliver(ctx)
	}
	failed = errors.Join(missed, failed)
	var left []reconcile.Delivery
	for _, state := range []reconcile.DeliveryState{reconcile.DeliveryWaiting, reconcile.DeliverySending,
		reconcile.DeliveryGivenUp} {
		some, err := n.Store.Deliveries(ctx, reconcile.DeliveryFilter{State: state})
		if err != nil {
			return errors.Join(failed, err)
		}
		left = append(left, some...)
	}
	if len(left) == 0 {
		fmt.Fprintln(n.Stdout, "No report is waiting, and no delivery was given up.")
		if missed == nil && errors.Is(failed, service.ErrNoMailServer) {
			return nil
		}
		return failed
	}
	summary.WriteDeliveries(n.Stdout, left, n.Settings.Zone)
	if failed == nil {
		failed = exit.With(exit.Failed, nil)
	}
	return failed
}

// again sends the report of a run again.
func (c *deliverCmd) again(ctx context.Context, n *service.RunContext) error {
	recipients, err := n.Settings.NamedRecipients("--to", c.To)
	if err != nil {
		return err
	}
	run, err := service.FindRun(ctx, n.Store, c.RunID)
	if err == nil && run.Unreported() {
		err = config.UsageErrorf("run %d: %w", c.RunID, reconcile.ErrDryRun)
	}
	if err != nil {
		return err
	}
	by, err := actions.Who{By: c.By}.Person(ctx, n.Settings, n.Store, reconcile.RoleAdmin)
	if err != nil {
		return err
	}
	switch _, err := n.Store.Resend(ctx, c.RunID, recipients, by.Name, time.Now()); {
	case errors.Is(err, reconcile.ErrNoReport):
		return config.UsageErrorf("run %d: %w: name a recipient with --to ADDRESS", c.RunID, err)
	case errors.Is(err, reconcile.ErrOpenRun):
		return config.UsageErrorf("run %d: %w", c.RunID, err)
	case err != nil:
		return err
	}
	deliveries, err := n.Store.Deliveries(ctx, reconcile.DeliveryFilter{RunID: c.RunID})
	if err != nil {
		return err
	}
	failed := n.Deliver(ctx, service.ReportFilter{Reports: reportsOf(deliveries), To: recipients}, c.Wait)
	if deliveries, err = n.Store.Deliveries(ctx, reconcile.DeliveryFilter{RunID: c.RunID}); err != nil {
		return errors.Join(failed, err)
	}
	summary.WriteDeliveries(n.Stdout, deliveries, n.Settings.Zone)
	return failed
}

func reportsOf(deliveries []reconcile.Delivery) []int64 {
	ids := reconcile.Map(deliveries, func(d reconcile.Delivery) int64 { return d.Report.ID })
	slices.Sort(ids)
	return slices.Compact(ids)
}
