package reconcile

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hhrecon/highhelp"
)

// AlertState is the state of an alert.
type AlertState string

// The states of an alert.
const (
	AlertWaiting AlertState = "waiting"  // stored; no run has queried the alert's payin yet
	AlertDone    AlertState = "done"     // a run queried the alert's payin after the alert arrived
	AlertNoPayin AlertState = "no_payin" // the merchant's table has no such payin
	// the signature is valid, but the text is not a known form of alert about a payin
	AlertUnreadable AlertState = "unreadable"
)

// Alert is a callback of HighHelp with a valid signature. An alert does not change the merchant's row. An alert causes
// a query about its payin.
type Alert struct {
	ID        int64
	ProjectID string
	PaymentID string // empty if the alert is unreadable
	Status    string // HighHelp's status as received, for people
	SubStatus string
	// SHA-256 of the signed text, in hexadecimal; equal for a repeated alert; empty for alerts of old versions
	TextDigest string
	Body       []byte // as received; nil in lists, and if the body was too large to store

	// Amounts in minor units, as in the alert; 0 if the amount is absent.
	Amount, OldAmount, InitialAmount int64

	Timestamp  string // headers that are needed to verify the signature
	Signature  string
	ReceivedAt time.Time
	State      AlertState
	RunID      int64 // the run that queried the alert's payin; 0 before the query
	Note       string
}

// AlertCount is the number of a project's alerts in one state.
type AlertCount struct {
	ProjectID string
	State     AlertState
	Count     int64
	Oldest    time.Time // when the oldest alert in this state arrived
}

// AlertStore stores alerts.
type AlertStore interface {
	// HasAlert reports whether the project has an alert with this digest of the signed text.
	HasAlert(ctx context.Context, projectID, textDigest string) (bool, error)
	// AlertBytes returns the total size of a project's stored alert bodies that arrived after the given time.
	AlertBytes(ctx context.Context, projectID string, since time.Time) (int64, error)
	// SaveAlert stores an alert durably before SaveAlert returns. The fields ID and RunID are ignored. If the project
	// already has an alert with the same TextDigest, SaveAlert stores nothing and returns false.
	SaveAlert(ctx context.Context, a Alert) (bool, error)
	// WaitingAlerts lists a project's waiting alerts by arrival, without their bodies.
	WaitingAlerts(ctx context.Context, projectID string, limit int) ([]Alert, error)
	// EndAlerts stores the final state of waiting alerts, and appends the note to each alert.
	EndAlerts(ctx context.Context, ids []int64, state AlertState, runID int64, note string) error
	// CountAlerts counts alerts by project and state.
	CountAlerts(ctx context.Context) ([]AlertCount, error)
}

// AlertOf parses a callback with a valid signature. textDigest is the result of highhelp.VerifyAlert. A callback that
// cannot be parsed, or that names another project, becomes an unreadable alert, which a person must check. A rejected
// callback would not be corrected, because HighHelp would send the same text again.
func AlertOf(projectID, textDigest string, body []byte, at time.Time) Alert {
	a := Alert{ProjectID: projectID, TextDigest: textDigest, Body: body, ReceivedAt: at, State: AlertWaiting}
	parsed, err := highhelp.ParseAlert(body)
	if err == nil && !strings.EqualFold(parsed.ProjectID, projectID) {
		err = fmt.Errorf("the alert is about project %q", parsed.ProjectID)
	}
	if err == nil && utf8.RuneCountInString(parsed.PaymentID) > maxPaymentID {
		err = fmt.Errorf("the payment_id is longer than %d characters", maxPaymentID)
	}
	if err != nil {
		a.State, a.Note = AlertUnreadable, err.Error()
		if id := highhelp.AlertPaymentID(body); utf8.RuneCountInString(id) <= maxPaymentID {
			a.PaymentID = id // needed to erase the alert when a person erases the payin's data
		}
		return a
	}
	a.PaymentID, a.Status, a.SubStatus = parsed.PaymentID, parsed.Status, parsed.SubStatus
	if info := parsed.PaymentInfo; info != nil {
		a.Amount, a.OldAmount, a.InitialAmount = info.Amount, info.OldAmount, info.InitialAmount
	}
	return a
}

// Ahead reports whether the alert's status comes after the status in HighHelp's answer. Alerts can arrive in any order.
// An alert with an earlier status than the answer is therefore outdated. If several alerts have the same status, only
// the latest of them counts.
func (a *Alert) Ahead(f *Finding, latest bool) bool {
	stages := map[string]int{
		highhelp.StatusDispute: 1, highhelp.StatusError: 1, highhelp.StatusDecline: 2, highhelp.StatusSuccess: 2,
	}
	said, shown := stages[a.Status], stages[f.ProviderStatus]
	switch {
	case f.Outcome == NotFound || said > shown:
		return f.Outcome != Unverifiable
	case said < shown || !latest || f.Outcome == Unverifiable:
		return false
	case a.Status != f.ProviderStatus || a.SubStatus != f.ProviderSubStatus:
		return true
	}
	return a.Amount != 0 && f.PaidAmount != 0 &&
		(a.Amount != f.PaidAmount || a.OldAmount != f.OldAmount || a.InitialAmount != f.InitialAmount)
}

// maxPaymentID is the maximum length of a payment_id that HighHelp accepts when a payin is created.
const maxPaymentID = 255
