package sql

import (
	"context"
	"iter"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/merchant"
)

// findingRow is a row that the statements about findings return.
type findingRow struct {
	reasonColumns
	reconcile.Finding
	Version int64
}

// finding converts the row to a finding.
func (r *findingRow) finding() reconcile.Finding {
	r.Reason = r.reason()
	if r.Version == 1 {
		r.Reason = r.FirstFormatReason(r.Sentence)
	}
	return r.Finding
}

// reasonColumns are the columns of a reason. The sentence is used only if there is no code, as in audit log
// entries of version 1.
type reasonColumns struct {
	Sentence   string `db:"reason"`
	ReasonCode string
	ReasonArgs string
}

func (r *reasonColumns) reason() reconcile.Reason {
	return reconcile.ParseReason(r.ReasonCode, r.ReasonArgs, r.Sentence)
}

// Findings streams the scope's findings by run and Seq. If reading fails, the last pair has the error. A caller that
// stops early leaves no transaction open.
func (s *findingStore) Findings(ctx context.Context, scope reconcile.ReportScope) iter.Seq2[reconcile.Finding, error] {
	st := query("finding/findings_of_run").In(s.Dialect)
	switch {
	case scope.Correction != 0:
		st = query("report/findings_of_correction").In(s.Dialect)
	case scope.RunID == 0:
		st = query("finding/findings_of_period").In(s.Dialect)
	}
	return streamRuns(ctx, s, scope, st, func(r reconcile.Run) int64 { return r.Selected }, (*findingRow).finding)
}

// Unresolved streams the open payins that are older than the time windows of the scope's runs. The stream is empty
// for a corrected report.
func (s *findingStore) Unresolved(ctx context.Context, scope reconcile.ReportScope) iter.Seq2[reconcile.Payin, error] {
	if scope.Correction != 0 {
		return func(func(reconcile.Payin, error) bool) {}
	}
	st := query("finding/unresolved_of_run").In(s.Dialect)
	return streamRuns(ctx, s, scope, st, func(r reconcile.Run) int64 { return r.Unresolved }, valueOf[reconcile.Payin])
}

// Changes streams the findings of a corrected report in their order, each with the finding that was reported before.
// The stream is empty for other scopes.
func (s *findingStore) Changes(ctx context.Context, scope reconcile.ReportScope) iter.Seq2[reconcile.Change, error] {
	if scope.Correction == 0 {
		return func(func(reconcile.Change, error) bool) {}
	}
	st := query("report/changes_of_correction").In(s.Dialect)
	return streamRuns(ctx, s, scope, st, func(r reconcile.Run) int64 { return r.Selected }, valueOf[reconcile.Change])
}

// valueOf returns its argument, for statements whose rows need no conversion.
func valueOf[T any](row *T) T { return *row }

// page is the number of rows that one statement reads. Pages limit memory and the duration of each statement, even for
// a slow reader. One transaction makes all pages consistent. A page is a range of seq, which has no gaps, so the query
// plan does not depend on statistics.
const page = 1000

// streamRuns streams a statement page by page for each run of a scope. The function length returns the number of a
// run's rows. The parameter of is a function that converts a row to the result type.
func streamRuns[Row, T any](ctx context.Context, s *findingStore, scope reconcile.ReportScope, st *db.Statement,
	length func(reconcile.Run) int64, of func(*Row) T) iter.Seq2[T, error] {
	return db.Stream(ctx, s.DB, func(tx *sqlx.Tx, emit func([]T, error) error) error {
		runs, err := s.runsOf(ctx, tx, scope)
		if err != nil {
			return err
		}
		for _, run := range runs {
			for first := int64(1); first <= length(run); first += page {
				a := scopeArgs(scope)
				a["answers"] = scope.Answers
				a["run_id"], a["first"], a["last"] = run.ID, first, first+page-1
				a["oldest"], a["newest"] = runs[0].ID, runs[len(runs)-1].ID
				var rows []Row
				err := s.List(ctx, tx, &rows, st, a)
				if err := emit(db.Column(rows, of), err); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// runsOf lists the runs of a scope, oldest first.
func (s *findingStore) runsOf(ctx context.Context, tx *sqlx.Tx, scope reconcile.ReportScope) ([]reconcile.Run, error) {
	if err := s.requireUnpruned(ctx, tx, scope); err != nil {
		return nil, err
	}
	st, a := query("run/runs_of_scope").In(s.Dialect), scopeArgs(scope)
	if scope.Correction != 0 {
		if err := s.checkCorrection(ctx, tx, scope); err != nil {
			return nil, err
		}
		st, a = query("report/runs_of_correction").In(s.Dialect), db.Args{"correction": scope.Correction}
	}
	var runs []reconcile.Run
	err := s.List(ctx, tx, &runs, st, a)
	return runs, err
}

// LatestFinding returns the latest finding about a payin, from closed runs that are not dry runs. LatestFinding returns
// reconcile.ErrNoFinding if there is no such finding.
func (s *findingStore) LatestFinding(ctx context.Context, projectID, paymentID string) (reconcile.Finding, error) {
	f, err := s.lastFinding(ctx, s.Conn, projectID, paymentID)
	return f, s.WrapError(ctx, err)
}

func (s *findingStore) lastFinding(ctx context.Context, tx sqlx.QueryerContext,
	projectID, paymentID string) (reconcile.Finding, error) {
	var row foundRow
	a := db.Args{"project_id": projectID, "payment_id": paymentID, "forever": db.FormatTime(merchant.EndOfTime)}
	err := s.GetOr(ctx, tx, &row, query("finding/latest_finding"), a, reconcile.ErrNoFinding)
	return row.finding(), err
}

// scopeArgs returns a scope as parameters of a statement.
func scopeArgs(scope reconcile.ReportScope) db.Args {
	to := scope.Window.To
	if to.IsZero() {
		to = merchant.EndOfTime
	}
	return db.Args{"run_id": scope.RunID, "project_id": scope.ProjectID, "from": db.FormatTime(scope.Window.From),
		"to": db.FormatTime(to), "correction": scope.Correction}
}

var _ reconcile.SupportStore = (*Store)(nil)

// FindingsOf lists the scope's findings with one of the outcomes, in the order of their selection. FindingsOf omits
// HighHelp's answers.
func (s *findingStore) FindingsOf(ctx context.Context, scope reconcile.ReportScope,
	outcomes []reconcile.Outcome) ([]reconcile.Finding, error) {
	if scope.Correction != 0 {
		return nil, db.Errorf("the findings of a correction cannot be filtered by outcome")
	}
	var findings []reconcile.Finding
	err := s.Read(ctx, func(tx *sqlx.Tx) error {
		findings = nil
		runs, err := s.runsOf(ctx, tx, scope)
		if err != nil || len(runs) == 0 {
			return err
		}
		a := scopeArgs(scope)
		a["first"], a["last"] = runs[0].ID, runs[len(runs)-1].ID
		a["outcomes"] = db.Strings(outcomes)
		var rows []findingRow
		err = s.List(ctx, tx, &rows, query("finding/findings_of_outcomes").In(s.Dialect), a)
		findings = db.Column(rows, (*findingRow).finding)
		return err
	})
	return findings, s.WrapError(ctx, err)
}

// foundRow is a row that finding.sql returns.
type foundRow struct {
	findingRow
	Rules  string
	Counts bool // the run is closed and not a dry run
}

func findingsOf(rows []foundRow) []reconcile.Finding {
	return db.Column(rows, func(r *foundRow) reconcile.Finding { return r.finding() })
}
