package reconcile

import (
	"context"
	"fmt"
	"time"
)

// SupportState is the state of a question to HighHelp's support about a payin.
type SupportState string

// The states. SupportNew is not stored: it means that no case has HighHelp's current answer.
const (
	SupportNew      SupportState = "new"
	SupportSent     SupportState = "sent"     // the question was sent
	SupportAnswered SupportState = "answered" // HighHelp's support answered
	SupportSettled  SupportState = "settled"  // no more questions
)

// SupportStates lists the states in order.
var SupportStates = []SupportState{SupportNew, SupportSent, SupportAnswered, SupportSettled}

// SupportCase is the state that a person set for a payin. It refers to HighHelp's answer of that time. If the answer
// changes, the payin is new again; as long as it stays the same, the state stays too.
type SupportCase struct {
	ProjectID string
	PaymentID string
	Answer    string // HighHelp's answer: see Finding.SupportAnswer
	State     SupportState
	By, Note  string
	At        time.Time
}

// SupportAnswer returns what matters to HighHelp's support of an answer, as text. All amounts are in minor units.
func (f *Finding) SupportAnswer() string {
	return fmt.Sprintf("%s %s:%s %d %d %d", f.Outcome, f.ProviderStatus, f.ProviderSubStatus, f.InitialAmount, f.OldAmount,
		f.PaidAmount)
}

// StateOf returns the case's state, or SupportNew if the finding has another answer.
func (m SupportCase) StateOf(f *Finding) SupportState {
	if m.State == "" || m.Answer != f.SupportAnswer() {
		return SupportNew
	}
	return m.State
}

// SupportStore stores support cases.
type SupportStore interface {
	// SaveSupportCases stores all cases or none. A payin's latest case counts; the earlier ones are its history.
	SaveSupportCases(ctx context.Context, marks []SupportCase) error
	// SupportCases returns the latest case of each payin of a project; an empty projectID means all projects.
	SupportCases(ctx context.Context, projectID string) (map[SupportKey]SupportCase, error)
}

// SupportKey identifies a payin among those of all projects.
type SupportKey struct{ ProjectID, PaymentID string }

// Key identifies the case's payin.
func (m SupportCase) Key() SupportKey { return SupportKey{m.ProjectID, m.PaymentID} }
