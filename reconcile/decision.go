package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hhrecon/highhelp"
)

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
