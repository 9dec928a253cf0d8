package reconcile

import (
	"context"
	"errors"
	"iter"
	"time"
)

// ActionKind is the kind of an audit log entry that is not a finding.
type ActionKind string

// Kinds of actions on payins.
const (
	ActionRelease ActionKind = "release" // wrote the corrections of a held run
	ActionDiscard ActionKind = "discard" // dropped the corrections of a held run
	ActionUndo    ActionKind = "undo"    // restored the rows that a run wrote
	ActionAbandon ActionKind = "abandon" // closed an interrupted run without its remaining payins
	ActionDecide  ActionKind = "decide"  // decided about one payin

	// restored the row that a decision wrote; the payin is undecided again
	ActionUndoDecision ActionKind = "undo_decision"
	ActionPropose      ActionKind = "propose" // asked a second person to approve another action; changed no row
)

// Undoes reports whether the action restores rows. A person can execute this action on any closed run.
func (k ActionKind) Undoes() bool { return k == ActionUndo || k == ActionUndoDecision }

// These kinds belong to entries that are not about payins.
const (
	ActionBegin  ActionKind = "begin" // a run was started
	ActionStop   ActionKind = "stop"  // a person asked a run to stop
	ActionErase  ActionKind = "erase" // HighHelp's answers and alerts were erased, by payin or by age
	ActionPrune  ActionKind = "prune" // the oldest entries of the audit log were deleted
	ActionSignIn ActionKind = "sign_in"
	ActionRefuse ActionKind = "sign_in_refused"

	ActionDownload   ActionKind = "download" // a workbook was downloaded
	ActionUserAdd    ActionKind = "user_add"
	ActionUserRemove ActionKind = "user_remove"
	ActionAdopt      ActionKind = "adopt" // the database was declared the production database or a copy
	ActionTokenAdd   ActionKind = "token_add"
	ActionTokenDrop  ActionKind = "token_revoke"
)

// Event is an entry of the audit log that is not about a payin.
type Event struct {
	ProjectID   string // empty if the event is not about one project
	Kind        ActionKind
	RunID       int64 // run of the event; 0 if there is none or if the run may be pruned before the event
	Actor, Note string
	Facts       map[string]string // details of the event; "via" is page, cli or token
	At          time.Time         // the zero time means the current time
}

// RunAction is a person's request to act on a run, or on some of its payins.
type RunAction struct {
	Kind  ActionKind // release, discard, undo or undo_decision
	RunID int64
	// release and discard only the held corrections of this class; 0 means all held corrections of the run
	Class      Class
	PaymentIDs []string // the payins of undo and undo_decision; empty means all payins
	DryRun     bool     // undo and undo_decision write nothing
	Ask        AskAgain // required for release
	By, Note   string
	At         time.Time
	Consent    Consent
}

// Action records what a RunAction or a Decision did to one payin. An Action is an entry of the audit log and never
// changes. Before and After are the merchant's row before and after the action.
type Action struct {
	ID        int64 // the entry's number in the project's audit log, which also contains findings; 0 in a dry run
	Kind      ActionKind
	ProjectID string
	RunID     int64
	Seq       int64 // position of the finding that the action is about; 0 if the action is about the whole run
	PaymentID string
	Currency  string
	Before    State
	After     State
	// the result for the row; held means that HighHelp did not answer
	Result   Correction
	Reason   Reason // why the row was not changed
	By, Note string
	At       time.Time
	Facts    ActionFacts
}

// Errors of an ActionStore.
var (
	ErrNotHeld = errors.New("this run has no held corrections")
	ErrOpenRun = errors.New("this run is not finished: wait for its end, or run \"hhrecon run\" to continue it")
	ErrDryRun  = errors.New("this was a dry run, which wrote nothing")
	ErrShadow  = errors.New("the project is in shadow, so hhrecon does not write to the merchant's table: remove " +
		"shadow: true from the project in schedules.yaml first")
	ErrDecided = errors.New("this payin is already decided")
)

// ActionStore executes people's actions. The store writes a row only if the row is unchanged. The same transaction also
// stores the audit log entry.
type ActionStore interface {
	// Execute executes a run action in batches, and calls the callback with each written action. A dry run calls the
	// callback with the actions that it would write. After a crash, a second call of Execute completes the action. If a
	// repeated undo skips a row for the same reason as before, Execute calls the callback with the earlier action and
	// writes nothing. A release asks HighHelp again. A correction is superseded if HighHelp's answer has changed, and
	// stays held if HighHelp does not answer. Execute returns ErrNoRun, ErrNotHeld, ErrOpenRun, ErrDryRun, or *HeldError
	// if another process holds the lock on the project.
	Execute(ctx context.Context, o RunAction, each func(Action) error) error
	// ApplyDecision executes one decision. The result is CorrectionSuperseded, and the row is unchanged, if HighHelp's
	// answer has changed, or if the row differs from the finding or from the last action about the finding. If HighHelp
	// does not answer, the result is CorrectionHeld and no action is stored. If a second person must approve, the row
	// stays unchanged and the kind of the action is propose. ApplyDecision returns ErrNoRun, ErrOpenRun, ErrDryRun,
	// ErrNoFinding, ErrNotApproved, *HeldError if another process holds the lock on the project, and ErrDecided if an
	// earlier decision about the finding is still valid.
	ApplyDecision(ctx context.Context, r Decision) (Action, error)
	// Actions lists a run's actions, oldest first.
	Actions(ctx context.Context, runID int64) iter.Seq2[Action, error]
	// LatestFinding returns the latest finding about a payin in closed runs that are not dry runs, or ErrNoFinding. A
	// held correction that was released is returned as applied.
	LatestFinding(ctx context.Context, projectID, paymentID string) (Finding, error)
	// HeldRuns lists the project's runs with a hold that is neither released nor discarded, oldest first.
	HeldRuns(ctx context.Context, projectID string) ([]Run, error)
	// AuditLogProjects lists the projects that have runs or an audit log.
	AuditLogProjects(ctx context.Context) ([]string, error)
	// Verify recomputes the hashes of the project's audit log and reports the first entry with a wrong hash. Verify
	// also checks that the log still contains the entry of each given Head.
	Verify(ctx context.Context, projectID string, kept ...Head) (Verification, error)
}

// ErrNoFinding says that no run has a finding about a payin.
var ErrNoFinding = errors.New("no run has a finding about this payin")
