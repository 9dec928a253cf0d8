package sql

import (
	"context"
	"crypto/rand"
	"slices"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

// alertRow is an alert as the statements read it.
type alertRow struct {
	ID            int64  `db:"id"`
	ProjectID     string `db:"project_id"`
	PaymentID     string `db:"payment_id"`
	Status        string `db:"status"`
	SubStatus     string `db:"sub_status"`
	Key           string `db:"alert_key"`
	Version       string `db:"version"`
	Body          []byte `db:"body"`
	SentTimestamp string `db:"sent_timestamp"`
	Signature     string `db:"signature"`
	ReceivedAt    moment `db:"received_at"`
	State         string `db:"state"`
	RunID         int64  `db:"run_id"`
	Note          string `db:"note"`
	Repeats       int64  `db:"repeats"`
}

func (r *alertRow) alert() reconcile.Alert {
	return reconcile.Alert{
		ID: r.ID, ProjectID: r.ProjectID, PaymentID: r.PaymentID, Status: r.Status, SubStatus: r.SubStatus,
		Key: r.Key, Version: r.Version, Body: r.Body, Timestamp: r.SentTimestamp, Signature: r.Signature,
		ReceivedAt: r.ReceivedAt.Time, State: reconcile.AlertState(r.State), RunID: r.RunID, Note: r.Note, Repeats: r.Repeats,
	}
}

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

func (s *Store) alerts(ctx context.Context, db sqlx.QueryerContext, q query, a args) ([]reconcile.Alert, error) {
	var rows []alertRow
	if err := s.list(ctx, db, &rows, q.in(s.dialect), a); err != nil {
		return nil, err
	}
	alerts := make([]reconcile.Alert, len(rows))
	for i := range rows {
		alerts[i] = rows[i].alert()
	}
	return alerts, nil
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
	var rows []struct {
		ProjectID string `db:"project_id"`
		State     string `db:"state"`
		Count     int64  `db:"count"`
		Oldest    moment `db:"oldest"`
	}
	if err := s.list(ctx, s.db, &rows, countAlertsQuery.in(s.dialect), nil); err != nil {
		return nil, s.explain(ctx, err)
	}
	counts := make([]reconcile.AlertCount, len(rows))
	for i, r := range rows {
		counts[i] = reconcile.AlertCount{ProjectID: r.ProjectID, State: reconcile.AlertState(r.State), Count: r.Count, Oldest: r.Oldest.Time}
	}
	return counts, nil
}
