package sql

import (
	"context"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

var _ reconcile.SupportStore = (*Store)(nil)

// FindingsOf lists the scope's findings of some outcomes, in the order of their selection, without HighHelp's answers.
func (s *findingStore) FindingsOf(ctx context.Context, scope reconcile.ReportScope,
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
		a["outcomes"] = db.Strings(wanted)
		var rows []findingRow
		err = s.List(ctx, tx, &rows, findingsOfOutcomesQuery.In(s.Dialect), a)
		findings = db.Column(rows, (*findingRow).finding)
		return err
	})
	return findings, s.WrapError(ctx, err)
}
