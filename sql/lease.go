package sql

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

func leaseArgs(l reconcile.Lease) db.Args {
	return db.Args{"run_id": l.RunID, "project_id": l.ProjectID, "token": db.CleanText(l.Token)}
}

// fence makes sure that the run is the caller's until the transaction ends.
func (s *Store) fence(ctx context.Context, tx *sqlx.Tx, l reconcile.Lease) error {
	var id int64
	return s.GetOr(ctx, tx, &id, fenceQuery, leaseArgs(l), reconcile.ErrRunLost)
}

// KeepAlive notes a sign of life, by the database's clock, and tells whether a person asked for a stop.
func (s *Store) KeepAlive(ctx context.Context, l reconcile.Lease) error {
	a := leaseArgs(l)
	a["clock"] = s.Clock()
	var stopBy string
	err := s.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		return s.GetOr(ctx, tx, &stopBy, keepAliveQuery, a, reconcile.ErrRunLost)
	})
	if err == nil && stopBy != "" {
		err = &reconcile.StopError{By: stopBy}
	}
	return err
}

// AskStop asks a run's owner, wherever it is, to stop; ErrNoRun or ErrNotRunning.
func (s *Store) AskStop(ctx context.Context, runID int64, by string) error {
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		if _, err := s.run(ctx, tx, runID); err != nil {
			return err
		}
		n, err := s.Exec(ctx, tx, askStopQuery.In(s.Dialect), db.Args{"run_id": runID, "stop_by": db.CleanText(by)})
		if err == nil && n == 0 {
			err = reconcile.ErrNotRunning
		}
		return err
	})
}

// Decide keeps what becomes of the run's corrections, so that a run that breaks off while it settles goes
// on as it began.
func (s *Store) Decide(ctx context.Context, l reconcile.Lease, d reconcile.Correction, w reconcile.Weight, note reconcile.Reason) error {
	if !settles(d) {
		return db.Errorf("%q is no decision", d)
	}
	a := withNote(leaseArgs(l), note, s.sentence(note))
	a["decision"] = string(d)
	a["answered"], a["open"], a["changes"], a["harmful"], a["harmful_sum"] = w.Answered, w.Open, w.Changes, w.Harmful, w.HarmfulSum
	return s.WriteOne(ctx, db.RetryLost, decideQuery, a, reconcile.ErrRunLost) // a decision is written over itself
}

// CloseRun writes the run's end. A payin that still waits in the selection, or a finding that is
// missing, is an error.
func (s *Store) CloseRun(ctx context.Context, l reconcile.Lease, state reconcile.RunState, now time.Time) (reconcile.Run, error) {
	if state != reconcile.Complete && state != reconcile.Held {
		return reconcile.Run{}, db.Errorf("%q is no end of a run", state)
	}
	a := leaseArgs(l)
	a["state"], a["now"], a["clock"] = string(state), db.FormatTime(now), s.Clock()
	var run reconcile.Run
	err := s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		if err := s.fence(ctx, tx, l); err != nil {
			return err
		}
		n, err := s.Exec(ctx, tx, closeRunQuery.In(s.Dialect), a)
		if err != nil {
			return err
		}
		if run, err = s.run(ctx, tx, l.RunID); err != nil {
			return err
		}
		if n == 0 {
			return db.Errorf("%d payins were selected, but only %d are settled", run.Selected, run.Settled)
		}
		return nil
	})
	return run, err
}

// withNote adds a run's note to the arguments: its sentence in English, its code and its arguments.
func withNote(a db.Args, note reconcile.Reason, sentence string) db.Args {
	a["note"], a["note_code"], a["note_args"] = db.CleanText(sentence), note.Code, db.CleanText(note.Data())
	return a
}

// InterruptRun gives the run up to whoever goes on with it.
func (s *Store) InterruptRun(ctx context.Context, l reconcile.Lease, note reconcile.Reason) (reconcile.Run, error) {
	a := withNote(leaseArgs(l), note, s.sentence(note))
	var run reconcile.Run
	err := s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		n, err := s.Exec(ctx, tx, interruptRunQuery.In(s.Dialect), a)
		if err == nil && n == 0 {
			err = reconcile.ErrRunLost
		}
		if err != nil {
			return err
		}
		run, err = s.run(ctx, tx, l.RunID)
		return err
	})
	return run, err
}
