// Package actions tells on the command line what people did about runs and payins.
package actions

import (
	"fmt"
	"io"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// Tally counts what an order did, and tells it.
type Tally struct {
	Out           io.Writer
	Done          int64
	Changed, left int
	undone        int             // decisions
	Unanswered    int             // payins that stay held
	Failed        bool            // a row was refused or locked
	Proposed      bool            // a second person must approve it
	Missing       map[string]bool // payins that were named and not met
}

// Add counts an action, and tells a payin whose row was left alone.
func (t *Tally) Add(action reconcile.Action) {
	delete(t.Missing, action.PaymentID)
	t.Done++
	if action.Kind == reconcile.ActionPropose {
		t.Proposed, t.Missing = true, nil
		fmt.Fprintln(t.Out, ProposalText(&action))
		return
	}
	switch action.Result {
	case reconcile.CorrectionApplied, reconcile.CorrectionDryRun:
		t.Changed++
		t.undone++
	case reconcile.CorrectionSuperseded, reconcile.CorrectionRefused, reconcile.CorrectionLocked:
		t.left++
		t.Failed = t.Failed || action.Result != reconcile.CorrectionSuperseded
		fmt.Fprintf(t.Out, "left alone: %q: %s\n", action.PaymentID, i18n.English().Sentence(action.Reason))
	case reconcile.CorrectionNone:
		t.undone++ // a decision that wrote nothing
	case reconcile.CorrectionHeld:
		t.Unanswered++
		fmt.Fprintf(t.Out, "stays held: %q: %s\n", action.PaymentID, i18n.English().Sentence(action.Reason))
	}
}

// Conclude tells what the whole order came to.
func (t *Tally) Conclude(o reconcile.RunAction) {
	switch {
	case t.Proposed:
	case o.Kind == reconcile.ActionDiscard:
		fmt.Fprintf(t.Out, "What run %d held is discarded: these corrections are dropped. "+
			"Rows that were released before stay as they are.\n", o.RunID)
	case o.DryRun:
		fmt.Fprintf(t.Out, "%d rows would be put back, %d would be left alone; nothing was changed.\n", t.Changed, t.left)
	case o.Kind == reconcile.ActionUndoDecision:
		fmt.Fprintf(t.Out, "%d decisions undone, %d left alone; these payins wait for a person again.\n", t.undone, t.left)
	case o.Kind == reconcile.ActionUndo:
		fmt.Fprintf(t.Out, "%d rows put back as they were before run %d, %d left alone.\n", t.Changed, o.RunID, t.left)
	case t.Unanswered > 0:
		fmt.Fprintf(t.Out, "Run %[1]d is still held: %[2]d rows corrected, %[3]d left alone, %[4]d still held "+
			"because HighHelp gave no usable answer.\nhhrecon release %[1]d asks about these again.\n",
			o.RunID, t.Changed, t.left, t.Unanswered)
	default:
		fmt.Fprintf(t.Out, "Run %d is released: %d rows corrected, %d left alone.\n", o.RunID, t.Changed, t.left)
	}
}
