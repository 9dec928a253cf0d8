package sql

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

// saveLate notes what a correction to a period says by the word of later runs. It covers no run of the period: what those have to say
// comes when the period is announced without later ones.
func (e *edition) saveLate(ctx context.Context, tx *sqlx.Tx, id int64) error {
	_, err := e.store.exec(ctx, tx, saveLateQuery.in(e.store.dialect), args{
		"correction": id, "from": stamp(e.late.From), "to": stamp(e.late.To),
	})
	return err
}

// Reported lists the base reports of a job's periods that ended after a moment, the latest first.
func (s *Store) Reported(ctx context.Context, job, projectID string, since time.Time) ([]reconcile.Report, error) {
	var ids []int64
	err := s.list(ctx, s.db, &ids, reportedQuery.in(s.dialect), args{"job": clean(job), "project_id": projectID, "since": stamp(since)})
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	reports := make([]reconcile.Report, len(ids))
	for i, id := range ids {
		if reports[i], err = s.Report(ctx, id); err != nil {
			return nil, err
		}
	}
	return reports, nil
}
