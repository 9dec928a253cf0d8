package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"hhrecon/reconcile"
)

// showCmd is `hhrecon show N`.
type showCmd struct {
	RunID     int64    `arg:"" name:"n" help:"The run."`
	PaymentID []string `name:"payment-id" help:"Tell this payin's story; may be repeated." placeholder:"ID" sep:"none"`
	Answer    bool     `help:"With --payment-id: also HighHelp's answer as received. It may hold personal data."`
	JSON      bool     `name:"json" help:"JSON in place of the table."`
}

func (c *showCmd) Run(ctx context.Context, a *app) error {
	s, err := a.settings()
	if err != nil {
		return err
	}
	store, err := a.openStore(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	n := &night{app: a, settings: s, store: store, out: (&runCmd{JSON: c.JSON}).writer(a)}
	run, err := store.Run(ctx, c.RunID)
	if errors.Is(err, reconcile.ErrNoRun) {
		return usageError("there is no run %d: hhrecon runs lists those that there are", c.RunID)
	}
	if err != nil {
		return err
	}
	if len(c.PaymentID) > 0 {
		return c.stories(ctx, n)
	}
	result, err := n.result(ctx, run)
	if err != nil {
		return err
	}
	return n.out.write(result)
}

// stories tells the findings of the named payins.
func (c *showCmd) stories(ctx context.Context, n *night) error {
	missing := make(map[string]bool, len(c.PaymentID))
	for _, id := range c.PaymentID {
		missing[id] = true
	}
	for f, err := range n.store.Findings(ctx, reconcile.Scope{RunID: c.RunID}) {
		if err != nil {
			return err
		}
		if missing[f.PaymentID] {
			delete(missing, f.PaymentID)
			c.story(n.stdout, &f, n.settings.zone)
		}
	}
	for id := range missing {
		return usageError("run %d has no finding about payin %q", c.RunID, id)
	}
	return nil
}

func (c *showCmd) story(out io.Writer, f *reconcile.Finding, zone *time.Location) {
	line := func(label, format string, args ...any) {
		fmt.Fprintf(out, "  %-18s %s\n", label, fmt.Sprintf(format, args...))
	}
	state := func(status, sub string, settled int64) string {
		if sub != "" {
			status += ": " + sub
		}
		if settled != 0 {
			status += ", settled " + reconcile.FormatAmount(settled, f.Currency)
		}
		return status
	}
	fmt.Fprintf(out, "%q: %s\n", f.PaymentID, f.Outcome)
	line("reason", "%s", f.Reason)
	if f.Causes != 0 {
		line("causes", "%s", strings.ReplaceAll(f.Causes.String(), ",", ", "))
	}
	line("created", "%s", f.CreatedAt.In(zone).Format(time.RFC3339))
	line("merchant amount", "%s %s", reconcile.FormatAmount(f.Amount, f.Currency), f.Currency)
	if f.ProviderStatus != "" {
		line("HighHelp says", "%s", state(f.ProviderStatus, f.ProviderSubStatus, 0))
	}
	if f.PaidAmount != 0 {
		line("initial amount", "%s", reconcile.FormatAmount(f.InitialAmount, f.Currency))
		line("old amount", "%s", reconcile.FormatAmount(f.OldAmount, f.Currency))
		line("amount", "%s", reconcile.FormatAmount(f.PaidAmount, f.Currency))
	}
	if f.RequestID != "" {
		line("request_id", "%s", f.RequestID)
	}
	line("row before", "%s", state(f.Status, f.SubStatus, f.SettledAmount))
	line("row after", "%s", state(f.After.Status, f.After.SubStatus, f.After.SettledAmount))
	line("correction", "%s", f.Correction)
	line("checked", "%s", f.CheckedAt.In(zone).Format(time.RFC3339))
	if c.Answer {
		line("answer", "%s", f.Answer)
	}
	fmt.Fprintln(out)
}
