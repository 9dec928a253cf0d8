package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hhrecon/highhelp"
)

// AskAgain queries the payins of findings of one run again, and judges the answers by the run's rules. Each result has
// the Seq and PaymentID of its finding. The order of the results is undefined. A finding has no result if HighHelp did
// not answer.
type AskAgain func(ctx context.Context, rules Rules, findings []Finding) ([]Finding, error)

// MaxAnswerAge is the maximum age of an answer that an action or a decision writes into the row.
const MaxAnswerAge = 5 * time.Minute

// CheckAnswer compares the answer of an action's finding with HighHelp's current answer, which is nil if HighHelp did
// not answer. CheckAnswer returns CorrectionApplied if the answers are equal, and CorrectionSuperseded with a reason if
// they differ. If the current answer is missing or unusable, CheckAnswer returns CorrectionHeld with a reason.
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

// Decision is a person's decision about one payin, with the finding that the decision is about.
type Decision struct {
	RunID    int64
	Seq      int64
	Finding  Finding  // the latest finding about the payin
	Rules    Rules    // rules of the finding's run
	Answer   *Finding // HighHelp's current answer: see AskAgain
	Choice   Choice   // the person's choice; a proposal stores this choice
	Keep     bool     // the decision does not change the row, and After is ignored
	After    State    // the merchant's row after the decision
	By, Note string
	At       time.Time
	Consent  Consent
}

// Choice names a possible decision about a payin.
type Choice string

// Choices of a person about a payin.
const (
	ChoiceAccept  Choice = "accept"  // write HighHelp's status and amount into the row
	ChoiceDecline Choice = "decline" // decline the payin
	ChoiceKeep    Choice = "keep"    // leave the row unchanged
)

// AwaitsDecision reports whether a person must decide about the finding. A person must decide if HighHelp reports
// success with a different amount and the policy left the row undecided, or if HighHelp contradicts a final row.
func (f *Finding) AwaitsDecision(rules *Rules) bool {
	if f.Outcome == Reversed {
		return true
	}
	return f.Outcome == DifferentAmount && f.ProviderStatus == highhelp.StatusSuccess &&
		!rules.isFinal(f.After.Status) && f.Correction != CorrectionHeld && f.Correction != CorrectionDryRun
}

// KeepFor is how long a decision that changed no row stays valid while the payin is open.
const KeepFor = 7 * 24 * time.Hour

// Decided reports whether a person has decided about the finding and the decision is still valid.
func (f *Finding) Decided(rules *Rules, now time.Time) bool {
	return !f.DecidedAt.IsZero() && (rules.isFinal(f.Status) || now.Sub(f.DecidedAt) < KeepFor)
}

// whyNoDecision returns the reason why a person need not decide about the finding, as a sentence without a full stop.
func (f *Finding) whyNoDecision(rules *Rules) string {
	switch {
	case f.Outcome == DifferentAmount && f.ProviderStatus == highhelp.StatusDispute:
		return "HighHelp reports a dispute: ask HighHelp support (see \"hhrecon support list\")"
	case f.Outcome == DifferentAmount && f.ProviderStatus == highhelp.StatusProcessing:
		return "HighHelp has not completed the payin yet: wait for the next run"
	case f.Outcome == DifferentAmount && rules.isFinal(f.After.Status):
		return fmt.Sprintf("the merchant's row is final: %s", f.After.Status)
	}
	return fmt.Sprintf("the latest finding is %s", f.Outcome)
}

// Decide returns the merchant's row as it must be after a person's choice. The error says that the finding does not
// await a decision, or that the finding does not allow the choice.
func Decide(f *Finding, c Choice, rules *Rules) (State, error) {
	if !f.AwaitsDecision(rules) {
		return State{}, fmt.Errorf("payin %q does not wait for a decision: %s", f.PaymentID, f.whyNoDecision(rules))
	}
	switch c {
	case ChoiceKeep:
		return f.After, nil
	case ChoiceDecline:
		return State{Status: rules.merchantStatus(highhelp.StatusDecline)}, nil
	case ChoiceAccept:
		after := State{Status: rules.merchantStatus(f.ProviderStatus), SubStatus: rules.merchantStatus(f.ProviderSubStatus)}
		if f.ProviderStatus == highhelp.StatusSuccess {
			after.SettledAmount = f.PaidAmount
		}
		return after, nil
	}
	return State{}, fmt.Errorf("%q is not a choice: write accept, decline or keep", c)
}

// ErrNotUndecided means that a person cannot decide about the payin. The wrapping error says why.
var ErrNotUndecided = errors.New("no decision is possible")

// DecisionInput has the values that a person submits to decide about a payin.
type DecisionInput struct {
	Choice   Choice
	By, Note string
	At       time.Time
	Consent  Consent
}

// NewDecision checks a choice against the latest finding about the payin and determines the new row. The rules of the
// finding's run apply, such as the status map. NewDecision returns ErrNoFinding, ErrDecided, ErrShadow, or
// ErrNotUndecided with the reason.
func NewDecision(ctx context.Context, s interface {
	Archive
	ActionStore
}, projectID, paymentID string, w DecisionInput) (Decision, error) {
	if w.Consent.Shadow {
		return Decision{}, ErrShadow
	}
	f, err := s.LatestFinding(ctx, projectID, paymentID)
	if err != nil {
		return Decision{}, fmt.Errorf("payin %q: %w", paymentID, err)
	}
	run, err := s.Run(ctx, f.RunID)
	if err != nil {
		return Decision{}, err
	}
	if f.Correction == CorrectionHeld {
		return Decision{}, fmt.Errorf("payin %q: %w: run %d is held: release or discard this run", paymentID, ErrNotUndecided,
			f.RunID)
	}
	if f.Decided(&run.Rules, w.At) {
		return Decision{RunID: f.RunID, Seq: f.Seq}, ErrDecided
	}
	after, err := Decide(&f, w.Choice, &run.Rules)
	if err != nil {
		return Decision{}, fmt.Errorf("%w: %w", ErrNotUndecided, err)
	}
	return Decision{RunID: f.RunID, Seq: f.Seq, Finding: f, Rules: run.Rules, Choice: w.Choice,
		Keep: w.Choice == ChoiceKeep, After: after, By: w.By, Note: w.Note, At: w.At, Consent: w.Consent}, nil
}

// queryDecisionsLimit is the maximum number of payins that QueryDecisions queries in one call. All queried decisions
// can be applied before the answers are older than MaxAnswerAge.
const queryDecisionsLimit = 200

// QueryDecisions queries the payins of the first decisions in the list again. QueryDecisions stops at a decision about
// another run. QueryDecisions sets Decision.Answer and returns the number of queried decisions.
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
