package sql

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// saveLate notes what a correction to a period says by the word of later runs. It covers no run of the period: what
// those have to say comes when the period is announced without later ones.
func (e *edition) saveLate(ctx context.Context, tx *sqlx.Tx, id int64) error {
	_, err := e.store.Exec(ctx, tx, saveAmendmentQuery.In(e.store.Dialect), db.Args{
		"correction": id, "from": db.FormatTime(e.late.From), "to": db.FormatTime(e.late.To),
	})
	return err
}

// BaseReports lists the base reports of a job's periods that ended after a moment, the latest first.
func (s *reportStore) BaseReports(ctx context.Context, job, projectID string, since time.Time) ([]reconcile.Report,
	error) {
	var ids []int64
	err := s.List(ctx, s.Conn, &ids, baseReportsSinceQuery.In(s.Dialect),
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
