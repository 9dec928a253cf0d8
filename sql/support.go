package sql

import (
	"context"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

var _ reconcile.SupportDesk = (*Store)(nil)

// MarkSupport keeps marks, all or none.
func (s *Store) MarkSupport(ctx context.Context, marks []reconcile.SupportMark) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := s.each(ctx, tx, markSupportQuery.in(s.dialect), len(marks), func(i int) args {
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
	var rows []struct {
		ProjectID string `db:"project_id"`
		PaymentID string `db:"payment_id"`
		Word      string `db:"word"`
		State     string `db:"state"`
		Who       string `db:"who"`
		Note      string `db:"note"`
		MarkedAt  moment `db:"marked_at"`
	}
	if err := s.list(ctx, s.db, &rows, supportMarksQuery.in(s.dialect), args{"project_id": projectID}); err != nil {
		return nil, s.explain(ctx, err)
	}
	marks := make(map[reconcile.SupportKey]reconcile.SupportMark, len(rows))
	for _, r := range rows {
		m := reconcile.SupportMark{
			ProjectID: r.ProjectID, PaymentID: r.PaymentID, Word: r.Word, State: reconcile.SupportState(r.State),
			By: r.Who, Note: r.Note, At: r.MarkedAt.Time,
		}
		marks[m.Key()] = m
	}
	return marks, nil
}
