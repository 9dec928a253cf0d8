package audit

import (
	"context"

	"github.com/jmoiron/sqlx"

	"hhrecon/sql/db"
)

// DeletePruned deletes the entries of a project's audit log up to the goal, at most so many in one transaction. It returns
// how many there were.
func (s LogStore) DeletePruned(ctx context.Context, projectID string, most int64) (int64, error) {
	var all int64
	for {
		var n int64
		err := s.WithTx(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
			n = 0
			at, err := s.LockCheckpoint(ctx, tx, projectID)
			if err != nil {
				return err
			}
			a := db.Args{"project_id": projectID, "from": at.Seq, "to": min(at.Goal, at.Seq+most)}
			if at.Seq == at.Goal {
				return nil
			}
			moved, err := s.Exec(ctx, tx, moveAnchorQuery.In(s.Dialect), a)
			if err != nil {
				return err
			}
			findings, err := s.Exec(ctx, tx, dropFindingsQuery.In(s.Dialect), a)
			if err != nil {
				return err
			}
			actions, err := s.Exec(ctx, tx, dropActionsQuery.In(s.Dialect), a)
			if err != nil {
				return err
			}
			n = findings + actions
			if want := min(at.Goal-at.Seq, most); moved != 1 || n != want {
				return db.Errorf("the audit log of project %s has %d entries where %d are to be after entry %d: "+
					"nothing more is deleted; run \"hhrecon verify\"", projectID, n, want, at.Seq)
			}
			return nil
		})
		all += n
		if err != nil || n == 0 {
			return all, s.NoRefusal("hhrecon_anchor", err)
		}
	}
}
