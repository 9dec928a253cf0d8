package sql

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/hold"
	"hhrecon/sql/lease"
)

// runRow is a run as runs.sql reads it.
type runRow struct {
	reconcile.Run
	Rules, Note, NoteCode, NoteArgs string
	Classes                         string
	ReadAt                          time.Time // the moment of reading, by the database's clock
	Waiting                         int64     // verdicts that are not findings yet
}

func (r *runRow) run() (reconcile.Run, error) {
	run := r.Run
	run.Rules.Now, run.Judged, run.HeartbeatAge = r.StartedAt, r.Settled+r.Waiting, r.ReadAt.Sub(r.HeartbeatAt)
	run.Rules.Unstored = run.Queries.Unstored
	run.Note = reconcile.ParseReason(r.NoteCode, r.NoteArgs, r.Note)
	if err := json.Unmarshal([]byte(r.Rules), &run.Rules); err != nil {
		return reconcile.Run{}, db.Errorf("the rules of run %d: %v", r.ID, err)
	}
	return run, hold.Decode(r.Classes, &run.Impact)
}

// projectOf is what a run knows of its project: the merchant's words.
func projectOf(run reconcile.Run) reconcile.Project {
	return reconcile.Project{ID: run.ProjectID, StatusMap: run.Rules.StatusMap, Open: run.Rules.OpenStatuses}
}

// Run returns one run, or reconcile.ErrNoRun.
func (s *runStore) Run(ctx context.Context, id int64) (reconcile.Run, error) {
	run, err := s.run(ctx, s.Conn, id)
	return run, s.WrapError(ctx, err)
}

// Runs lists runs, newest first; projectID "" is all projects.
func (s *runStore) Runs(ctx context.Context, projectID string, limit int) ([]reconcile.Run, error) {
	runs, err := s.runs(ctx, s.Conn, "", reconcile.RunFilter{ProjectID: projectID, Limit: limit})
	return runs, s.WrapError(ctx, err)
}

// ResumableRuns lists the project's interrupted runs that write, and those whose owner is dead, oldest first.
func (s *runStore) ResumableRuns(ctx context.Context, projectID string, dead func(reconcile.Run) bool) ([]reconcile.Run,
	error) {
	interrupted, err := s.runs(ctx, s.Conn, reconcile.Interrupted, reconcile.RunFilter{ProjectID: projectID})
	if err != nil {
		return nil, s.WrapError(ctx, err)
	}
	running, err := s.runs(ctx, s.Conn, reconcile.Running, reconcile.RunFilter{ProjectID: projectID})
	if err != nil {
		return nil, s.WrapError(ctx, err)
	}
	broken := slices.DeleteFunc(append(running, interrupted...), func(r reconcile.Run) bool {
		return r.DryRun || r.State == reconcile.Running && !dead(r)
	})
	slices.SortFunc(broken, func(a, b reconcile.Run) int { return int(a.ID - b.ID) })
	// A run that was interrupted between the two readings would stand twice.
	return slices.CompactFunc(broken, func(a, b reconcile.Run) bool { return a.ID == b.ID }), nil
}

// HeldRuns lists the project's runs that wait to be released or discarded, oldest first.
func (s *runStore) HeldRuns(ctx context.Context, projectID string) ([]reconcile.Run, error) {
	held, err := s.runs(ctx, s.Conn, reconcile.Held, reconcile.RunFilter{ProjectID: projectID})
	slices.Reverse(held)
	return held, s.WrapError(ctx, err)
}

const anyNumber = 1 << 31 // of rows

// orAny makes a limit of none.
func orAny(limit int) int {
	if limit <= 0 {
		return anyNumber
	}
	return limit
}

func (s *runStore) run(ctx context.Context, tx sqlx.QueryerContext, id int64) (reconcile.Run, error) {
	if id <= 0 {
		return reconcile.Run{}, reconcile.ErrNoRun
	}
	var row runRow
	a := s.runsArgs("", reconcile.RunFilter{Limit: 1})
	a["id"] = id
	if err := s.GetOr(ctx, tx, &row, runsQuery, a, reconcile.ErrNoRun); err != nil {
		return reconcile.Run{}, err
	}
	return row.run()
}

