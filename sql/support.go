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

// markRow is a mark as the statements read it.
type markRow struct {
	ProjectID string `db:"project_id"`
	PaymentID string `db:"payment_id"`
	Word      string `db:"word"`
	State     string `db:"state"`
	Who       string `db:"who"`
	Note      string `db:"note"`
	MarkedAt  moment `db:"marked_at"`
}

func (r *markRow) mark() reconcile.SupportMark {
	return reconcile.SupportMark{
		ProjectID: r.ProjectID, PaymentID: r.PaymentID, Word: r.Word, State: reconcile.SupportState(r.State),
		By: r.Who, Note: r.Note, At: r.MarkedAt.Time,
	}
}

// SupportMarks returns the latest mark on each payin of a project; projectID "" is all projects.
func (s *Store) SupportMarks(ctx context.Context, projectID string) (map[reconcile.SupportKey]reconcile.SupportMark, error) {
	var rows []markRow
	if err := s.list(ctx, s.db, &rows, supportMarksQuery.in(s.dialect), args{"project_id": projectID}); err != nil {
		return nil, s.explain(ctx, err)
	}
	marks := make(map[reconcile.SupportKey]reconcile.SupportMark, len(rows))
	for _, r := range rows {
		m := r.mark()
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
		var rows []foundRow
		if err := s.list(ctx, tx, &rows, findingsOfOutcomesQuery.in(s.dialect), a); err != nil {
			return err
		}
		findings, err = findingsOf(rows)
		return err
	})
	return findings, s.explain(ctx, err)
}
