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

// SaveAnswers stores the answers of findings by their digests. If a person erased a payin's answers, SaveAnswers does
// not store new answers about the payin, and empties the digests of these answers. The caller holds the lock on the run
// or on the audit log. ErasePayin waits for that lock.
func (e Eraser) SaveAnswers(ctx context.Context, tx *sqlx.Tx, findings []reconcile.Finding, digests []string) error {
	bodies := make(map[string]string, len(findings))
	var seen time.Time
	erased, err := e.log.ErasedPayins(ctx, tx, findings[0].ProjectID) // all findings of a run have the same project
	if err != nil {
		return err
	}
	for i := range findings {
		if erased[findings[i].PaymentID] {
			digests[i] = ""
		}
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
	common := db.Args{"project_id": findings[0].ProjectID, "seen_at": db.FormatTime(seen)}
	_, err = e.log.SaveEach(ctx, tx, query("save_answers"), common, len(order),
		db.Columns{"digest": order, "body": db.Column(order, func(digest *string) string { return bodies[*digest] })})
	return err
}
