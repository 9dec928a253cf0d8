package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// RecordEvent adds an event to the audit log of its project.
func (s LogStore) RecordEvent(ctx context.Context, e reconcile.Event) error {
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error { return s.RecordEventIn(ctx, tx, e) })
}

// RecordBegin records who started a run, the run's trigger and the run's settings.
func (s LogStore) RecordBegin(ctx context.Context, tx *sqlx.Tx, runID int64, n *reconcile.NewRun) error {
	if n.StartEvent.Facts == nil {
		return nil
	}
	e := n.StartEvent
	e.ProjectID, e.Kind, e.RunID, e.At = n.Project.ID, reconcile.ActionBegin, runID, n.StartedAt
	e.Actor, e.Facts = cmp.Or(n.Origin.By, e.Actor), maps.Clone(e.Facts)
	e.Facts["trigger"] = string(n.Origin.Trigger)
	if n.Origin.Via != "" {
		e.Facts["via"] = string(n.Origin.Via)
	}
	return s.RecordEventIn(ctx, tx, e)
}

// RecordEventIn is RecordEvent in the caller's transaction. If the event is about a run, the caller has locked the run.
func (s LogStore) RecordEventIn(ctx context.Context, tx *sqlx.Tx, e reconcile.Event) error {
	if e.At.IsZero() {
		e.At = time.Now()
	}
	log, err := s.LockLog(ctx, tx, e.ProjectID)
	if err != nil {
		return err
	}
	var run, facts any
	if e.RunID != 0 {
		run = e.RunID
	}
	if len(e.Facts) > 0 {
		text, err := json.Marshal(e.Facts)
		if err != nil {
			return err
		}
		facts = db.CleanText(string(text))
	}
	actor, note, at := db.CleanText(e.Actor), db.CleanText(e.Note), db.FormatTime(e.At)
	// The values are in the order of the columns in entries_of_actions.sql.
	log.add(Action, db.RawValues(Version, e.ProjectID, run, int64(0), "", "", nil, nil, nil, nil, nil, nil, nil,
		string(e.Kind), "none", nil, "", "", "", facts, log.Key(), nil, actor, note, at))
	n, err := s.Exec(ctx, tx, query("save_event").In(s.Dialect), db.Args{
		"version": Version, "project_id": e.ProjectID, "run_id": run, "kind": string(e.Kind), "facts": facts,
		"key_id": log.KeyID, "actor": actor, "note": note, "acted_at": at, "chain_seq": log.Seq, "hash": log.Hash,
	})
	if err == nil && n != 1 {
		err = db.Errorf("an event has %d entries in the audit log instead of 1", n)
	}
	if err == nil {
		err = s.SaveLog(ctx, tx, log)
	}
	return s.OwnTableError("hhrecon_action", err)
}
