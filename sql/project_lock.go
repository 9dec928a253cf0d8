package sql

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/lease"
)

// projectLock prevents runs and actions of other people in a project while a person acts on it.
type projectLock struct {
	store *runStore
	args  db.Args
}

const (
	projectLockWait  = 10 * time.Second // time for an alert's run or another person's decision to end
	projectLockPause = 100 * time.Millisecond
)

// lockProject locks a run's project for an action. lockProject returns *reconcile.HeldError if another process has
// locked it.
func (s *runStore) lockProject(ctx context.Context, kind reconcile.ActionKind,
	run reconcile.Run) (*projectLock, error) {
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
		if !reconcile.IsType[*reconcile.HeldError](err) || time.Now().After(deadline) {
			return l, err
		}
		time.Sleep(projectLockPause)
	}
}

func (l *projectLock) acquire(ctx context.Context, tx *sqlx.Tx) error {
	for range 2 { // the second attempt finds a run that another process is acquiring
		if err := l.store.clearProject(ctx, tx, l.args["project_id"].(string), reconcile.LeaseExpired); err != nil {
			return err
		}
	}
	_, err := l.store.Exec(ctx, tx, query("action/acquire_project").In(l.store.Dialect), l.args)
	return err
}

// require checks that the caller has the lock until the transaction ends, and renews the lock.
func (l *projectLock) require(ctx context.Context, tx *sqlx.Tx) error {
	n, err := l.store.Exec(ctx, tx, query("action/heartbeat_project").In(l.store.Dialect), l.args)
	if err == nil && n == 0 {
		err = reconcile.ErrRunLost
	}
	return err
}

// release releases the lock, even if the context has ended. If releasing fails, the lock expires after the process has
// ended.
func (l *projectLock) release(ctx context.Context) {
	if err := l.store.WriteOne(context.WithoutCancel(ctx), db.RetryLost, query("action/release_project"), l.args,
		nil); err != nil {
		l.store.Log.WarnContext(ctx, "the lock of the project was not released", "reason", err)
	}
}

// unlockProject removes the lock of a dead process. For a live process it returns *reconcile.HeldError. The process may
// query HighHelp between two heartbeats, so its lock expires MaxAnswerAge later.
func (s *runStore) unlockProject(ctx context.Context, tx *sqlx.Tx, projectID string,
	dead func(reconcile.Run) bool) error {
	var row struct {
		reconcile.Run
		Action reconcile.ActionKind
		ReadAt time.Time
	}
	a := db.Args{"project_id": projectID, "token": "", "clock": s.Clock()}
	err := s.Get(ctx, tx, &row, query("action/lock_project").In(s.Dialect), a)
	if err != nil || row.Owner.Token == "" {
		return err
	}
	row.HeartbeatAge = row.ReadAt.Sub(row.HeartbeatAt) - reconcile.MaxAnswerAge
	if !dead(row.Run) {
		return &reconcile.HeldError{Run: row.Run, Action: row.Action}
	}
	_, err = s.Exec(ctx, tx, query("action/release_project").In(s.Dialect), a)
	return err
}
