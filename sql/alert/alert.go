// Package alert keeps HighHelp's alerts.
package alert

import (
	"context"
	"crypto/rand"
	"embed"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

// Files are the package's statements.
var Files = db.NewQueries(queryFiles)

var (
	alertBytesQuery    = Files.Load("alert_bytes")
	alertsOfPayinQuery = Files.Load("alerts_of_payin")
	countAlertsQuery   = Files.Load("count_alerts")
	durableQuery       = Files.Load("durable")
	endAlertsQuery     = Files.Load("end_alerts")
	hasAlertQuery      = Files.Load("has_alert")
	saveAlertQuery     = Files.Load("save_alert")
	waitingAlertsQuery = Files.Load("waiting_alerts")
)

// AlertStore keeps alerts in a database.
type Inbox struct{ *db.DB }

// HasAlert tells whether an alert of a signed text is kept. It costs one statement, and writes nothing.
func (s Inbox) HasAlert(ctx context.Context, projectID, textDigest string) (has bool, err error) {
	err = s.readOne(ctx, &has, hasAlertQuery, db.Args{"project_id": projectID, "text_digest": textDigest})
	return has, err
}

// AlertBytes is how long the bodies of a project's alerts since a time are together.
func (s Inbox) AlertBytes(ctx context.Context, projectID string, since time.Time) (n int64, err error) {
	err = s.readOne(ctx, &n, alertBytesQuery, db.Args{"project_id": projectID, "since": db.FormatTime(since)})
	return n, err
}

func (s Inbox) readOne(ctx context.Context, dest any, q db.Query, a db.Args) error {
	err := s.Retry(ctx, db.RetryLost, func() error { return s.Get(ctx, s.Conn, dest, q.In(s.Dialect), a) })
	return s.WrapError(ctx, err)
}

// SaveAlert keeps an alert, and returns false if one of the same signed text is there. When it returns, the alert is on
// the disk: PostgreSQL's commit waits for it whatever synchronous_commit is set to, and SQLite's does since all its
// connections are synchronous=full; under normal, its log would lose the last commits with the power.
func (s Inbox) SaveAlert(ctx context.Context, a reconcile.Alert) (bool, error) {
	values := db.Args{
		"project_id": db.CleanText(a.ProjectID), "payment_id": db.CleanText(a.PaymentID), "status": db.CleanText(a.Status),
		"sub_status": db.CleanText(a.SubStatus), "amount": a.Amount, "old_amount": a.OldAmount,
		"initial_amount": a.InitialAmount, "text_digest": a.TextDigest, "body": nil,
		"sent_timestamp": db.CleanText(a.Timestamp), "signature": db.CleanText(a.Signature),
		"received_at": db.FormatTime(a.ReceivedAt), "state": string(a.State),
		"note": db.CleanText(a.Note), "saving": rand.Text(),
	}
	if a.Body != nil {
		values["body"] = a.Body
	}
	var fresh bool
	// A saving whose commit went unheard waits at the unique key for that commit, and finds its own mark.
	err := s.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		if s.Dialect == db.Postgres {
			if _, err := s.Exec(ctx, tx, durableQuery.Postgres, nil); err != nil {
				return err
			}
		}
		return s.Get(ctx, tx, &fresh, saveAlertQuery.In(s.Dialect), values)
	})
	return fresh, err
}

// WaitingAlerts lists a project's waiting alerts in the order of their arrival, without their bodies.
func (s Inbox) WaitingAlerts(ctx context.Context, projectID string, limit int) ([]reconcile.Alert, error) {
	alerts, err := s.alerts(ctx, s.Conn, waitingAlertsQuery, db.Args{"project_id": projectID, "limit": limit})
	return alerts, s.WrapError(ctx, err)
}

// AlertsOf lists a payin's alerts in the order of their arrival, as a transaction sees them, without their bodies.
func (s Inbox) AlertsOf(
	ctx context.Context, tx sqlx.QueryerContext, projectID, paymentID string,
) ([]reconcile.Alert, error) {
	return s.alerts(ctx, tx, alertsOfPayinQuery,
		db.Args{"project_id": db.CleanText(projectID), "payment_id": db.CleanText(paymentID)})
}

func (s Inbox) alerts(ctx context.Context, tx sqlx.QueryerContext, q db.Query, a db.Args) ([]reconcile.Alert, error) {
	var alerts []reconcile.Alert
	err := s.List(ctx, tx, &alerts, q.In(s.Dialect), a)
	return alerts, err
}

// EndAlerts notes what became of waiting alerts; those that do not wait stay as they are. A runID of 0 is none.
func (s Inbox) EndAlerts(ctx context.Context, ids []int64, state reconcile.AlertState, runID int64,
	note string) error {
	ids = slices.Sorted(slices.Values(ids)) // in one order always, so that two at once do not deadlock
	// Ended once more after a lost connection, they are as they were.
	return s.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		for some := range slices.Chunk(ids, 1000) {
			_, err := s.Exec(ctx, tx, endAlertsQuery.In(s.Dialect),
				db.Args{"ids": db.Int64s(some), "state": string(state), "run_id": runID, "note": db.CleanText(note)})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// CountAlerts counts alerts by project and state.
func (s Inbox) CountAlerts(ctx context.Context) ([]reconcile.AlertCount, error) {
	var counts []reconcile.AlertCount
	err := s.List(ctx, s.Conn, &counts, countAlertsQuery.In(s.Dialect), nil)
	return counts, s.WrapError(ctx, err)
}
