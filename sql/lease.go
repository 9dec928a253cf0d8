package sql

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/hold"
	"hhrecon/sql/lease"
)

// RequestStop asks a run's owner, wherever it is, to stop; ErrNoRun or ErrNotRunning.
func (s *runStore) RequestStop(ctx context.Context, runID int64, by string) error {
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		run, err := s.run(ctx, tx, runID)
		if err != nil {
			return err
		}
		n, err := s.Exec(ctx, tx, requestStopQuery.In(s.Dialect), db.Args{"run_id": runID, "stop_by": db.CleanText(by)})
		if err != nil || n == 0 {
			return cmp.Or(err, reconcile.ErrNotRunning)
		}
		stop := reconcile.Event{ProjectID: run.ProjectID, Kind: reconcile.ActionStop, RunID: runID, Actor: by}
		return s.RecordEventIn(ctx, tx, stop)
	})
}

// SaveCorrectionMode keeps what becomes of the run's corrections, so that a run that breaks off while it settles goes
// on as it began.
func (s *runStore) SaveCorrectionMode(ctx context.Context, l reconcile.Lease, d reconcile.Correction,
	w reconcile.ImpactSummary,
	note reconcile.Reason) error {
	if !settles(d) {
		return db.Errorf("%q is no decision", d)
	}
	a := withNote(lease.Args(l), note, s.sentence(note))
	a["decision"] = string(d)
	a["answered"], a["open"], a["changes"], a["harmful"] = w.Answered, w.Open, w.Changes, w.Harmful
	a["classes"] = hold.Encode(w)
	return s.WriteOne(ctx, db.RetryLost, saveDecisionQuery, a, reconcile.ErrRunLost) // a decision is written over itself
}

// CloseRun writes the run's end. A payin that still waits in the selection, or a finding that is
// missing, is an error.
func (s *runStore) CloseRun(ctx context.Context, l reconcile.Lease, state reconcile.RunState,
	now time.Time) (reconcile.Run, error) {
	if state != reconcile.Complete && state != reconcile.Held {
		return reconcile.Run{}, db.Errorf("%q is no end of a run", state)
	}
	a := lease.Args(l)
	a["state"], a["now"], a["clock"] = string(state), db.FormatTime(now), s.Clock()
	var run reconcile.Run
	err := s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		if err := s.RequireLease(ctx, tx, l); err != nil {
			return err
		}
		n, err := s.Exec(ctx, tx, closeRunQuery.In(s.Dialect), a)
		if err == nil {
			err = hold.EndOvertaken(ctx, s.DB, tx, l)
		}
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
func (s *runStore) InterruptRun(ctx context.Context, l reconcile.Lease, note reconcile.Reason) (reconcile.Run, error) {
	a := withNote(lease.Args(l), note, s.sentence(note))
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

// projectLock keeps runs, and other people, from a project while somebody acts on it by hand.
type projectLock struct {
	store *runStore
	args  db.Args
}

const (
	projectLockWait  = 10 * time.Second // for a run that alerts began, or another person's decision
	projectLockPause = 100 * time.Millisecond
)

// lockProject takes a run's project to act on it; *reconcile.HeldError if another process has it.
func (s *runStore) lockProject(ctx context.Context, kind reconcile.ActionKind, run reconcile.Run) (*projectLock,
	error) {
	if project := projectOf(run); kind != reconcile.ActionDiscard {
		if _, err := s.Prove(ctx, &project); err != nil {
			return nil, err
		}
	}
	l := &projectLock{s, lease.OwnerArgs(reconcile.ThisProcess())}
	l.args["project_id"], l.args["run_id"] = run.ProjectID, run.ID
	l.args["kind"], l.args["clock"] = string(kind), s.Clock()
	for deadline := time.Now().Add(projectLockWait); ; {
		err := s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error { return l.take(ctx, tx) })
		var held *reconcile.HeldError
		if !errors.As(err, &held) || time.Now().After(deadline) {
			return l, err
		}
		time.Sleep(projectLockPause)
	}
}

func (l *projectLock) take(ctx context.Context, tx *sqlx.Tx) error {
	for range 2 { // a run that somebody takes over at this moment is seen the second time
		if err := l.store.clearProject(ctx, tx, l.args["project_id"].(string), reconcile.LeaseExpired); err != nil {
			return err
		}
	}
	_, err := l.store.Exec(ctx, tx, acquireProjectQuery.In(l.store.Dialect), l.args)
	return err
}

// require makes sure that the project is still the caller's, until the transaction ends, and is a heartbeat.
func (l *projectLock) require(ctx context.Context, tx *sqlx.Tx) error {
	n, err := l.store.Exec(ctx, tx, heartbeatProjectQuery.In(l.store.Dialect), l.args)
	if err == nil && n == 0 {
		err = reconcile.ErrRunLost
	}
	return err
}

// free gives the project up, also if the caller is stopped. If that fails, the process's end or its silence does.
func (l *projectLock) free(ctx context.Context) {
	if err := l.store.WriteOne(context.WithoutCancel(ctx), db.RetryLost, releaseProjectQuery, l.args, nil); err != nil {
		l.store.Log.WarnContext(ctx, "the project is not given up", "reason", err)
	}
}

// unlockProject takes a project from somebody who acts on it by hand, if that process is gone; else it is
// *reconcile.HeldError. Who acts may ask HighHelp between two heartbeats, until the answers are too old.
func (s *runStore) unlockProject(ctx context.Context, tx *sqlx.Tx, projectID string,
	dead func(reconcile.Run) bool) error {
	var row struct {
		reconcile.Run
		Action reconcile.ActionKind
		ReadAt time.Time
	}
	a := db.Args{"project_id": projectID, "token": "", "clock": s.Clock()}
	err := s.Get(ctx, tx, &row, lockProjectQuery.In(s.Dialect), a)
	if err != nil || row.Owner.Token == "" {
		return err
	}
	row.HeartbeatAge = row.ReadAt.Sub(row.HeartbeatAt) - reconcile.MaxAnswerAge
	if !dead(row.Run) {
		return &reconcile.HeldError{Run: row.Run, Action: row.Action}
	}
	_, err = s.Exec(ctx, tx, releaseProjectQuery.In(s.Dialect), a)
	return err
}
