package sql

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
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

// Explain carries statements out that read a scope's findings, of one run of it, and its totals, and tells how PostgreSQL did.
func (s *Store) Explain(ctx context.Context, scope reconcile.Scope, runID int64) (findings, totals string, err error) {
	f, t := findingsOfPeriodQuery, totalsOfPeriodQuery
	if scope.RunID != 0 {
		f, t = findingsOfRunQuery, totalsOfRunQuery
	}
	a := s.findingArgs(scope)
	a["run_id"], a["first"], a["last"], a["oldest"], a["newest"] = runID, 1, page, runID, runID
	explain := func(q query) string {
		text, values, e := q.postgres.bind(s.dialect, a)
		var lines []string
		if e == nil {
			e = sqlx.SelectContext(ctx, s.db, &lines, "explain (analyze, costs off, timing off, summary off)\n"+text, values...)
		}
		err = errors.Join(err, e)
		return strings.Join(lines, "\n")
	}
	return explain(f), explain(t), err
}
