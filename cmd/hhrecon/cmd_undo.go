package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/reconcile"
	engine "hhrecon/reconcile/run"
)

// undoCmd is the command `hhrecon undo N`.
type undoCmd struct {
	RunID     int64    `arg:"" name:"n" help:"The run."`
	PaymentID []string `name:"payment-id" help:"Only this payin; may be repeated." placeholder:"ID" sep:"none"`
	Decision  bool     `help:"Undo decisions about the payins instead of the run's changes."`
	DryRun    bool     `help:"Print what would be restored, and change no row."`

	actions.Who `embed:""`
}

func (c *undoCmd) Run(ctx context.Context, a *app) error {
	kind := reconcile.ActionUndo
	if c.Decision {
		kind = reconcile.ActionUndoDecision
		if len(c.PaymentID) == 0 {
			return config.UsageErrorf("name the payin whose decision is undone: --payment-id ID")
		}
	}
	return a.execute(ctx, c.Who, reconcile.RunAction{Kind: kind, RunID: c.RunID, PaymentIDs: c.PaymentID,
		DryRun: c.DryRun})
}

// execute executes an action on a run for a person.
func (a *app) execute(ctx context.Context, w actions.Who, o reconcile.RunAction) error {
	return a.withChecked(ctx, func(n *service.RunContext) error {
		by, err := w.Person(ctx, n.Settings, n.Store, o.Kind.Role())
		if err != nil {
			return err
		}
		run, err := service.FindRun(ctx, n.Store, o.RunID)
		if err != nil {
			return err
		}
		o.By, o.Note, o.At, o.Consent = by.Name, w.Note, time.Now(), actions.ConsentOf(n.Settings, run.ProjectID, by)
		return a.executeAction(ctx, n, o)
	})
}

// executeAction executes an action on a run, and prints each payin that is not changed.
func (a *app) executeAction(ctx context.Context, n *service.RunContext, o reconcile.RunAction) error {
	store := n.Store
	o.Ask = n.AskAgain()
	t := actions.ActionTotals{Out: a.Stdout, Missing: make(map[string]bool)}
	for _, id := range o.PaymentIDs {
		t.Missing[id] = true
	}
	err := store.Execute(ctx, o, func(action reconcile.Action) error {
		t.Add(action)
		a.Console.Progress(engine.Progress{Run: reconcile.Run{ID: o.RunID}, Stage: string(action.Kind), Done: t.Done})
		return nil
	})
	switch {
	case errors.Is(err, reconcile.ErrNoRun), errors.Is(err, reconcile.ErrNotHeld), errors.Is(err, reconcile.ErrDryRun),
		errors.Is(err, reconcile.ErrOpenRun), errors.Is(err, reconcile.ErrNotApproved), errors.Is(err, reconcile.ErrShadow):
		return config.UsageErrorf("%s %d: %w", o.Kind, o.RunID, err)
	case errors.As(err, new(*reconcile.HeldError)):
		return exit.With(exit.Busy, err)
	case err != nil:
		return fmt.Errorf("%s %d, after %s: %w\nrun the same command again to continue", o.Kind, o.RunID,
			console.Counted(t.Changed, "row"), err)
	}
	a.Console.EndProgress()
	t.WriteSummary(o)
	if run, err := store.Run(ctx, o.RunID); err == nil && o.Class != 0 && run.State == reconcile.Held {
		fmt.Fprintf(a.Stdout, "Run %[1]d still holds another class of corrections. Run \"hhrecon show %[1]d\" to see "+
			"it.\n", o.RunID)
	}
	if len(t.Missing) > 0 {
		return config.UsageErrorf("run %d has nothing to restore for %q", o.RunID, slices.Sorted(maps.Keys(t.Missing)))
	}
	switch {
	case t.Proposed:
		return exit.With(exit.Held, nil)
	case t.Unanswered > 0 || t.Failed:
		return exit.With(exit.Untrusted, nil)
	}
	return nil
}
