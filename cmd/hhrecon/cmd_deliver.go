package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"hhrecon/reconcile"
	"hhrecon/sql"
)

// deliverCmd is `hhrecon deliver`.
type deliverCmd struct {
	RunID int64         `arg:"" optional:"" name:"n" help:"Send this run's report again: to all who were to get it, or to --to. Without it: try what is due, and list what waits or was given up."`
	To    []string      `help:"Only to this address, which need be in no schedule; may be repeated." placeholder:"ADDRESS" sep:"none"`
	By    string        `help:"Who has it sent again; stands in the mail. Default the system's user." placeholder:"NAME"`
	Wait  time.Duration `name:"email-wait" help:"How long to go on trying." default:"5m" placeholder:"5m"`
}

func (c *deliverCmd) Run(ctx context.Context, a *app) error {
	if c.RunID == 0 && len(c.To) > 0 {
		return usageError("say which run's report: hhrecon deliver N --to ADDRESS")
	}
	return a.withStore(ctx, func(s *settings, store *sql.Store) error {
		n := &night{app: a, settings: s, store: store}
		if c.RunID == 0 {
			return c.due(ctx, n)
		}
		return c.again(ctx, n)
	})
}

// due tries what is due once, and lists what is left.
func (c *deliverCmd) due(ctx context.Context, n *night) error {
	missed := n.announceMissed(ctx)
	courier, failed := n.courier(reconcile.ThisProcess())
	if failed == nil {
		_, failed = courier.Deliver(ctx)
	}
	if missed != nil {
		failed = errors.Join(missed, failed)
	}
	var left []reconcile.Delivery
	for _, state := range []reconcile.DeliveryState{reconcile.DeliveryWaiting, reconcile.DeliverySending, reconcile.DeliveryGivenUp} {
		some, err := n.store.Deliveries(ctx, reconcile.DeliveryFilter{State: state})
		if err != nil {
			return errors.Join(failed, err)
		}
		left = append(left, some...)
	}
	if len(left) == 0 {
		fmt.Fprintln(n.stdout, "No report waits to be sent, and none was given up.")
		if missed == nil && errors.Is(failed, errNoServer) {
			return nil
		}
		return failed
	}
	n.deliveryTable(left)
	if failed == nil {
		failed = &exitError{code: exitFailed}
	}
	return failed
}

// again sends a run's report again.
func (c *deliverCmd) again(ctx context.Context, n *night) error {
	recipients, err := n.settings.named("--to", c.To)
	if err != nil {
		return err
	}
	run, err := findRun(ctx, n.store, c.RunID)
	if err == nil && run.DryRun {
		err = usageError("run %d: %w", c.RunID, reconcile.ErrDryRun)
	}
	if err != nil {
		return err
	}
	if _, err := n.sendAgain(ctx, c.RunID, recipients, who{By: c.By}.name()); err != nil {
		return err
	}
	deliveries, err := n.store.Deliveries(ctx, reconcile.DeliveryFilter{RunID: c.RunID})
	if err != nil {
		return err
	}
	failed := n.deliver(ctx, wanted{reportsOf(deliveries), recipients}, c.Wait)
	if deliveries, err = n.store.Deliveries(ctx, reconcile.DeliveryFilter{RunID: c.RunID}); err != nil {
		return errors.Join(failed, err)
	}
	n.deliveryTable(deliveries)
	return failed
}

// sendAgain notes that a run's report is to be sent again, and explains why it cannot be.
func (n *night) sendAgain(ctx context.Context, runID int64, recipients []reconcile.Recipient, by string) (int, error) {
	sent, err := n.store.SendAgain(ctx, runID, recipients, by, time.Now())
	switch {
	case errors.Is(err, reconcile.ErrNoReport):
		err = usageError("run %d: %w: say to whom with --to ADDRESS", runID, err)
	case errors.Is(err, reconcile.ErrOpenRun):
		err = usageError("run %d: %w", runID, err)
	}
	return sent, err
}

func reportsOf(deliveries []reconcile.Delivery) []int64 {
	var ids []int64
	seen := make(map[int64]bool)
	for _, d := range deliveries {
		if !seen[d.Report.ID] {
			seen[d.Report.ID] = true
			ids = append(ids, d.Report.ID)
		}
	}
	return ids
}

// deliveryTable lists deliveries.
func (n *night) deliveryTable(deliveries []reconcile.Delivery) {
	w := newTable(n.stdout, "Report", "To", "State", "Tries", "When", "Why")
	w.SetColumnConfigs([]table.ColumnConfig{{Number: 6, WidthMax: 60, WidthMaxEnforcer: text.WrapSoft}})
	for _, d := range deliveries {
		when := d.NextAt
		if d.State == reconcile.DeliverySent {
			when = d.SentAt
		}
		state := string(d.State)
		if d.Doubtful {
			state += ", perhaps twice"
		}
		shown := ""
		if d.State != reconcile.DeliveryGivenUp {
			shown = when.In(n.settings.zone).Format(time.DateTime)
		}
		w.AppendRow(table.Row{reportName(&d.Report, n.settings.zone), d.Recipient.Address, state, d.Tries, shown, d.Note})
	}
	w.Render()
}

// reportName is what a report is called in a table.
func reportName(r *reconcile.Report, zone *time.Location) string {
	name := fmt.Sprintf("run %d", r.Scope.RunID)
	if r.Scope.RunID == 0 {
		name = fmt.Sprintf("%s, %s to %s", r.Job, r.Scope.Window.From.In(zone).Format(time.DateOnly), r.Scope.Window.To.Add(-time.Nanosecond).In(zone).Format(time.DateOnly))
	}
	if r.Edition > 0 {
		name += fmt.Sprintf(", correction %d", r.Edition)
	}
	return name
}
