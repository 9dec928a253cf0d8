package sql

import (
	"context"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// PayinTimeline returns all findings, actions and alerts of a payin, read in one snapshot. The actions include actions
// on all held corrections of a run, if the run held the payin's correction.
func (s *findingStore) PayinTimeline(ctx context.Context,
	projectID, paymentID string) (reconcile.PayinTimeline, error) {
	var story reconcile.PayinTimeline
	a := db.Args{"project_id": db.CleanText(projectID), "payment_id": db.CleanText(paymentID)}
	err := s.Read(ctx, func(tx *sqlx.Tx) error {
		var found []foundRow
		err := s.List(ctx, tx, &found, query("finding/findings_of_payin").In(s.Dialect), a)
		if err != nil {
			return err
		}
		story.Findings = findingsOf(found)
		var acted []savedActionRow
		if err := s.List(ctx, tx, &acted, query("action/actions_of_payin").In(s.Dialect), a); err != nil {
			return err
		}
		story.Actions = db.Column(acted, (*savedActionRow).action)
		story.Alerts, err = s.AlertsOf(ctx, tx, projectID, paymentID)
		return err
	})
	return story, s.WrapError(ctx, err)
}
