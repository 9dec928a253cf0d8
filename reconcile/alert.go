package reconcile

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hhrecon/highhelp"
)

// AlertState is where an alert stands.
type AlertState string

// The states of an alert.
const (
	AlertWaiting    AlertState = "waiting"    // stored; its payin is to be asked about
	AlertDone       AlertState = "done"       // a run has asked about its payin since
	AlertNoPayin    AlertState = "no_payin"   // the merchant's table has no payin of its id
	AlertUnreadable AlertState = "unreadable" // rightly signed, but not about a payin in a form that we know
)

// Alert is a message of HighHelp's, as it was received and proved. It changes no row by itself: it has
// its payin asked about.
type Alert struct {
	ID         int64
	ProjectID  string
	PaymentID  string // "" where it is unreadable
	Status     string // HighHelp's words, for people
	SubStatus  string
	Key        string // HighHelp's own key of duplicates; has no amount
	Version    string // what tells versions under one key apart: a digest of payment_info; of all where it is unreadable
	Body       []byte // as received
	Timestamp  string // the headers that it was proved by
	Signature  string
	ReceivedAt time.Time
	State      AlertState
	RunID      int64 // that asked about its payin; 0 before
	Note       string
	Repeats    int64 // exact duplicates that came after it
}

// AlertCount is how many alerts of a project stand in a state.
type AlertCount struct {
	ProjectID string
	State     AlertState
	Count     int64
	Oldest    time.Time // the first of them to arrive
}

// Inbox keeps alerts.
type Inbox interface {
	// SaveAlert keeps an alert durably before it returns. Of the alert it takes everything but ID, RunID and Repeats. It returns false
	// for an exact duplicate (same project, key and version), which is counted and not kept.
	SaveAlert(ctx context.Context, a Alert) (bool, error)
	// WaitingAlerts lists a project's waiting alerts in the order of their arrival.
	WaitingAlerts(ctx context.Context, projectID string, limit int) ([]Alert, error)
	// EndAlerts notes what became of waiting alerts.
	EndAlerts(ctx context.Context, ids []int64, state AlertState, runID int64, note string) error
	// CountAlerts counts alerts by project and state.
	CountAlerts(ctx context.Context) ([]AlertCount, error)
}

// AlertOf makes an alert of a body that was proved. One that cannot be read, or is about another project, is kept
// all the same: a person must see it, and sending it again would not help.
func AlertOf(projectID string, body []byte, at time.Time) Alert {
	a := Alert{ProjectID: projectID, Body: body, ReceivedAt: at, State: AlertWaiting}
	parsed, err := highhelp.ParseAlert(body)
	if err == nil && !strings.EqualFold(parsed.ProjectID, projectID) {
		err = fmt.Errorf("it is about project %q", parsed.ProjectID)
	}
	if err == nil && utf8.RuneCountInString(parsed.PaymentID) > maxPaymentID {
		err = fmt.Errorf("its payment_id is longer than %d characters", maxPaymentID)
	}
	if err != nil {
		a.State, a.Version, a.Note = AlertUnreadable, highhelp.Digest(body), err.Error()
		return a
	}
	a.PaymentID, a.Status, a.SubStatus = parsed.PaymentID, parsed.Status, parsed.SubStatus
	a.Key, a.Version = parsed.IdempotencyKey(), parsed.Version()
	return a
}

// ahead tells whether an answer of HighHelp's does not show yet what the alert says. The order in which alerts come
// proves nothing: one that says less than the answer is old, and of those that say as much the latest counts.
func (a *Alert) ahead(f *Finding, latest bool) bool {
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
	parsed, err := highhelp.ParseAlert(a.Body)
	return err == nil && parsed.PaymentInfo != nil && f.PaidAmount != 0 && (parsed.PaymentInfo.Amount != f.PaidAmount ||
		parsed.PaymentInfo.OldAmount != f.OldAmount || parsed.PaymentInfo.InitialAmount != f.InitialAmount)
}

// maxPaymentID is HighHelp's own limit: it takes no longer one when a payin is created.
const maxPaymentID = 255
