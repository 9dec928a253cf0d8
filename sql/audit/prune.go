package audit

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// Pruned is what an action of the kind prune says: the entries up to and with Entry were deleted, which had Hash.
type Pruned struct {
	Entry int64
	Hash  string
}

func parsePruned(facts string) Pruned {
	var f map[string]string
	_ = json.Unmarshal([]byte(facts), &f) // without them it is that of no pruning
	entry, _ := strconv.ParseInt(f["entry"], 10, 64)
	return Pruned{entry, f["hash"]}
}

// RecordPruning adds to the project's audit log that entries up to a place are deleted. They are there yet, behind the
// checkpoint, which the caller has locked.
func (s LogStore) RecordPruning(
	ctx context.Context, tx *sqlx.Tx, at Checkpoint, projectID string, entry int64, setting string, now time.Time,
) error {
	hash := at.Hash
	if entry > at.Seq {
		a := db.Args{"project_id": projectID, "entry": entry}
		if err := s.Get(ctx, tx, &hash, entryHashQuery.In(s.Dialect), a); err != nil {
			return err
		}
	}
	return s.RecordEventIn(ctx, tx, reconcile.Event{
		ProjectID: projectID, Kind: reconcile.ActionPrune, At: now,
		Facts: map[string]string{"entry": strconv.FormatInt(entry, 10), "hash": hash, "retention": setting},
	})
}

// RecordOldPrunings adds to audit logs what versions before 25 of the tables did not: how far they are pruned.
func (s LogStore) RecordOldPrunings(ctx context.Context) error {
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		var ids []string
		if err := s.List(ctx, tx, &ids, unrecordedQuery.In(s.Dialect), db.Args{}); err != nil {
			return err
		}
		for _, id := range ids {
			at, err := s.LockCheckpoint(ctx, tx, id)
			if err == nil {
				err = s.RecordPruning(ctx, tx, at, id, at.Goal, at.Retention, time.Now())
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// DeletePruned deletes the entries of a project's audit log up to the goal, at most so many in one transaction. It
// returns how many there were.
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
			moved, err := s.Exec(ctx, tx, moveCheckpointQuery.In(s.Dialect), a)
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
			return all, s.OwnTableError("hhrecon_anchor", err)
		}
	}
}
