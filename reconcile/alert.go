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
	TextDigest string // SHA-256 of the signed text in hex: the same text is the same alert; "" in old ones
	Body       []byte // as received; nil if it is too much to be kept, and in lists

	// Minor units, as the alert says; 0 if it says none.
	Amount, OldAmount, InitialAmount int64

	Timestamp  string // the headers that it was proved by
	Signature  string
	ReceivedAt time.Time
	State      AlertState
	RunID      int64 // that asked about its payin; 0 before
	Note       string
}

// AlertCount is how many alerts of a project stand in a state.
type AlertCount struct {
	ProjectID string
	State     AlertState
	Count     int64
	Oldest    time.Time // the first of them to arrive
}

// AlertStore keeps alerts.
type AlertStore interface {
	// HasAlert tells whether an alert of a signed text is kept; it only reads.
	HasAlert(ctx context.Context, projectID, textDigest string) (bool, error)
	// AlertBytes is how long the kept bodies of a project's alerts since a time are together.
	AlertBytes(ctx context.Context, projectID string, since time.Time) (int64, error)
	// SaveAlert keeps an alert durably before it returns. Of the alert it takes everything but ID and RunID. It returns
	// false, and keeps nothing, if one of the same project and TextDigest is there.
	SaveAlert(ctx context.Context, a Alert) (bool, error)
	// WaitingAlerts lists a project's waiting alerts in the order of their arrival, without their bodies.
	WaitingAlerts(ctx context.Context, projectID string, limit int) ([]Alert, error)
	// EndAlerts notes what became of waiting alerts, after the notes of their arrival.
	EndAlerts(ctx context.Context, ids []int64, state AlertState, runID int64, note string) error
	// CountAlerts counts alerts by project and state.
	CountAlerts(ctx context.Context) ([]AlertCount, error)
}

// AlertOf makes an alert of a body that was proved; textDigest is what highhelp.VerifyAlert returned. One that cannot
// be read, or is about another project, is kept all the same: a person must see it, and sending it again would not
// help.
func AlertOf(projectID, textDigest string, body []byte, at time.Time) Alert {
	a := Alert{ProjectID: projectID, TextDigest: textDigest, Body: body, ReceivedAt: at, State: AlertWaiting}
	parsed, err := highhelp.ParseAlert(body)
	if err == nil && !strings.EqualFold(parsed.ProjectID, projectID) {
		err = fmt.Errorf("it is about project %q", parsed.ProjectID)
	}
	if err == nil && utf8.RuneCountInString(parsed.PaymentID) > maxPaymentID {
		err = fmt.Errorf("its payment_id is longer than %d characters", maxPaymentID)
	}
	if err != nil {
		a.State, a.Note = AlertUnreadable, err.Error()
		if id := highhelp.AlertPaymentID(body); utf8.RuneCountInString(id) <= maxPaymentID {
			a.PaymentID = id // so that it can be erased with its payin
		}
		return a
	}
	a.PaymentID, a.Status, a.SubStatus = parsed.PaymentID, parsed.Status, parsed.SubStatus
	if info := parsed.PaymentInfo; info != nil {
		a.Amount, a.OldAmount, a.InitialAmount = info.Amount, info.OldAmount, info.InitialAmount
	}
	return a
}

// Ahead tells whether an answer of HighHelp's does not show yet what the alert says. The order in which alerts come
// proves nothing: one that says less than the answer is old, and of those that say as much the latest counts.
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

// maxPaymentID is HighHelp's own limit: it takes no longer one when a payin is created.
const maxPaymentID = 255
