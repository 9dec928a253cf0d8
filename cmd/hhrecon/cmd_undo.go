package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/user"
	"slices"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/sql"
)

// who is the person in whose name an action stands in the audit trail.
type who struct {
	By   string `help:"Who orders it, for the audit trail; default the system's user." placeholder:"NAME"`
	Note string `help:"Why, for the audit trail." placeholder:"TEXT"`
}

func (w who) name() string {
	if w.By != "" {
		return w.By
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "unknown"
}

// undoCmd is `hhrecon undo N`.
type undoCmd struct {
	RunID     int64    `arg:"" name:"n" help:"The run."`
	PaymentID []string `name:"payment-id" help:"Only this payin; may be repeated." placeholder:"ID" sep:"none"`
	Decision  bool     `help:"Undo what people decided about the payins, in place of what the run wrote."`
	DryRun    bool     `help:"Say what would be put back, and change no row."`
	who       `embed:""`
}

func (c *undoCmd) Run(ctx context.Context, a *app) error {
	kind := reconcile.ActionUndo
	if c.Decision {
		kind = reconcile.ActionUndoDecision
		if len(c.PaymentID) == 0 {
			return usageError("say whose decision is undone: --payment-id ID")
		}
	}
	return a.order(ctx, reconcile.Order{
		Kind: kind, RunID: c.RunID, PaymentIDs: c.PaymentID, DryRun: c.DryRun, By: c.name(), Note: c.Note,
	})
}

// order carries out what a person orders about a run, and tells each payin that was left alone.
func (a *app) order(ctx context.Context, o reconcile.Order) error {
	return a.withChecked(ctx, func(s *config.Settings, store *sql.Store) error {
		o.At, o.Ask = time.Now(), (&night{app: a, settings: s, store: store}).askAgain()
		t := tally{missing: make(map[string]bool)}
		for _, id := range o.PaymentIDs {
			t.missing[id] = true
		}
		err := store.Execute(ctx, o, func(action reconcile.Action) error {
			t.add(a, action)
			return nil
		})
		switch {
		case errors.Is(err, reconcile.ErrNoRun), errors.Is(err, reconcile.ErrNotHeld), errors.Is(err, reconcile.ErrDryRun), errors.Is(err, reconcile.ErrOpenRun):
			return usageError("%s %d: %w", o.Kind, o.RunID, err)
		case errors.As(err, new(*reconcile.HeldError)):
			return &exitError{exitBusy, err}
		case err != nil:
			return fmt.Errorf("%s %d, after %d rows: %w\nthe same command again does the rest", o.Kind, o.RunID, t.changed, err)
		}
		a.console.EndProgress()
		t.conclude(a, o)
		if run, err := store.Run(ctx, o.RunID); err == nil && o.Class != 0 && run.State == reconcile.Held {
			fmt.Fprintf(a.stdout, "Run %[1]d still holds another class: hhrecon show %[1]d.\n", o.RunID)
		}
		if len(t.missing) > 0 {
			return usageError("run %d has nothing to put back for %q", o.RunID, slices.Sorted(maps.Keys(t.missing)))
		}
		if t.unanswered > 0 || t.failed {
			return &exitError{code: exitUntrusted}
		}
		return nil
	})
}

// tally counts what an order did.
type tally struct {
	done          int64
	changed, left int
	undone        int             // decisions
	unanswered    int             // payins that stay held
	failed        bool            // a row was refused or locked
	missing       map[string]bool // payins that were named and not met
}

func (t *tally) add(a *app, action reconcile.Action) {
	delete(t.missing, action.PaymentID)
	t.done++
	a.console.Progress(reconcile.Progress{Stage: string(action.Kind), Done: t.done})
	switch action.Result {
	case reconcile.CorrectionApplied, reconcile.CorrectionDryRun:
		t.changed++
		t.undone++
	case reconcile.CorrectionSuperseded, reconcile.CorrectionRefused, reconcile.CorrectionLocked:
		t.left++
		t.failed = t.failed || action.Result != reconcile.CorrectionSuperseded
		fmt.Fprintf(a.stdout, "left alone: %q: %s\n", action.PaymentID, i18n.English().Sentence(action.Reason))
	case reconcile.CorrectionNone:
		t.undone++ // a decision that wrote nothing
	case reconcile.CorrectionHeld:
		t.unanswered++
		fmt.Fprintf(a.stdout, "stays held: %q: %s\n", action.PaymentID, i18n.English().Sentence(action.Reason))
	}
}

func (t *tally) conclude(a *app, o reconcile.Order) {
	switch {
	case o.Kind == reconcile.ActionDiscard:
		fmt.Fprintf(a.stdout, "What run %d held is discarded: these corrections are dropped. "+
			"Rows that were released before stay as they are.\n", o.RunID)
	case o.DryRun:
		fmt.Fprintf(a.stdout, "%d rows would be put back, %d would be left alone; nothing was changed.\n", t.changed, t.left)
	case o.Kind == reconcile.ActionUndoDecision:
		fmt.Fprintf(a.stdout, "%d decisions undone, %d left alone; these payins wait for a person again.\n", t.undone, t.left)
	case o.Kind == reconcile.ActionUndo:
		fmt.Fprintf(a.stdout, "%d rows put back as they were before run %d, %d left alone.\n", t.changed, o.RunID, t.left)
	case t.unanswered > 0:
		fmt.Fprintf(a.stdout, "Run %[1]d is still held: %[2]d rows corrected, %[3]d left alone, %[4]d still held "+
			"because HighHelp gave no usable answer.\nhhrecon release %[1]d asks about these again.\n",
			o.RunID, t.changed, t.left, t.unanswered)
	default:
		fmt.Fprintf(a.stdout, "Run %d is released: %d rows corrected, %d left alone.\n", o.RunID, t.changed, t.left)
	}
}

// askAgain asks HighHelp again about payins of a project for what a person orders. It knows from one call to the next
// that HighHelp is down.
func (n *night) askAgain() reconcile.AskAgain {
	var r *reconcile.Runner
	return func(ctx context.Context, rules reconcile.Rules, findings []reconcile.Finding) ([]reconcile.Finding, error) {
		p, err := n.settings.One(findings[0].ProjectID)
		if err != nil {
			return nil, err
		}
		w, err := n.project(p)
		if err != nil {
			return nil, fmt.Errorf("HighHelp must be asked again first: %w", err)
		}
		defer w.client.Close()
		if r == nil {
			r = w.runner
		}
		r.Gateway = w.client
		return r.AskAgain(ctx, rules, findings)
	}
}
