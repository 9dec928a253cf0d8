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

// Pruned contains the details of an action of kind prune. The entries up to the position Entry, inclusive, were
// deleted. Hash is the hash of the last deleted entry.
type Pruned struct {
	Entry int64
	Hash  string
}

func parsePruned(facts string) Pruned {
	var f map[string]string
	_ = json.Unmarshal([]byte(facts), &f) // an action of kind prune with invalid details is ignored
	entry, _ := strconv.ParseInt(f["entry"], 10, 64)
	return Pruned{entry, f["hash"]}
}

// RecordPruning records in the project's audit log that the entries up to a position are pruned. The entries are
// deleted later. The caller has locked the checkpoint.
func (s LogStore) RecordPruning(ctx context.Context, tx *sqlx.Tx, at Checkpoint, projectID string, entry int64,
	setting string, now time.Time) error {
	hash := at.Hash
	if entry > at.Seq {
		a := db.Args{"project_id": projectID, "entry": entry}
		if err := s.Get(ctx, tx, &hash, query("entry_hash").In(s.Dialect), a); err != nil {
			return err
		}
	}
	return s.RecordEventIn(ctx, tx, reconcile.Event{
		ProjectID: projectID, Kind: reconcile.ActionPrune, At: now,
		Facts: map[string]string{"entry": strconv.FormatInt(entry, 10), "hash": hash, "retention": setting},
	})
}

// RecordOldPrunings records the prunings of versions before migration 25. Those versions did not record prunings.
func (s LogStore) RecordOldPrunings(ctx context.Context) error {
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		var ids []string
		if err := s.List(ctx, tx, &ids, query("unrecorded").In(s.Dialect), db.Args{}); err != nil {
			return err
		}
		for _, id := range ids {
			at, err := s.LockCheckpoint(ctx, tx, id)
			if err == nil {
				err = s.RecordPruning(ctx, tx, at, id, at.Cutoff, at.Retention, time.Now())
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// DeletePruned deletes the entries of a project's audit log up to the cutoff, at most batch entries in one transaction.
// DeletePruned returns the number of deleted entries.
func (s LogStore) DeletePruned(ctx context.Context, projectID string, batch int64) (int64, error) {
	var all int64
	for {
		var n int64
		err := s.WithTx(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
			n = 0
			at, err := s.LockCheckpoint(ctx, tx, projectID)
			if err != nil {
				return err
			}
			a := db.Args{"project_id": projectID, "from": at.Seq, "to": min(at.Cutoff, at.Seq+batch)}
			if at.Seq == at.Cutoff {
				return nil
			}
			moved, err := s.Exec(ctx, tx, query("move_checkpoint").In(s.Dialect), a)
			if err != nil {
				return err
			}
			findings, err := s.Exec(ctx, tx, query("drop_findings").In(s.Dialect), a)
			if err != nil {
				return err
			}
			actions, err := s.Exec(ctx, tx, query("drop_actions").In(s.Dialect), a)
			if err != nil {
				return err
			}
			n = findings + actions
			if want := min(at.Cutoff-at.Seq, batch); moved != 1 || n != want {
				return db.Errorf("the audit log of project %s has %d entries instead of %d after entry %d: "+
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
