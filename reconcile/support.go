package reconcile

import (
	"context"
	"fmt"
	"time"
)

// SupportState is how far a payin is that HighHelp's support is to be asked about.
type SupportState string

// The states. New is kept nowhere: it is the state of what HighHelp says while no mark is about it.
const (
	SupportNew      SupportState = "new"
	SupportSent     SupportState = "sent"     // HighHelp's support was asked
	SupportAnswered SupportState = "answered" // it answered
	SupportSettled  SupportState = "settled"  // there is nothing more to ask
)

// SupportStates lists them in their order.
var SupportStates = []SupportState{SupportNew, SupportSent, SupportAnswered, SupportSettled}

// SupportCase is a person's note of how far a payin is. It is about what HighHelp said then: once HighHelp says
// something else, the payin is new again, so that none is forgotten; while HighHelp says the same, night after night,
// it stays marked, so that none is chased twice.
type SupportCase struct {
	ProjectID string
	PaymentID string
	Answer    string // what HighHelp said, see Finding.SupportAnswer
	State     SupportState
	By, Note  string
	At        time.Time
}

// SupportAnswer is what HighHelp says of a payin, as far as it matters to its support. All amounts are minor units.
func (f *Finding) SupportAnswer() string {
	return fmt.Sprintf("%s %s:%s %d %d %d", f.Outcome, f.ProviderStatus, f.ProviderSubStatus, f.InitialAmount, f.OldAmount,
		f.PaidAmount)
}

// StateOf tells how far the payin of a finding is: the mark's state, or new where the mark is about another word.
func (m SupportCase) StateOf(f *Finding) SupportState {
	if m.State == "" || m.Answer != f.SupportAnswer() {
		return SupportNew
	}
	return m.State
}

// SupportStore keeps marks.
type SupportStore interface {
	// SaveSupportCases keeps marks, all or none; a payin's latest mark counts, the earlier ones stay as its history.
	SaveSupportCases(ctx context.Context, marks []SupportCase) error
	// SupportCases returns the latest mark on each payin of a project; projectID "" is all projects.
	SupportCases(ctx context.Context, projectID string) (map[SupportKey]SupportCase, error)
}

// SupportKey names a payin among those of all projects.
type SupportKey struct{ ProjectID, PaymentID string }

// Key names the mark's payin.
func (m SupportCase) Key() SupportKey { return SupportKey{m.ProjectID, m.PaymentID} }
