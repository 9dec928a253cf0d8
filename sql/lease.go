package sql

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/hold"
	"hhrecon/sql/lease"
)

// AcquireRun assigns a run to the owner. The run must be interrupted, or its former owner must be dead.
// AcquireRun resets verdicts that are based on answers older than reconcile.MaxEvidenceAge. AcquireRun returns
// ErrNoRun, ErrRunClosed or *HeldError.
func (s *runStore) AcquireRun(ctx context.Context, id int64, owner reconcile.Owner, now time.Time,
	dead func(reconcile.Run) bool) (reconcile.Run, error) {
	run, err := s.Run(ctx, id)
	if err != nil {
		return run, err
	}
	project := projectOf(run)
	proof, err := s.Prove(ctx, &project)
	if err != nil {
		return run, err
	}
	check := proof.QueryCheck
	s.settling.Store(nil) // the run's queries and owner change
	check.Unknown, check.Uncounted, check.Restored = run.Queries.Unknown, run.Queries.Uncounted, run.Queries.Restored
	err = s.WithTx(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		var state string
		if err := s.CheckClock(ctx, tx); err != nil {
			return err
		}
		err := s.GetOr(ctx, tx, &state, query("run/lock_run"), db.Args{"run_id": id}, reconcile.ErrNoRun)
		if err != nil {
			return err
		}
		if run, err = s.run(ctx, tx, id); err != nil {
			return err
		}
		switch {
		case !run.ClosedAt.IsZero():
			return reconcile.ErrRunClosed
		case run.State == reconcile.Running && !dead(run):
			return &reconcile.HeldError{Run: run}
		case run.State == reconcile.Interrupted:
			if err := s.clearProject(ctx, tx, run.ProjectID, dead); err != nil {
				return err
			}
		}
		a := lease.OwnerArgs(owner)
		a["run_id"], a["clock"], a["query_check"] = id, s.Clock(), check.Text()
		if _, err := s.Exec(ctx, tx, query("run/acquire_run").In(s.Dialect), a); err != nil {
			return err
		}
		if err := s.forgetVerdicts(ctx, tx, id, now.Add(-reconcile.MaxEvidenceAge)); err != nil {
			return err
		}
		if err := s.DropBatches(ctx, tx, id); err != nil {
			return err
		}
		if owner.BatchSize > 0 {
			if err := s.CreateBatches(ctx, tx, run, owner.BatchSize); err != nil {
				return err
			}
		}
		run, err = s.run(ctx, tx, id)
		return err
	})
	if db.IsDuplicate(err) {
		err = s.runningRun(ctx, run.ProjectID, err)
	}
	return run, s.WrapError(ctx, err)
}

// forgetVerdicts resets verdicts that are based on answers older than the given time.
func (s *runStore) forgetVerdicts(ctx context.Context, tx *sqlx.Tx, id int64, oldest time.Time) error {
	forgotten, err := s.Exec(ctx, tx, query("run/reset_old_verdicts").In(s.Dialect),
		db.Args{"run_id": id, "oldest": db.FormatTime(oldest)})
	if err != nil || forgotten == 0 {
		return err
	}
	s.Log.InfoContext(ctx, "payins with old answers are queried again", "run", id, "payins", forgotten)
	_, err = s.Exec(ctx, tx, query("run/reset_decision").In(s.Dialect), db.Args{"run_id": id})
	return err
}

// clearProject interrupts the running run of a project if the run's owner is dead. If the owner is alive, or if a
// person acts on the project, clearProject returns *reconcile.HeldError.
func (s *runStore) clearProject(ctx context.Context, tx *sqlx.Tx, projectID string,
	dead func(reconcile.Run) bool) error {
	if err := s.unlockProject(ctx, tx, projectID, dead); err != nil {
		return err
	}
	running, err := s.runs(ctx, tx, reconcile.Running, reconcile.RunFilter{ProjectID: projectID, Limit: 1})
	if err != nil || len(running) == 0 {
		return err
	}
	r := running[0]
	if !dead(r) {
		return &reconcile.HeldError{Run: r}
	}
	gone := reconcile.Because("run.owner_gone", strconv.Itoa(r.Owner.PID), r.Owner.Host,
		r.HeartbeatAt.Format(time.RFC3339))
	_, err = s.Exec(ctx, tx, query("run/interrupt_run").In(s.Dialect),
		withNote(db.Args{"run_id": r.ID, "project_id": r.ProjectID, "token": r.Owner.Token}, gone, s.sentence(gone)))
	return err
}

// runningRun returns *reconcile.HeldError with the project's running run. runningRun is called after the unique index
// has rejected another run. If the running run has ended meanwhile, runningRun returns the error of the index.
func (s *runStore) runningRun(ctx context.Context, projectID string, refused error) error {
	running, err := s.runs(ctx, s.Conn, reconcile.Running, reconcile.RunFilter{ProjectID: projectID, Limit: 1})
	if err != nil {
		return err
	}
	if len(running) == 0 {
		return refused
	}
	return &reconcile.HeldError{Run: running[0]}
}

// RequestStop asks a run's owner, on any machine, to stop. RequestStop returns ErrNoRun or ErrNotRunning.
func (s *runStore) RequestStop(ctx context.Context, runID int64, by string) error {
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		run, err := s.run(ctx, tx, runID)
		if err != nil {
			return err
		}
		n, err := s.Exec(ctx, tx, query("run/request_stop").In(s.Dialect),
			db.Args{"run_id": runID, "stop_by": db.CleanText(by)})
		if err != nil || n == 0 {
			return cmp.Or(err, reconcile.ErrNotRunning)
		}
		stop := reconcile.Event{ProjectID: run.ProjectID, Kind: reconcile.ActionStop, RunID: runID, Actor: by}
		return s.RecordEventIn(ctx, tx, stop)
	})
}

// CloseRun closes a run. CloseRun returns an error if a payin is not settled yet or a finding is missing.
func (s *runStore) CloseRun(ctx context.Context, l reconcile.Lease, state reconcile.RunState,
	now time.Time) (reconcile.Run, error) {
	if state != reconcile.Complete && state != reconcile.Held {
		return reconcile.Run{}, db.Errorf("%q is not a final state of a run", state)
	}
	a := lease.Args(l)
	a["state"], a["now"], a["clock"] = string(state), db.FormatTime(now), s.Clock()
	var run reconcile.Run
	err := s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		if err := s.RequireLease(ctx, tx, l); err != nil {
			return err
		}
		n, err := s.Exec(ctx, tx, query("run/close_run").In(s.Dialect), a)
		if err == nil {
			err = hold.EndOvertaken(ctx, s.DB, tx, l)
		}
		if err == nil {
			err = dropDecided(ctx, s.DB, tx, l.ProjectID)
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

// withNote adds a run's note to the parameters of a statement. The note consists of an English sentence, a code and the
// arguments of the code.
func withNote(a db.Args, note reconcile.Reason, sentence string) db.Args {
	a["note"], a["note_code"], a["note_args"] = db.CleanText(sentence), note.Code, db.CleanText(note.Data())
	return a
}

// InterruptRun marks a run as interrupted. Another process can then acquire it.
func (s *runStore) InterruptRun(ctx context.Context, l reconcile.Lease, note reconcile.Reason) (reconcile.Run, error) {
	a := withNote(lease.Args(l), note, s.sentence(note))
	var run reconcile.Run
	err := s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		n, err := s.Exec(ctx, tx, query("run/interrupt_run").In(s.Dialect), a)
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
