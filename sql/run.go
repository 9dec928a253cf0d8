package sql

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/hold"
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

// WholeRunBefore is the project's last whole run that was closed before a run, or reconcile.ErrNoRun.
func (s *runStore) WholeRunBefore(ctx context.Context, runID int64) (reconcile.Run, error) {
	return s.wholeRun(ctx, wholeRunBeforeQuery, db.Args{"run_id": runID})
}

// LastWhole returns the project's last whole run that was closed, or reconcile.ErrNoRun.
func (s *runStore) LastWhole(ctx context.Context, projectID string) (reconcile.Run, error) {
	return s.wholeRun(ctx, lastWholeRunQuery, db.Args{"project_id": projectID})
}

// wholeRun returns the run that a statement names, or reconcile.ErrNoRun.
func (s *runStore) wholeRun(ctx context.Context, q db.Query, a db.Args) (reconcile.Run, error) {
	var id int64
	if err := s.GetOr(ctx, s.Conn, &id, q, a, nil); err != nil {
		return reconcile.Run{}, s.WrapError(ctx, err)
	}
	return s.Run(ctx, id)
}

// CountRuns counts runs by project, state and trigger, without dry runs.
func (s *runStore) CountRuns(ctx context.Context) ([]reconcile.RunCount, error) {
	var counts []reconcile.RunCount
	err := s.List(ctx, s.Conn, &counts, countRunsQuery.In(s.Dialect), nil)
	return counts, s.WrapError(ctx, err)
}

// FindRuns lists runs, newest first; a zero limit is none.
func (s *runStore) FindRuns(ctx context.Context, f reconcile.RunFilter) ([]reconcile.Run, error) {
	runs, err := s.runs(ctx, s.Conn, "", f)
	return runs, s.WrapError(ctx, err)
}

// LastComplete is when the project's last whole run that got an answer about every payin closed; zero for none. A held
// one counts once a person has released it.
func (s *runStore) LastComplete(ctx context.Context, projectID string) (time.Time, error) {
	var at time.Time
	err := s.GetOr(ctx, s.Conn, &at, lastCompleteQuery, db.Args{"project_id": projectID}, nil)
	return at, s.WrapError(ctx, err)
}
