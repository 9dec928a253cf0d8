package sql

import (
	"context"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

var _ reconcile.SupportDesk = (*Store)(nil)

// MarkSupport keeps marks, all or none.
func (s *Store) MarkSupport(ctx context.Context, marks []reconcile.SupportMark) error {
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		err := s.Each(ctx, tx, markSupportQuery.In(s.Dialect), len(marks), func(i int) db.Args {
			m := marks[i]
			return db.Args{
				"project_id": db.CleanText(m.ProjectID), "payment_id": db.CleanText(m.PaymentID), "word": db.CleanText(m.Word), "state": string(m.State),
				"who": db.CleanText(m.By), "note": db.CleanText(m.Note), "marked_at": db.FormatTime(m.At),
			}
		})
		return err
	})
}

// SupportMarks returns the latest mark on each payin of a project; projectID "" is all projects.
func (s *Store) SupportMarks(ctx context.Context, projectID string) (map[reconcile.SupportKey]reconcile.SupportMark, error) {
	var rows []reconcile.SupportMark
	if err := s.List(ctx, s.Conn, &rows, supportMarksQuery.In(s.Dialect), db.Args{"project_id": projectID}); err != nil {
		return nil, s.WrapError(ctx, err)
	}
	marks := make(map[reconcile.SupportKey]reconcile.SupportMark, len(rows))
	for _, m := range rows {
		marks[m.Key()] = m
	}
	return marks, nil
}

// FindingsOf lists the scope's findings of some outcomes, in the order of their selection, without HighHelp's answers.
func (s *Store) FindingsOf(ctx context.Context, scope reconcile.Scope,
	outcomes []reconcile.Outcome) ([]reconcile.Finding, error) {
	if scope.Correction != 0 {
		return nil, db.Errorf("the findings of a correction are read whole")
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
		wanted := make([]string, len(outcomes))
		for i, o := range outcomes {
			wanted[i] = string(o)
		}
		a["outcomes"] = db.Words(wanted)
		var rows []findingRow
		err = s.List(ctx, tx, &rows, findingsOfOutcomesQuery.In(s.Dialect), a)
		findings = db.Column(rows, (*findingRow).finding)
		return err
	})
	return findings, s.WrapError(ctx, err)
}
