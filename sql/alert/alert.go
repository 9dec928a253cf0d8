// Package alert stores HighHelp's alerts until runs have queried their payins.
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

var query = db.Queries(queryFiles)

// Alerts stores alerts in a database.
type Alerts struct{ *db.DB }

// HasAlert reports whether an alert with a signed text is stored. HasAlert executes one statement and writes nothing.
func (s Alerts) HasAlert(ctx context.Context, projectID, textDigest string) (has bool, err error) {
	err = s.readOne(ctx, &has, query("has_alert"), db.Args{"project_id": projectID, "text_digest": textDigest})
	return has, err
}

// AlertBytes returns the total size of the bodies of a project's alerts since a time.
func (s Alerts) AlertBytes(ctx context.Context, projectID string, since time.Time) (n int64, err error) {
	err = s.readOne(ctx, &n, query("alert_bytes"), db.Args{"project_id": projectID, "since": db.FormatTime(since)})
	return n, err
}

func (s Alerts) readOne(ctx context.Context, dest any, q db.Query, a db.Args) error {
	err := s.Retry(ctx, db.RetryLost, func() error { return s.Get(ctx, s.Conn, dest, q.In(s.Dialect), a) })
	return s.WrapError(ctx, err)
}

// SaveAlert stores an alert, and returns false if an alert with the same signed text exists. When SaveAlert
// returns, the alert is on the disk. In PostgreSQL the commit waits for the disk, even if synchronous_commit is
// off. In SQLite the commit waits because all connections use synchronous=full. With "normal", a power failure
// could lose the last commits.
func (s Alerts) SaveAlert(ctx context.Context, a reconcile.Alert) (bool, error) {
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
	// If the connection was lost, the retry's insert waits at the unique key until the first transaction ends. If that
	// transaction committed, the row has the value of :saving that the retry uses.
	err := s.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		if s.Dialect == db.Postgres {
			if _, err := s.Exec(ctx, tx, query("durable").Postgres, nil); err != nil {
				return err
			}
		}
		return s.Get(ctx, tx, &fresh, query("save_alert").In(s.Dialect), values)
	})
	return fresh, err
}

// WaitingAlerts lists a project's waiting alerts in the order of arrival, without their bodies.
func (s Alerts) WaitingAlerts(ctx context.Context, projectID string, limit int) ([]reconcile.Alert, error) {
	alerts, err := s.alerts(ctx, s.Conn, query("waiting_alerts"), db.Args{"project_id": projectID, "limit": limit})
	return alerts, s.WrapError(ctx, err)
}

// AlertsOf lists a payin's alerts in the order of arrival, without their bodies.
func (s Alerts) AlertsOf(ctx context.Context, tx sqlx.QueryerContext,
	projectID, paymentID string) ([]reconcile.Alert, error) {
	return s.alerts(ctx, tx, query("alerts_of_payin"),
		db.Args{"project_id": db.CleanText(projectID), "payment_id": db.CleanText(paymentID)})
}

func (s Alerts) alerts(ctx context.Context, tx sqlx.QueryerContext, q db.Query, a db.Args) ([]reconcile.Alert, error) {
	var alerts []reconcile.Alert
	err := s.List(ctx, tx, &alerts, q.In(s.Dialect), a)
	return alerts, err
}

// EndAlerts saves the result of waiting alerts, and changes no other alerts. A runID of 0 means no run.
func (s Alerts) EndAlerts(ctx context.Context, ids []int64, state reconcile.AlertState, runID int64,
	note string) error {
	ids = slices.Sorted(slices.Values(ids)) // a fixed order avoids deadlocks
	// A retry after a lost connection changes nothing.
	return s.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		for some := range slices.Chunk(ids, 1000) {
			_, err := s.Exec(ctx, tx, query("end_alerts").In(s.Dialect),
				db.Args{"ids": db.Int64s(some), "state": string(state), "run_id": runID, "note": db.CleanText(note)})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// CountAlerts counts alerts by project and state.
func (s Alerts) CountAlerts(ctx context.Context) ([]reconcile.AlertCount, error) {
	return db.Select[reconcile.AlertCount](ctx, s.DB, query("count_alerts"), nil)
}
