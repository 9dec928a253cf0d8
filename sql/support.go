package sql

import (
	"context"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

var _ reconcile.SupportDesk = (*Store)(nil)

// MarkSupport keeps marks, all or none.
func (s *Store) MarkSupport(ctx context.Context, marks []reconcile.SupportMark) error {
	return s.write(ctx, retryConflict, func(tx *sqlx.Tx) error {
		err := s.each(ctx, tx, markSupportQuery.in(s.dialect), len(marks), func(i int) args {
			m := marks[i]
			return args{
				"project_id": clean(m.ProjectID), "payment_id": clean(m.PaymentID), "word": clean(m.Word), "state": string(m.State),
				"who": clean(m.By), "note": clean(m.Note), "marked_at": stamp(m.At),
			}
		})
		return err
	})
}

// SupportMarks returns the latest mark on each payin of a project; projectID "" is all projects.
func (s *Store) SupportMarks(ctx context.Context, projectID string) (map[reconcile.SupportKey]reconcile.SupportMark, error) {
	var rows []reconcile.SupportMark
	if err := s.list(ctx, s.db, &rows, supportMarksQuery.in(s.dialect), args{"project_id": projectID}); err != nil {
		return nil, s.explain(ctx, err)
	}
	marks := make(map[reconcile.SupportKey]reconcile.SupportMark, len(rows))
	for _, m := range rows {
		marks[m.Key()] = m
	}
	return marks, nil
}

// FindingsOf lists the scope's findings of some outcomes, in the order of their selection, without HighHelp's answers.
func (s *Store) FindingsOf(ctx context.Context, scope reconcile.Scope, outcomes []reconcile.Outcome) ([]reconcile.Finding, error) {
	if scope.Correction != 0 {
		return nil, faultf("the findings of a correction are read whole")
	}
	var findings []reconcile.Finding
	err := s.read(ctx, func(tx *sqlx.Tx) error {
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
		a["outcomes"] = words(wanted)
		var rows []findingRow
		err = s.list(ctx, tx, &rows, findingsOfOutcomesQuery.in(s.dialect), a)
		findings = column(rows, (*findingRow).finding)
		return err
	})
	return findings, s.explain(ctx, err)
}
