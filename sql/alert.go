package sql

import (
	"context"
	"crypto/rand"
	"slices"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/audit"
	"hhrecon/sql/db"
)

// SaveAlert keeps an alert, and returns false for an exact duplicate (same project, key and version), which is
// counted on the first. When it returns, the alert is on the disk: PostgreSQL's commit waits for it whatever
// synchronous_commit is set to, and SQLite's does since all its connections are synchronous=full; under normal, its log
// would lose the last commits with the power.
func (s *Store) SaveAlert(ctx context.Context, a reconcile.Alert) (bool, error) {
	values := db.Args{
		"project_id": db.CleanText(a.ProjectID), "payment_id": db.CleanText(a.PaymentID), "status": db.CleanText(a.Status),
		"sub_status": db.CleanText(a.SubStatus), "alert_key": indexable(db.CleanText(a.Key)),
		"version": indexable(db.CleanText(a.Version)),
		"body":    append([]byte{}, a.Body...), "sent_timestamp": db.CleanText(a.Timestamp),
		"signature":   db.CleanText(a.Signature),
		"received_at": db.FormatTime(a.ReceivedAt), "state": string(a.State),
		"note": db.CleanText(a.Note), "saving": rand.Text(),
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

// longestIndexed is the longest text that goes into an index as it is; PostgreSQL refuses an entry of more
// than 2 704 bytes.
const longestIndexed = 1000

// indexable stands for a longer text by its digest: an alert is not lost because HighHelp wrote too much.
func indexable(text string) string {
	if len(text) <= longestIndexed {
		return text
	}
	return "sha256:" + audit.AnswerDigest(text)
}

// WaitingAlerts lists a project's waiting alerts in the order of their arrival.
func (s *Store) WaitingAlerts(ctx context.Context, projectID string, limit int) ([]reconcile.Alert, error) {
	alerts, err := s.alerts(ctx, s.Conn, waitingAlertsQuery, db.Args{"project_id": projectID, "limit": limit})
	return alerts, s.WrapError(ctx, err)
}

func (s *Store) alerts(ctx context.Context, tx sqlx.QueryerContext, q db.Query, a db.Args) ([]reconcile.Alert, error) {
	var alerts []reconcile.Alert
	err := s.List(ctx, tx, &alerts, q.In(s.Dialect), a)
	return alerts, err
}

// EndAlerts notes what became of waiting alerts; those that do not wait stay as they are. A runID of 0 is none.
func (s *Store) EndAlerts(ctx context.Context, ids []int64, state reconcile.AlertState, runID int64,
	note string) error {
	ids = slices.Sorted(slices.Values(ids)) // in one order always, so that two at once do not deadlock
	// Ended once more after a lost connection, they are as they were.
	return s.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		for some := range slices.Chunk(ids, page) {
			_, err := s.Exec(ctx, tx, endAlertsQuery.In(s.Dialect),
				db.Args{"ids": db.Numbers(some), "state": string(state), "run_id": runID, "note": db.CleanText(note)})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// CountAlerts counts alerts by project and state.
func (s *Store) CountAlerts(ctx context.Context) ([]reconcile.AlertCount, error) {
	var counts []reconcile.AlertCount
	err := s.List(ctx, s.Conn, &counts, countAlertsQuery.In(s.Dialect), nil)
	return counts, s.WrapError(ctx, err)
}
