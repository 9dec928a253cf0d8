package personal

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// SaveAnswers keeps the answers of findings, by their digests.
func (e Eraser) SaveAnswers(
	ctx context.Context, tx *sqlx.Tx, findings []reconcile.Finding, digests []string,
) error {
	bodies := make(map[string]string, len(findings))
	var seen time.Time
	for i := range findings {
		if digests[i] != "" {
			bodies[digests[i]] = db.CleanText(findings[i].Answer)
		}
		if findings[i].CheckedAt.After(seen) {
			seen = findings[i].CheckedAt
		}
	}
	if len(bodies) == 0 {
		return nil
	}
	order := slices.Sorted(maps.Keys(bodies))
	common := db.Args{"project_id": findings[0].ProjectID, "seen_at": db.FormatTime(seen)} // a run has one project
	_, err := e.log.SaveEach(ctx, tx, saveAnswersQuery, common, len(order), db.Columns{
		"digest": order, "body": db.Column(order, func(digest *string) string { return bodies[*digest] }),
	})
	return err
}
