package sql

import (
	"context"
	"time"
)

// SetSearchDepth makes a text be looked for in fewer findings.
func (s *Store) SetSearchDepth(findings int) { s.searchDepth = findings }

// SetPruneSize makes less be taken out at once.
func (s *Store) SetPruneSize(rows int64) { s.pruneSize = rows }

// Reserve reserves moments: where they begin and when that was said, by the database's clock, and how far they are apart.
func (r *Rate) Reserve(ctx context.Context, slots int) (first, said time.Time, space time.Duration, err error) {
	got, err := r.reserve(ctx, slots)
	return got.First, got.Said, r.space, err
}
