package sql

import (
	"context"
	"iter"
	"time"

	"hhrecon/reconcile"
)

// followEvery is how often a run is looked at that has not yet settled what comes next.
const followEvery = 100 * time.Millisecond

// Follow streams the findings of a run in the order of their selection while the run settles them, in whatever order that is: a page
// is read once all of it is there. It ends with the last of them, or with the context, whose error is the last pair then; so whoever
// follows a run that breaks off must end the context. Between pages nothing is held open, and no more than a page is in memory.
func (s *Store) Follow(ctx context.Context, run reconcile.Run) iter.Seq2[reconcile.Finding, error] {
	return func(yield func(reconcile.Finding, error) bool) {
		for first := int64(1); first <= run.Selected; first += page {
			findings, err := s.awaitPage(ctx, run.ID, first, min(first+page-1, run.Selected))
			if err != nil {
				yield(reconcile.Finding{}, s.explain(ctx, err))
				return
			}
			for _, f := range findings {
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

// awaitPage waits until all findings of a page are there, and reads them.
func (s *Store) awaitPage(ctx context.Context, runID, first, last int64) ([]reconcile.Finding, error) {
	a := args{"run_id": runID, "first": first, "last": last}
	for {
		var there int64
		if err := s.get(ctx, s.db, &there, countFindingsQuery.in(s.dialect), a); err != nil {
			return nil, err
		}
		if there == last-first+1 {
			break
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(followEvery):
		}
	}
	a = s.findingArgs(reconcile.Scope{RunID: runID})
	a["first"], a["last"] = first, last
	var rows []findingRow
	if err := s.list(ctx, s.db, &rows, findingsOfRunQuery.in(s.dialect), a); err != nil {
		return nil, err
	}
	findings := make([]reconcile.Finding, len(rows))
	for i := range rows {
		var err error
		if findings[i], err = rows[i].finding(); err != nil {
			return nil, err
		}
	}
	return findings, nil
}
