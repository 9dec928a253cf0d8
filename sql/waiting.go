package sql

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// findingKey names a finding.
type findingKey struct{ runID, seq int64 }

// findWaiting finds the findings that wait for a person: of one run in the order of their selection, else newest first.
func (s *findingStore) findWaiting(ctx context.Context, tx *sqlx.Tx, f *reconcile.FindingFilter) ([]foundRow, error) {
	keys, err := s.undecided(ctx, tx, f)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	if f.RunID != 0 {
		slices.Reverse(keys)
	}
	keys = keys[:min(len(keys), orAny(f.Limit))]
	var found []foundRow
	for some := range slices.Chunk(keys, page) {
		place := make(map[findingKey]int, len(some))
		var runs, seqs []int64
		for i, k := range some {
			place[k] = i
			runs, seqs = append(runs, k.runID), append(seqs, k.seq)
		}
		var rows []foundRow
		a := db.Args{"runs": db.Int64s(unique(runs)), "seqs": db.Int64s(unique(seqs))}
		if err := s.List(ctx, tx, &rows, findingsOfKeysQuery.In(s.Dialect), a); err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(r foundRow) bool { _, meant := place[findingKey{r.RunID, r.Seq}]; return !meant })
		slices.SortFunc(rows, func(a, b foundRow) int {
			return place[findingKey{a.RunID, a.Seq}] - place[findingKey{b.RunID, b.Seq}]
		})
		found = append(found, rows...)
	}
	return found, nil
}

func unique(some []int64) []int64 { return slices.Compact(slices.Sorted(slices.Values(some))) }

// undecided names the findings that wait for a person's decision and have none, newest first, whatever the limit: the
// database knows who has decided, and AwaitsDecision, with the rules of each run, what waits.
func (s *findingStore) undecided(ctx context.Context, tx *sqlx.Tx, f *reconcile.FindingFilter) ([]findingKey, error) {
	var rows []foundRow
	if err := s.List(ctx, tx, &rows, undecidedQuery.In(s.Dialect), s.filterArgs(f)); err != nil {
		return nil, err
	}
	known := make(map[string]*reconcile.Rules)
	var keys []findingKey
	for _, r := range rows {
		rules := known[r.Rules]
		if rules == nil {
			rules = &reconcile.Rules{}
			if err := json.Unmarshal([]byte(r.Rules), rules); err != nil {
				return nil, db.Errorf("the rules of run %d: %v", r.RunID, err)
			}
			known[r.Rules] = rules
		}
		if r.AwaitsDecision(rules) && !r.Decided(rules, time.Now()) {
			keys = append(keys, findingKey{r.RunID, r.Seq})
		}
	}
	return keys, nil
}

// CountUndecided counts the payins whose last word waits for a person's decision and has none; projectID "" is all.
func (s *findingStore) CountUndecided(ctx context.Context, projectID string) (int64, error) {
	var count int
	err := s.Read(ctx, func(tx *sqlx.Tx) error {
		keys, err := s.undecided(ctx, tx, &reconcile.FindingFilter{ProjectID: projectID})
		count = len(keys)
		return err
	})
	return int64(count), s.WrapError(ctx, err)
}
