package sql

import (
	"context"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/lease"
)

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
		err := s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error { return l.acquire(ctx, tx) })
		var held *reconcile.HeldError
		if !errors.As(err, &held) || time.Now().After(deadline) {
			return l, err
		}
		time.Sleep(projectLockPause)
	}
}

func (l *projectLock) acquire(ctx context.Context, tx *sqlx.Tx) error {
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

// release gives the project up, also if the caller is stopped. If that fails, the process's end or its silence does.
func (l *projectLock) release(ctx context.Context) {
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
