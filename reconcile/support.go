package reconcile

import (
	"context"
	"fmt"
	"time"
)

// SupportState is the state of a question to HighHelp's support about a payin.
type SupportState string

// States of a question. SupportNew is not stored. SupportNew means that no support case exists
// for HighHelp's current answer.
const (
	SupportNew      SupportState = "new"
	SupportSent     SupportState = "sent"     // the question was sent
	SupportAnswered SupportState = "answered" // HighHelp's support answered
	SupportSettled  SupportState = "settled"  // no further question is necessary
)

// SupportStates lists the states in the order of their progress.
var SupportStates = []SupportState{SupportNew, SupportSent, SupportAnswered, SupportSettled}

// SupportCase is the state that a person set for a payin. The state is valid while HighHelp's answer stays the same. If
// the answer changes, the state is SupportNew again.
type SupportCase struct {
	ProjectID string
	PaymentID string
	Answer    string // HighHelp's answer when the state was set: see Finding.SupportAnswer
	State     SupportState
	By, Note  string
	At        time.Time
}

// SupportAnswer returns the part of an answer that matters to HighHelp's support, as text. All amounts are in minor
// units.
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
	// SaveSupportCases stores all cases or none. Only the latest case of a payin is valid. Earlier cases stay in
	// the table as history.
	SaveSupportCases(ctx context.Context, marks []SupportCase) error
	// SupportCases returns the latest case of each payin of a project. An empty projectID means all projects.
	SupportCases(ctx context.Context, projectID string) (map[SupportKey]SupportCase, error)
	// SupportCasesOf returns the latest case of each of the given payins.
	SupportCasesOf(ctx context.Context, payins []SupportKey) (map[SupportKey]SupportCase, error)
}

// SupportKey identifies a payin of one project.
type SupportKey struct{ ProjectID, PaymentID string }

// Key returns the SupportKey of the case's payin.
func (m SupportCase) Key() SupportKey { return SupportKey{m.ProjectID, m.PaymentID} }
