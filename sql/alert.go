package sql

import (
	"context"
	"crypto/rand"
	"slices"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

// SaveAlert keeps an alert, and returns false for an exact duplicate (same project, key and version), which is
// counted on the first. When it returns, the alert is on the disk: PostgreSQL's commit waits for it whatever
// synchronous_commit is set to, and SQLite's does since all its connections are synchronous=full; under normal, its log
// would lose the last commits with the power.
func (s *Store) SaveAlert(ctx context.Context, a reconcile.Alert) (bool, error) {
	values := args{
		"project_id": clean(a.ProjectID), "payment_id": clean(a.PaymentID), "status": clean(a.Status),
		"sub_status": clean(a.SubStatus), "alert_key": indexable(clean(a.Key)), "version": indexable(clean(a.Version)),
		"body": append([]byte{}, a.Body...), "sent_timestamp": clean(a.Timestamp), "signature": clean(a.Signature),
		"received_at": stamp(a.ReceivedAt), "state": string(a.State), "note": clean(a.Note), "saving": rand.Text(),
	}
	var fresh bool
	// A saving whose commit went unheard waits at the unique key for that commit, and finds its own mark.
	err := s.write(ctx, retryLost, func(tx *sqlx.Tx) error {
		if s.dialect == postgres {
			if _, err := s.exec(ctx, tx, durableQuery.postgres, nil); err != nil {
				return err
			}
		}
		return s.get(ctx, tx, &fresh, saveAlertQuery.in(s.dialect), values)
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
	return "sha256:" + digest(text)
}

// WaitingAlerts lists a project's waiting alerts in the order of their arrival.
func (s *Store) WaitingAlerts(ctx context.Context, projectID string, limit int) ([]reconcile.Alert, error) {
	alerts, err := s.alerts(ctx, s.db, waitingAlertsQuery, args{"project_id": projectID, "limit": limit})
	return alerts, s.explain(ctx, err)
}

func (s *Store) alerts(ctx context.Context, tx sqlx.QueryerContext, q query, a args) ([]reconcile.Alert, error) {
	var alerts []reconcile.Alert
	err := s.list(ctx, tx, &alerts, q.in(s.dialect), a)
	return alerts, err
}

// EndAlerts notes what became of waiting alerts; those that do not wait stay as they are. A runID of 0 is none.
func (s *Store) EndAlerts(ctx context.Context, ids []int64, state reconcile.AlertState, runID int64, note string) error {
	ids = slices.Sorted(slices.Values(ids)) // in one order always, so that two at once do not deadlock
	// Ended once more after a lost connection, they are as they were.
	return s.write(ctx, retryLost, func(tx *sqlx.Tx) error {
		for some := range slices.Chunk(ids, page) {
			_, err := s.exec(ctx, tx, endAlertsQuery.in(s.dialect),
				args{"ids": numbers(some), "state": string(state), "run_id": runID, "note": clean(note)})
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
	err := s.list(ctx, s.db, &counts, countAlertsQuery.in(s.dialect), nil)
	return counts, s.explain(ctx, err)
}