// lockClosed locks a closed run, so that no two people act on it at once.
func (s *runStore) lockClosed(ctx context.Context, tx *sqlx.Tx, id int64) (reconcile.Run, error) {
	var state string
	if err := s.GetOr(ctx, tx, &state, lockRunQuery, db.Args{"run_id": id}, reconcile.ErrNoRun); err != nil {
		return reconcile.Run{}, err
	}
	return s.closedRun(ctx, tx, id)
}

// closedRun reads a run that people may act on.
func (s *runStore) closedRun(ctx context.Context, tx sqlx.QueryerContext, id int64) (reconcile.Run, error) {
	run, err := s.run(ctx, tx, id)
	switch {
	case err != nil:
	case run.ClosedAt.IsZero():
		err = reconcile.ErrOpenRun
	case run.DryRun:
		err = reconcile.ErrDryRun
	}
	return run, err
}

func (s *runStore) runsArgs(state reconcile.RunState, f reconcile.RunFilter) db.Args {
	return db.Args{
		"id": 0, "state": string(state), "project_id": f.ProjectID, "before": f.Before, "no_alerts": f.NoAlerts,
		"limit": orAny(f.Limit), "clock": s.Clock(),
	}
}

// runs lists runs in a state, "" for any, newest first.
func (s *runStore) runs(ctx context.Context, tx sqlx.QueryerContext, state reconcile.RunState,
	f reconcile.RunFilter) ([]reconcile.Run, error) {
	var rows []runRow
	err := s.List(ctx, tx, &rows, runsQuery.In(s.Dialect), s.runsArgs(state, f))
	if err != nil {
		return nil, err
	}
	runs := make([]reconcile.Run, len(rows))
	for i := range rows {
		if runs[i], err = rows[i].run(); err != nil {
			return nil, err
		}
	}
	return runs, nil
}

// AcquireRun makes an interrupted run, or one whose owner is dead, this owner's. Verdicts that rest on answers
// older than reconcile.MaxEvidenceAge are taken back. It returns ErrNoRun, ErrRunClosed or *HeldError.
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
	s.settling.Store(nil) // what it was opened with changes
	check.Unknown, check.Uncounted, check.Restored = run.Queries.Unknown, run.Queries.Uncounted, run.Queries.Restored
	err = s.WithTx(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		var state string
		if err := s.CheckClock(ctx, tx); err != nil {
			return err
		}
		err := s.GetOr(ctx, tx, &state, lockRunQuery, db.Args{"run_id": id}, reconcile.ErrNoRun)
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
		if _, err := s.Exec(ctx, tx, acquireRunQuery.In(s.Dialect), a); err != nil {
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
		err = s.holder(ctx, run.ProjectID, err)
	}
	return run, s.WrapError(ctx, err)
}

// forgetVerdicts takes back what rests on answers from before the given time.
func (s *runStore) forgetVerdicts(ctx context.Context, tx *sqlx.Tx, id int64, oldest time.Time) error {
	forgotten, err := s.Exec(ctx, tx, resetOldVerdictsQuery.In(s.Dialect),
		db.Args{"run_id": id, "oldest": db.FormatTime(oldest)})
	if err != nil || forgotten == 0 {
		return err
	}
	s.Log.InfoContext(ctx, "old answers are asked for again", "run", id, "payins", forgotten)
	_, err = s.Exec(ctx, tx, resetDecisionQuery.In(s.Dialect), db.Args{"run_id": id})
	return err
}

// clearProject interrupts a run of the project that stands as running and whose owner is dead; a living
// one, or a person who acts on the project, is *reconcile.HeldError.
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
	_, err = s.Exec(ctx, tx, interruptRunQuery.In(s.Dialect),
		withNote(db.Args{"run_id": r.ID, "project_id": r.ProjectID, "token": r.Owner.Token}, gone, s.sentence(gone)))
	return err
}

// holder names the run that holds a project, after the unique index has refused another; the index's own
// error stands where that run has ended meanwhile.
func (s *runStore) holder(ctx context.Context, projectID string, refused error) error {
	running, err := s.runs(ctx, s.Conn, reconcile.Running, reconcile.RunFilter{ProjectID: projectID, Limit: 1})
	if err != nil {
		return err
	}
	if len(running) == 0 {
		return refused
	}
	return &reconcile.HeldError{Run: running[0]}
}
