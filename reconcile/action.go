package reconcile

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"hhrecon/highhelp"
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

// AskAgain asks HighHelp again about findings of one run, judges the answers by the run's rules, and returns them
// in any order, with Seq and PaymentID as given. Findings whose turn does not come in time are left out.
type AskAgain func(ctx context.Context, rules Rules, findings []Finding) ([]Finding, error)

// MaxAnswerAge is how old an answer may be if what a person orders is written on it.
const MaxAnswerAge = 5 * time.Minute

// CheckAnswer compares what HighHelp says now, nil for nothing, with the finding that an order rests on. It returns
// CorrectionApplied for the same answer, which may be written; CorrectionSuperseded for another one, and CorrectionHeld
// if there is none to go by, both with the reason.
func CheckAnswer(was, is *Finding, now time.Time) (Correction, Reason) {
	switch {
	case is == nil:
		return CorrectionHeld, Because("row.not_asked")
	case !is.Outcome.Trusted() || is.Outcome == NotFound:
		return CorrectionHeld, is.Reason
	case now.Sub(is.CheckedAt) > MaxAnswerAge:
		return CorrectionHeld, Because("row.old_answer", now.Sub(is.CheckedAt))
	case !was.SameAnswer(is):
		return CorrectionSuperseded, Because("row.other_answer", was.answerReason(), is.answerReason())
	}
	return CorrectionApplied, Reason{}
}

