package sql

import (
	"context"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

// Story tells all that is known of a payin, as of one moment; it is empty where that is nothing. Among the actions is
// also what people did about a whole run that held its correction.
func (s *Store) Story(ctx context.Context, projectID, paymentID string) (reconcile.Story, error) {
	var story reconcile.Story
	a := args{"project_id": clean(projectID), "payment_id": clean(paymentID)}
	err := s.read(ctx, func(tx *sqlx.Tx) error {
		var found []foundRow
		err := s.list(ctx, tx, &found, findingsOfPayinQuery.in(s.dialect), a)
		if err != nil {
			return err
		}
		story.Findings = findingsOf(found)
		var acted []savedActionRow
		if err := s.list(ctx, tx, &acted, actionsOfPayinQuery.in(s.dialect), a); err != nil {
			return err
		}
		story.Actions = column(acted, (*savedActionRow).action)
		story.Alerts, err = s.alerts(ctx, tx, alertsOfPayinQuery, a)
		return err
	})
	return story, s.explain(ctx, err)
}
