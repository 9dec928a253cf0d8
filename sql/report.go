package sql

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/merchant"
)

// openWindow sets the end of a report's period to the zero time if the database contains the placeholder for "no end".
func openWindow(r *reconcile.Report) {
	if r.Scope.Window.To.Equal(merchant.EndOfTime) {
		r.Scope.Window.To = time.Time{}
	}
}

// Report returns one report, or reconcile.ErrNoReport.
func (s *reportStore) Report(ctx context.Context, id int64) (reconcile.Report, error) {
	report, err := s.report(ctx, s.Conn, id)
	return report, s.WrapError(ctx, err)
}

func (s *reportStore) report(ctx context.Context, tx sqlx.QueryerContext, id int64) (reconcile.Report, error) {
	var report reconcile.Report
	err := s.GetOr(ctx, tx, &report, query("report/report"), db.Args{"id": id}, reconcile.ErrNoReport)
	openWindow(&report)
	return report, err
}

// checkCorrection checks that the scope's report is a corrected report and has the same scope. A run's scope
// may omit the project.
func (s *reportStore) checkCorrection(ctx context.Context, tx sqlx.QueryerContext, scope reconcile.ReportScope) error {
	report, err := s.report(ctx, tx, scope.Correction)
	if err != nil {
		return err
	}
	own := report.Scope
	if scope.RunID != 0 && scope.ProjectID == "" {
		scope.ProjectID = own.ProjectID
	}
	same := own.RunID == scope.RunID && own.ProjectID == scope.ProjectID && own.Correction == scope.Correction
	if own.RunID == 0 {
		same = same && maps.Equal(scopeArgs(own), scopeArgs(scope))
	}
	if !same {
		return db.Errorf("report %d is about another run, project or period", report.ID)
	}
	return nil
}

// errNoChange rolls back a corrected report that would have no changes.
var errNoChange = errors.New("the report has no changes")

// PublishReport creates a report and a delivery for each recipient, in one transaction. If several processes publish
// the same report, a unique index lets one process create the report, and the other processes read it. If a run's
// report would have no changes, PublishReport returns no report. For a period without changes it returns the last
// version. A report is created even without recipients, because people can download the report, and later corrected
// reports are compared with it.
func (s *reportStore) PublishReport(ctx context.Context, a reconcile.Publication) (reconcile.Report, bool, error) {
	given, err := uniqueRecipients(a.Recipients)
	if err != nil {
		return reconcile.Report{}, false, err
	}
	var report reconcile.Report
	var made bool
	err = s.WithTx(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		report, made = reconcile.Report{}, false
		e := reportVersion{store: s, scope: a.Scope, job: db.CleanText(a.Job), amendment: a.Amendments, now: a.Now}
		var err error
		if a.Scope.RunID != 0 {
			report, made, err = e.publishRun(ctx, tx, a.CorrectSince)
		} else {
			report, made, err = e.publishPeriod(ctx, tx)
		}
		if err != nil || !made {
			return err
		}
		return s.deliverTo(ctx, tx, report, given, a.Now)
	})
	if errors.Is(err, errNoChange) {
		return report, false, nil
	}
	if err != nil {
		return reconcile.Report{}, false, s.WrapError(ctx, err)
	}
	return report, made, nil
}

// reportVersion is a version of a report that one transaction creates.
type reportVersion struct {
	store     *reportStore
	scope     reconcile.ReportScope
	job       string
	amendment reconcile.Window
	madeBy    string // name of the person who requested the report; "" if a job publishes the report
	now       time.Time
}

// run reads the run of the report. It returns ErrOpenRun if the run is not closed, and ErrDryRun for a dry run of a
// project that is not in shadow.
func (e *reportVersion) run(ctx context.Context, tx *sqlx.Tx) (reconcile.Run, error) {
	run, err := e.store.closedRun(ctx, tx, e.scope.RunID)
	if errors.Is(err, reconcile.ErrDryRun) && !run.Unreported() {
		err = nil
	}
	return run, err
}

// publishRun creates the report of a run, or reads the existing one.
func (e *reportVersion) publishRun(ctx context.Context, tx *sqlx.Tx, since time.Time) (reconcile.Report, bool, error) {
	run, err := e.run(ctx, tx)
	if err != nil {
		return reconcile.Report{}, false, err
	}
	e.scope.ProjectID, e.scope.Window = run.ProjectID, reconcile.Window{}
	if report, err := e.ofRun(ctx, tx); !errors.Is(err, reconcile.ErrNoReport) {
		return report, false, err
	}
	var base int64
	if !since.IsZero() {
		base, err = e.find(ctx, tx, query("report/base_of_project"),
			db.Args{"project_id": run.ProjectID, "since": db.FormatTime(since)})
		if err != nil {
			return reconcile.Report{}, false, err
		}
	}
	report, made, err := e.make(ctx, tx, base)
	if err == nil && !made { // another process has created the report
		report, err = e.ofRun(ctx, tx)
	}
	return report, made, err
}

// publishPeriod creates the report of a period, or a corrected version of the job's earlier report.
func (e *reportVersion) publishPeriod(ctx context.Context, tx *sqlx.Tx) (reconcile.Report, bool, error) {
	report, made, err := e.make(ctx, tx, 0)
	if err != nil || made {
		return report, made, err
	}
	base, err := e.find(ctx, tx, query("report/base_of_period"), e.args())
	if err != nil {
		return reconcile.Report{}, false, err
	}
	return e.make(ctx, tx, base)
}

