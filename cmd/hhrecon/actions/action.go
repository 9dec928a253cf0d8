// Package actions identifies the person who gives a command, and prints the actions that people executed
// on runs and payins.
//
// Who.Person identifies the person. ActionTotals collects the results of an action on a run.
package actions

import (
	"fmt"
	"io"

	"hhrecon/cmd/hhrecon/console"
	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// ActionTotals counts the results of an action, and prints them.
type ActionTotals struct {
	Out           io.Writer
	Done          int64
	Changed, left int
	undone        int             // number of undone decisions
	Unanswered    int             // number of corrections that stay held because HighHelp did not answer
	Failed        bool            // the database rejected the update of a row, or a row stayed locked
	Proposed      bool            // a second person must approve the action
	Missing       map[string]bool // payins that the user named and for which there is no result yet
}

// Add counts the result for one payin, and prints the result if the row was not changed.
func (t *ActionTotals) Add(action reconcile.Action) {
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
		fmt.Fprintf(t.Out, "skipped: %q: %s\n", action.PaymentID, i18n.English().Sentence(action.Reason))
	case reconcile.CorrectionNone:
		t.undone++ // the undone decision had not changed the merchant's row
	case reconcile.CorrectionHeld:
		t.Unanswered++
		fmt.Fprintf(t.Out, "stays held: %q: %s\n", action.PaymentID, i18n.English().Sentence(action.Reason))
	}
}

// WriteSummary prints the totals of an action on a run.
func (t *ActionTotals) WriteSummary(o reconcile.RunAction) {
	switch {
	case t.Proposed:
	case o.Kind == reconcile.ActionDiscard:
		fmt.Fprintf(t.Out, "The held corrections of run %d are discarded and will not be written. "+
			"Rows that were released before stay as they are.\n", o.RunID)
	case o.DryRun:
		fmt.Fprintf(t.Out, "%s would be restored, %d skipped; nothing was changed.\n", console.Counted(t.Changed, "row"),
			t.left)
	case o.Kind == reconcile.ActionUndoDecision:
		fmt.Fprintf(t.Out, "%s undone, %d skipped. The payins wait for a decision again.\n",
			console.Counted(t.undone, "decision"), t.left)
	case o.Kind == reconcile.ActionUndo:
		fmt.Fprintf(t.Out, "%s restored as before run %d, %d skipped.\n", console.Counted(t.Changed, "row"), o.RunID, t.left)
	case t.Unanswered > 0:
		fmt.Fprintf(t.Out, "Run %[1]d is still held: %[2]s corrected, %[3]d skipped, %[4]d still held "+
			"because HighHelp gave no usable answer.\nRun \"hhrecon release %[1]d\" to query HighHelp again about these "+
			"payins.\n",
			o.RunID, console.Counted(t.Changed, "row"), t.left, t.Unanswered)
	default:
		fmt.Fprintf(t.Out, "Run %d is released: %s corrected, %d skipped.\n", o.RunID, console.Counted(t.Changed, "row"),
			t.left)
	}
}
