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

// runRow is a row of runs.sql.
type runRow struct {
	reconcile.Run
	Rules, Note, NoteCode, NoteArgs string
	Classes                         string
	ReadAt                          time.Time // the time of the query, by the database's clock
	Waiting                         int64     // verdicts that are not settled yet
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

// projectOf returns the project of a run, with the statuses that were set when the run was opened.
func projectOf(run reconcile.Run) reconcile.Project {
	return reconcile.Project{ID: run.ProjectID, StatusMap: run.Rules.StatusMap, Open: run.Rules.OpenStatuses,
		Final: run.Rules.FinalStatuses}
}

// Run returns one run, or reconcile.ErrNoRun.
func (s *runStore) Run(ctx context.Context, id int64) (reconcile.Run, error) {
	run, err := s.run(ctx, s.Conn, id)
	return run, s.WrapError(ctx, err)
}

// Runs lists runs, newest first. An empty projectID means all projects.
func (s *runStore) Runs(ctx context.Context, projectID string, limit int) ([]reconcile.Run, error) {
	runs, err := s.runs(ctx, s.Conn, "", reconcile.RunFilter{ProjectID: projectID, Limit: limit})
	return runs, s.WrapError(ctx, err)
}

// ResumableRuns lists the project's runs that another process can resume, oldest first. They are interrupted runs other
// than dry runs outside shadow, and runs whose owner is dead.
func (s *runStore) ResumableRuns(ctx context.Context, projectID string,
	dead func(reconcile.Run) bool) ([]reconcile.Run, error) {
	interrupted, err := s.runs(ctx, s.Conn, reconcile.Interrupted, reconcile.RunFilter{ProjectID: projectID})
	if err != nil {
		return nil, s.WrapError(ctx, err)
	}
	running, err := s.runs(ctx, s.Conn, reconcile.Running, reconcile.RunFilter{ProjectID: projectID})
	if err != nil {
		return nil, s.WrapError(ctx, err)
	}
	broken := slices.DeleteFunc(append(running, interrupted...), func(r reconcile.Run) bool {
		return r.Unreported() || r.State == reconcile.Running && !dead(r)
	})
	slices.SortFunc(broken, func(a, b reconcile.Run) int { return int(a.ID - b.ID) })
	// If a run was interrupted between the two queries, both queries return the run.
	return slices.CompactFunc(broken, func(a, b reconcile.Run) bool { return a.ID == b.ID }), nil
}

// HeldRuns lists the project's held runs, oldest first. An empty projectID means all projects.
func (s *runStore) HeldRuns(ctx context.Context, projectID string) ([]reconcile.Run, error) {
	held, err := s.runs(ctx, s.Conn, reconcile.Held, reconcile.RunFilter{ProjectID: projectID})
	slices.Reverse(held)
	return held, s.WrapError(ctx, err)
}

const anyNumber = 1 << 31 // a limit that is larger than any list

// orAny replaces a limit of 0 by anyNumber.
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
	if err := s.GetOr(ctx, tx, &row, query("run/runs"), a, reconcile.ErrNoRun); err != nil {
		return reconcile.Run{}, err
	}
	return row.run()
}

// lockClosed locks a closed run, so two people cannot act on it at the same time.
func (s *runStore) lockClosed(ctx context.Context, tx *sqlx.Tx, id int64) (reconcile.Run, error) {
	var state string
	if err := s.GetOr(ctx, tx, &state, query("run/lock_run"), db.Args{"run_id": id}, reconcile.ErrNoRun); err != nil {
		return reconcile.Run{}, err
	}
	return s.closedRun(ctx, tx, id)
}

// closedRun reads a run that people may act on. closedRun returns ErrOpenRun or ErrDryRun for other runs.
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
	return db.Args{"id": 0, "state": string(state), "project_id": f.ProjectID, "before": f.Before, "no_alerts": f.NoAlerts,
		"limit": orAny(f.Limit), "clock": s.Clock()}
}

// runs lists runs in a state, newest first. An empty state means any state.
func (s *runStore) runs(ctx context.Context, tx sqlx.QueryerContext, state reconcile.RunState,
	f reconcile.RunFilter) ([]reconcile.Run, error) {
	var rows []runRow
	err := s.List(ctx, tx, &rows, query("run/runs").In(s.Dialect), s.runsArgs(state, f))
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

// WholeRunBefore returns the project's last whole run that closed before the given run, or reconcile.ErrNoRun. A whole
// run selects all open payins in the project's time window.
func (s *runStore) WholeRunBefore(ctx context.Context, runID int64) (reconcile.Run, error) {
	return s.wholeRun(ctx, query("run/whole_run_before"), db.Args{"run_id": runID})
}

// LastWhole returns the project's last closed whole run, or reconcile.ErrNoRun.
func (s *runStore) LastWhole(ctx context.Context, projectID string) (reconcile.Run, error) {
	return s.wholeRun(ctx, query("run/last_whole_run"), db.Args{"project_id": projectID})
}

// wholeRun returns the run whose ID a query returns, or reconcile.ErrNoRun.
func (s *runStore) wholeRun(ctx context.Context, q db.Query, a db.Args) (reconcile.Run, error) {
	var id int64
	if err := s.GetOr(ctx, s.Conn, &id, q, a, nil); err != nil {
		return reconcile.Run{}, s.WrapError(ctx, err)
	}
	return s.Run(ctx, id)
}

// CountRuns counts runs by project, state and trigger, without dry runs. CountRuns reads all runs only if a run has
// started or ended since the last call.
func (s *runStore) CountRuns(ctx context.Context) ([]reconcile.RunCount, error) {
	var version string
	if err := s.GetOr(ctx, s.Conn, &version, query("run/runs_version"), nil, nil); err != nil {
		return nil, s.WrapError(ctx, err)
	}
	if last := s.counted.Load(); last != nil && last.version == version {
		return last.runs, nil
	}
	runs, err := db.Select[reconcile.RunCount](ctx, s.DB, query("run/count_runs"), nil)
	if err == nil {
		s.counted.Store(&countedRuns{version, runs})
	}
	return runs, err
}

// countedRuns is the result of CountRuns for a version of the runs (see runs_version.sql).
type countedRuns struct {
	version string
	runs    []reconcile.RunCount
}

// FindRuns lists runs, newest first. A limit of 0 means no limit.
func (s *runStore) FindRuns(ctx context.Context, f reconcile.RunFilter) ([]reconcile.Run, error) {
	runs, err := s.runs(ctx, s.Conn, "", f)
	return runs, s.WrapError(ctx, err)
}

// LastComplete returns when the project's last complete run closed, or the zero time. A complete run is a whole run
// that has an answer about every payin. A held run counts after its release.
func (s *runStore) LastComplete(ctx context.Context, projectID string) (time.Time, error) {
	var at time.Time
	err := s.GetOr(ctx, s.Conn, &at, query("run/last_complete"), db.Args{"project_id": projectID}, nil)
	return at, s.WrapError(ctx, err)
}