// make creates a base report, or the next corrected version of a base report, and saves which runs the version
// includes. make returns false if another process has already created the version. make returns errNoChange, with the
// last version, if nothing has changed.
func (e *reportVersion) make(ctx context.Context, tx *sqlx.Tx, base int64) (reconcile.Report, bool, error) {
	s := e.store
	var last reconcile.Report
	var next int
	if err := s.requireUnpruned(ctx, tx, e.scope); err != nil {
		return last, false, err
	}
	if base != 0 {
		if _, err := e.find(ctx, tx, query("report/lock_report"), db.Args{"id": base}); err != nil {
			return last, false, err
		}
		id, err := e.find(ctx, tx, query("report/last_version"), db.Args{"base_id": base})
		if err != nil {
			return last, false, err
		}
		if last, err = s.report(ctx, tx, id); err != nil {
			return last, false, err
		}
		next = last.Version + 1
	}
	a := e.args()
	a["base_id"], a["edition"], a["made_by"], a["now"] = base, next, e.madeBy, db.FormatTime(e.now)
	id, err := e.find(ctx, tx, query("report/save_report"), a)
	if err != nil || id == 0 {
		return reconcile.Report{}, false, err
	}
	if next > 0 && !e.amendment.To.IsZero() {
		err = e.saveAmendment(ctx, tx, id)
	} else {
		runs := query("run/runs_of_scope").In(s.Dialect).With(scopeArgs(e.scope))
		_, err = s.Exec(ctx, tx, query("report/save_included_runs").In(s.Dialect), db.Args{"report_id": id, "runs": runs})
	}
	if err != nil {
		return reconcile.Report{}, false, err
	}
	if next > 0 {
		var differs bool
		if err := s.Get(ctx, tx, &differs, query("report/has_difference").In(s.Dialect),
			db.Args{"correction": id}); err != nil {
			return reconcile.Report{}, false, err
		}
		if !differs && last.Scope.RunID == 0 {
			return last, false, errNoChange
		}
		if !differs {
			return reconcile.Report{}, false, errNoChange
		}
	}
	report, err := s.report(ctx, tx, id)
	return report, true, err
}

func (e *reportVersion) args() db.Args {
	a := scopeArgs(e.scope)
	a["job"] = e.job
	return a
}

// find reads an integer, or returns 0 if no row matches.
func (e *reportVersion) find(ctx context.Context, tx *sqlx.Tx, q db.Query, a db.Args) (int64, error) {
	var id int64
	err := e.store.GetOr(ctx, tx, &id, q, a, nil)
	return id, err
}

// ofRun returns the run's published report, or reconcile.ErrNoReport. If madeBy is set, ofRun may also return a report
// that a person requested.
func (e *reportVersion) ofRun(ctx context.Context, tx *sqlx.Tx) (reconcile.Report, error) {
	id, err := e.find(ctx, tx, query("report/report_of_run"), db.Args{"run_id": e.scope.RunID, "by_hand": e.madeBy != ""})
	if err != nil {
		return reconcile.Report{}, err
	}
	return e.store.report(ctx, tx, id)
}

// UnpublishedRuns lists the closed runs whose reports are not published yet, oldest first.
func (s *reportStore) UnpublishedRuns(ctx context.Context) ([]reconcile.Run, error) {
	var ids []int64
	if err := s.List(ctx, s.Conn, &ids, query("report/unpublished_runs").In(s.Dialect), nil); err != nil {
		return nil, s.WrapError(ctx, err)
	}
	runs := make([]reconcile.Run, len(ids))
	for i, id := range ids {
		var err error
		if runs[i], err = s.Run(ctx, id); err != nil {
			return nil, err
		}
	}
	return runs, nil
}

// MarkPublished marks a run's report as published. A repeated call changes nothing.
func (s *reportStore) MarkPublished(ctx context.Context, runID int64) error {
	return s.WriteOne(ctx, db.RetryLost, query("report/mark_published"), db.Args{"run_id": runID}, nil)
}

// saveAmendment adds the findings of later runs that contradict the period's report. An amendment does not include new
// runs of the period. New runs are included when the period is published without an amendment.
func (e *reportVersion) saveAmendment(ctx context.Context, tx *sqlx.Tx, id int64) error {
	_, err := e.store.Exec(ctx, tx, query("report/save_amendment").In(e.store.Dialect),
		db.Args{"correction": id, "from": db.FormatTime(e.amendment.From), "to": db.FormatTime(e.amendment.To)})
	return err
}

// BaseReports lists the base reports of a job's periods that ended after since, latest first.
func (s *reportStore) BaseReports(ctx context.Context, job, projectID string,
	since time.Time) ([]reconcile.Report, error) {
	var ids []int64
	err := s.List(ctx, s.Conn, &ids, query("report/base_reports_since").In(s.Dialect),
		db.Args{"job": db.CleanText(job), "project_id": projectID, "since": db.FormatTime(since)})
	if err != nil {
		return nil, s.WrapError(ctx, err)
	}
	reports := make([]reconcile.Report, len(ids))
	for i, id := range ids {
		if reports[i], err = s.Report(ctx, id); err != nil {
			return nil, err
		}
	}
	return reports, nil
}
