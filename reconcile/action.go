package reconcile

import (
	"context"
	"errors"
	"iter"
	"time"
)

// ActionKind says what a person did.
type ActionKind string

// The kinds of actions.
const (
	ActionRelease ActionKind = "release" // wrote the corrections of a held run
	ActionDiscard ActionKind = "discard" // dropped them
	ActionUndo    ActionKind = "undo"    // put back what a run wrote
	ActionAbandon ActionKind = "abandon" // gave up an interrupted run
	ActionDecide  ActionKind = "decide"  // settled a payin that waited for a person

	ActionUndoDecision ActionKind = "undo_decision" // put back what a decision wrote; people are asked again
	ActionPropose      ActionKind = "propose"       // asked a second person to approve one of the others; wrote nothing
)

// Undoes tells whether the action puts rows back, of any run that is closed.
func (k ActionKind) Undoes() bool { return k == ActionUndo || k == ActionUndoDecision }

// The kinds of events.
const (
	ActionBegin  ActionKind = "begin" // a run was begun
	ActionStop   ActionKind = "stop"  // a person asked a run to stop
	ActionErase  ActionKind = "erase" // answers and alerts were emptied: of one payin, or old ones
	ActionPrune  ActionKind = "prune" // the beginning of the audit log was deleted
	ActionSignIn ActionKind = "sign_in"
	ActionRefuse ActionKind = "sign_in_refused"

	ActionDownload   ActionKind = "download" // of a workbook
	ActionUserAdd    ActionKind = "user_add"
	ActionUserRemove ActionKind = "user_remove"
	ActionAdopt      ActionKind = "adopt" // the database was declared the production database, or a copy
	ActionTokenAdd   ActionKind = "token_add"
	ActionTokenDrop  ActionKind = "token_revoke"
)

// Event is an action about no payin.
type Event struct {
	ProjectID   string // "" if it is about no project
	Kind        ActionKind
	RunID       int64 // 0 for none, and always if the run may be closed: an old one could not be pruned before the event
	Actor, Note string
	Facts       map[string]string // via: page, cli or token; and what else belongs to the kind
	At          time.Time         // zero: now
}

// RunAction is what a person orders about one whole run, or about some payins of it.
type RunAction struct {
	Kind       ActionKind // release, discard, undo or undo_decision
	RunID      int64
	Class      Class    // release, discard: only what is held in this class; 0: all that the run holds
	PaymentIDs []string // undo, undo_decision: only these; empty: all
	DryRun     bool     // undo, undo_decision: say what would be done
	Ask        AskAgain // release: needed
	By, Note   string
	At         time.Time
	Consent    Consent
}

// Action is what an order or a decision did to one payin: an entry of the audit trail, which never
// changes once written. Before and After are the merchant's row.
type Action struct {
	ID        int64 // its place in the project's audit trail, which has findings and actions; 0 in a dry run
	Kind      ActionKind
	ProjectID string
	RunID     int64
	Seq       int64 // of the finding that it rests on; 0: about the whole run
	PaymentID string
	Currency  string
	Before    State
	After     State
	Result    Correction // applied; superseded or refused: left alone; none: nothing to change; dry_run; held: no answer
	Reason    Reason     // why it was left alone
	By, Note  string
	At        time.Time
	Facts     ActionFacts
}

// The refusals of an ActionStore.
var (
	ErrNotHeld = errors.New("this run holds nothing")
	ErrOpenRun = errors.New("this run is not closed yet")
	ErrDryRun  = errors.New("this was a dry run: it wrote nothing")
	ErrDecided = errors.New("this payin was decided already")
)

// ActionStore is the side of a store that acts for people. Every writing of it goes through the same
// guarded statement as a run's corrections, and into the audit trail in the same transaction.
type ActionStore interface {
	// Execute carries an order out, batch by batch, and calls each with every action it wrote (or, in a
	// dry run, would write). Called again after a crash it does what is left. An undo that is repeated, and
	// leaves a row alone for the reason it had before, calls each with the action of then and writes none. It
	// returns ErrNoRun, ErrNotHeld, ErrOpenRun, ErrDryRun, or *HeldError if another process has the project. A
	// release asks HighHelp again: what has another answer is superseded, and what has none stays held.
	Execute(ctx context.Context, o RunAction, each func(Action) error) error
	// ApplyDecision carries one decision out. The row must be as the finding, or the last action about it, left
	// it, and HighHelp's answer the same: otherwise the action's Result is CorrectionSuperseded and nothing is changed. If
	// there is no answer, it is CorrectionHeld, and no action is kept. It returns *HeldError as Execute does, and
	// ErrDecided where there is a decision on this finding that was applied, or that kept the row, and
	// ErrNoRun, ErrOpenRun, ErrDryRun, ErrNoFinding or ErrNotApproved. If a second person must approve, nothing is
	// changed, and the action is of the kind propose; so it is with Execute, of which it is the only one then.
	ApplyDecision(ctx context.Context, r Decision) (Action, error)
	// Actions lists a run's actions, oldest first.
	Actions(ctx context.Context, runID int64) iter.Seq2[Action, error]
	// LatestFinding is the last word on a payin in the closed runs that were no dry runs; ErrNoFinding. A held
	// correction that was released counts as applied.
	LatestFinding(ctx context.Context, projectID, paymentID string) (Finding, error)
	// HeldRuns lists the project's runs that began a hold that waits to be released or discarded, oldest first.
	HeldRuns(ctx context.Context, projectID string) ([]Run, error)
	// AuditLogProjects lists the projects that have an audit trail, or runs that should have left one.
	AuditLogProjects(ctx context.Context) ([]string, error)
	// Verify recomputes the project's audit trail and tells where it breaks.
	Verify(ctx context.Context, projectID string, kept ...Head) (Verification, error)
}

// ErrNoFinding says that no run has found anything about a payin.
var ErrNoFinding = errors.New("no run has a finding about this payin")