// Decision is a person's word on one payin, worked out from the finding that it rests on.
type Decision struct {
	RunID    int64
	Seq      int64
	Finding  Finding  // that it rests on
	Rules    Rules    // of its run
	Answer   *Finding // what HighHelp says now: see AskAgain
	Choice   Choice   // in a proposal's words
	Keep     bool     // the row stays as it is now, whatever After says
	After    State    // the merchant's row as it shall be
	By, Note string
	At       time.Time
	Consent  Consent
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

// Head is the end of a project's audit log: how many entries there were, and the hash of the last of them.
type Head struct {
	Entries int64
	Hash    string
}

// String is N:HASH, or "" for a log without entries.
func (h Head) String() string {
	if h.Entries == 0 {
		return ""
	}
	return fmt.Sprintf("%d:%s", h.Entries, h.Hash)
}

// Verification is what Verify found.
type Verification struct {
	Entries int64  // the place of the last entry that holds, up to the break
	Head    string // the hash of the last of them
	Keyed   int64  // how many of them have a key
	Break   string // where and how the trail breaks, in one sentence; empty: it holds

	// What was taken out by age, from the trail's beginning; it is not checked any more.
	Pruned     int64 // entries
	PrunedRuns int64
	PrunedAt   time.Time // last
	Until      time.Time // when the latest of them started
	Retention  string    // the setting then
	KeptPruned bool      // the entry of the head that was kept is one of them, before the last
}

// EntryHash is the hash of an audit trail's entry: it covers what the entry says and the hash of the one
// before it ("" before the first), so that no entry can be changed, added or taken out unseen. Values
// are strings, int64s, bools and nil, in a fixed order; text that is no UTF-8 is a []string of its hexadecimal. With a
// secret it is an HMAC, else SHA-256.
func EntryHash(secret []byte, before, kind string, values ...any) string {
	text, err := json.Marshal(append([]any{before, kind}, values...))
	if err != nil {
		panic(fmt.Sprintf("reconcile: an entry that is no JSON: %v", err)) // only for values that are none of those
	}
	sum := sha256.New()
	if secret != nil {
		sum = hmac.New(sha256.New, secret)
	}
	_, _ = sum.Write(text) // never fails
	return hex.EncodeToString(sum.Sum(nil))
}

// Choice is how a person decides.
type Choice string

// The choices.
const (
	ChoiceAccept  Choice = "accept"  // HighHelp is right: the row takes over what it says
	ChoiceDecline Choice = "decline" // the payin is declined
	ChoiceKeep    Choice = "keep"    // the row stays as it is
)

// AwaitsDecision tells whether a person must decide about a finding: HighHelp says success with another
// amount and the row is held for it, or a final row no longer holds.
func (f *Finding) AwaitsDecision(rules *Rules) bool {
	if f.Outcome == Reversed {
		return true
	}
	return f.Outcome == DifferentAmount && f.ProviderStatus == highhelp.StatusSuccess &&
		!rules.isFinal(f.After.Status) && f.Correction != CorrectionHeld && f.Correction != CorrectionDryRun
}

// KeepFor is how long a decision that wrote nothing is remembered while the row is open.
const KeepFor = 7 * 24 * time.Hour

// Decided tells whether a person's decision about the finding stands, so that people are not asked again.
func (f *Finding) Decided(rules *Rules, now time.Time) bool {
	return !f.DecidedAt.IsZero() && (rules.isFinal(f.Status) || now.Sub(f.DecidedAt) < KeepFor)
}

// whyNoDecision says who has the word on a payin in place of a person, and ends without a full stop.
func (f *Finding) whyNoDecision(rules *Rules) string {
	switch {
	case f.Outcome == DifferentAmount && f.ProviderStatus == highhelp.StatusDispute:
		return "HighHelp itself has it in dispute, and its support settles that: hhrecon support list has what to ask"
	case f.Outcome == DifferentAmount && f.ProviderStatus == highhelp.StatusProcessing:
		return "it is still under way at HighHelp, and the next run asks again"
	case f.Outcome == DifferentAmount && rules.isFinal(f.After.Status):
		return fmt.Sprintf("the merchant's row is final, it says %s", f.After.Status)
	}
	return fmt.Sprintf("its last finding is %s", f.Outcome)
}

// Decide works out what a person's choice makes of the row that a finding is about. It returns
// an error, for that person, where the finding is none that waits for a decision.
func Decide(f *Finding, c Choice, rules *Rules) (State, error) {
	if !f.AwaitsDecision(rules) {
		return State{}, fmt.Errorf("payin %q does not wait for a decision: %s", f.PaymentID, f.whyNoDecision(rules))
	}
	switch c {
	case ChoiceKeep:
		return f.After, nil
	case ChoiceDecline:
		return State{Status: rules.word(highhelp.StatusDecline)}, nil
	case ChoiceAccept:
		after := State{Status: rules.word(f.ProviderStatus), SubStatus: rules.word(f.ProviderSubStatus)}
		if f.ProviderStatus == highhelp.StatusSuccess {
			after.SettledAmount = f.PaidAmount
		}
		return after, nil
	}
	return State{}, fmt.Errorf("%q is no choice: accept, decline or keep", c)
}

// ErrNotUndecided says that a payin cannot be decided, and why.
var ErrNotUndecided = errors.New("it cannot be decided")

// DecisionInput is a person's word on a payin.
type DecisionInput struct {
	Choice   Choice
	By, Note string
	At       time.Time
	Consent  Consent
}

// NewDecision checks a choice against the last word on its payin, and says what it makes of the row. It goes by the
// rules of the run that found it, the status map above all. It returns ErrNoFinding, ErrDecided, or
// ErrNotUndecided with the reason.
func NewDecision(ctx context.Context, s interface {
	Archive
	ActionStore
}, projectID, paymentID string, w DecisionInput) (Decision, error) {
	f, err := s.LatestFinding(ctx, projectID, paymentID)
	if err != nil {
		return Decision{}, fmt.Errorf("payin %q: %w", paymentID, err)
	}
	run, err := s.Run(ctx, f.RunID)
	if err != nil {
		return Decision{}, err
	}
	if f.Correction == CorrectionHeld {
		return Decision{}, fmt.Errorf("payin %q: %w: run %d is held, release or discard it first", paymentID, ErrNotUndecided,
			f.RunID)
	}
	if f.Decided(&run.Rules, w.At) {
		return Decision{RunID: f.RunID, Seq: f.Seq}, ErrDecided
	}
	after, err := Decide(&f, w.Choice, &run.Rules)
	if err != nil {
		return Decision{}, fmt.Errorf("%w: %w", ErrNotUndecided, err)
	}
	return Decision{
		RunID: f.RunID, Seq: f.Seq, Finding: f, Rules: run.Rules, Choice: w.Choice, Keep: w.Choice == ChoiceKeep,
		After: after, By: w.By, Note: w.Note, At: w.At, Consent: w.Consent,
	}, nil
}

// queryDecisionsLimit is how many payins QueryDecisions asks about at once, which are ruled on while the answers are
// not too old.
const queryDecisionsLimit = 200

// QueryDecisions asks HighHelp again about the payins of the first decisions, as far as they are about one run, and
// returns how many these are.
func QueryDecisions(ctx context.Context, ask AskAgain, decisions []Decision) (n int, err error) {
	var findings []Finding
	for ; n < min(len(decisions), queryDecisionsLimit) && decisions[n].RunID == decisions[0].RunID; n++ {
		findings = append(findings, decisions[n].Finding)
	}
	answers, err := ask(ctx, decisions[0].Rules, findings)
	for i := range answers {
		at := slices.IndexFunc(findings, func(f Finding) bool { return f.Seq == answers[i].Seq })
		decisions[at].Answer = &answers[i]
	}
	return n, err
}

// Replay judges a stored finding's evidence again, without network, and returns what it comes to now.
// Where the rules and the code are as they were, that is the same finding.
func Replay(f *Finding, rules *Rules) (Finding, error) {
	a := Answer{Result: f.Result, Body: f.Answer, At: f.CheckedAt}
	if f.Result == ResultAnswered {
		info, err := highhelp.ParsePayinInfo([]byte(f.Answer))
		if err != nil {
			return Finding{}, fmt.Errorf("the stored answer about payin %q: %w", f.PaymentID, err)
		}
		a.Info = info
	}
	again := NewFinding(f.Payin, f.Seq, &a, rules)
	again.RunID, again.Correction = f.RunID, f.Correction
	return again, nil
}
