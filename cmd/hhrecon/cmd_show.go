package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
	"hhrecon/sql"
)

// showCmd is `hhrecon show N`.
type showCmd struct {
	RunID     int64    `arg:"" name:"n" help:"The run."`
	PaymentID []string `name:"payment-id" help:"Tell this payin's story; may be repeated." placeholder:"ID" sep:"none"`
	Answer    bool     `help:"With --payment-id: also HighHelp's answer as received. It may hold personal data."`
	JSON      bool     `name:"json" help:"JSON in place of the table; with --payment-id a line for each payin, as report --format json has it."`
}

func (c *showCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
		n := &night{app: a, settings: s, store: store, out: a.stdout, json: c.JSON}
		run, err := findRun(ctx, store, c.RunID)
		if err != nil {
			return err
		}
		if c.JSON && c.Answer {
			return usageError("--answer is for the text: a line of JSON never has HighHelp's answer")
		}
		if len(c.PaymentID) > 0 {
			return c.stories(ctx, n, run.ProjectID)
		}
		result, err := n.result(ctx, run)
		if err == nil && run.State == reconcile.Running && run.Judged < run.Selected {
			result.Forecast, err = n.forecast(ctx, &run, time.Now())
		}
		if err != nil {
			return err
		}
		return result.Write(n.out, n.json)
	})
}

// stories tells the findings of the named payins, and what people did about them.
func (c *showCmd) stories(ctx context.Context, n *night, projectID string) error {
	missing := make(map[string]bool, len(c.PaymentID))
	for _, id := range c.PaymentID {
		missing[id] = true
	}
	var found []reconcile.Finding
	for f, err := range n.store.Findings(ctx, reconcile.Scope{RunID: c.RunID, Answers: c.Answer}) {
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
			if err := reports.WriteFindingJSON(n.stdout, &found[i]); err != nil {
				return err
			}
			continue
		}
		known, err := n.store.Story(ctx, projectID, found[i].PaymentID)
		if err != nil {
			return err
		}
		c.story(n.stdout, &found[i], known.Actions, n.settings.Zone)
	}
	if len(missing) > 0 {
		return usageError("run %d has no finding about payin %s", c.RunID, strings.Trim(fmt.Sprintf("%q", slices.Sorted(maps.Keys(missing))), "[]"))
	}
	return nil
}

// story tells one finding, and of the actions those that rest on its run.
func (c *showCmd) story(out io.Writer, f *reconcile.Finding, actions []reconcile.Action, zone *time.Location) {
	line := func(label, format string, args ...any) {
		fmt.Fprintf(out, "  %-18s %s\n", label, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(out, "%q: %s\n", f.PaymentID, f.Outcome)
	line("reason", "%s", i18n.English().Sentence(f.Reason))
	if f.Causes != 0 {
		line("causes", "%s", strings.ReplaceAll(f.Causes.String(), ",", ", "))
	}
	if !f.CreatedAt.IsZero() {
		line("created", "%s", f.CreatedAt.In(zone).Format(time.RFC3339))
	}
	line("merchant amount", "%s %s", reconcile.FormatAmount(f.Amount, f.Currency), f.Currency)
	if f.ProviderStatus != "" {
		line("HighHelp says", "%s", stateText(reconcile.State{Status: f.ProviderStatus, SubStatus: f.ProviderSubStatus}, f.Currency))
	}
	if f.PaidAmount != 0 {
		line("initial amount", "%s", reconcile.FormatAmount(f.InitialAmount, f.Currency))
		line("old amount", "%s", reconcile.FormatAmount(f.OldAmount, f.Currency))
		line("amount", "%s", reconcile.FormatAmount(f.PaidAmount, f.Currency))
	}
	if f.RequestID != "" {
		line("request_id", "%s", f.RequestID)
	}
	line("row before", "%s", stateText(reconcile.State{Status: f.Status, SubStatus: f.SubStatus, SettledAmount: f.SettledAmount}, f.Currency))
	line("row after", "%s", stateText(f.After, f.Currency))
	line("correction", "%s", f.Correction)
	line("checked", "%s", f.CheckedAt.In(zone).Format(time.RFC3339))
	for i := range actions {
		if a := &actions[i]; a.RunID == f.RunID {
			line(string(a.Kind), "%s", actionText(a, zone))
		}
	}
	if c.Answer {
		line("answer", "%s", f.Answer)
	}
	fmt.Fprintln(out)
}

// actionText tells who acted, when and why, and what came of it.
func actionText(a *reconcile.Action, zone *time.Location) string {
	text := fmt.Sprintf("by %s at %s", a.By, a.At.In(zone).Format(time.RFC3339))
	if a.Result == reconcile.CorrectionApplied {
		text += "; the row became " + stateText(a.After, a.Currency)
	} else if !a.Reason.IsZero() {
		text += "; the row was left alone: " + i18n.English().Sentence(a.Reason)
	}
	if a.Note != "" {
		text += "; " + a.Note
	}
	return text
}

// stateText tells a row's state.
func stateText(s reconcile.State, currency string) string {
	text := s.Status
	if s.SubStatus != "" {
		text += ": " + s.SubStatus
	}
	if s.SettledAmount != 0 {
		text += ", settled " + reconcile.FormatAmount(s.SettledAmount, currency)
	}
	return text
}
