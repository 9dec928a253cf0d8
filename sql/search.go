package sql

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/merchant"
)

// FindFindings lists findings. A limit of 0 means no limit. A released correction is returned as applied.
func (s *findingStore) FindFindings(ctx context.Context, f reconcile.FindingFilter) ([]reconcile.Finding, error) {
	var rows []foundRow
	err := s.Read(ctx, func(tx *sqlx.Tx) error {
		var err error
		switch {
		case f.Undecided:
			rows, err = s.findUndecided(ctx, tx, &f)
		case f.RunID != 0:
			err = s.List(ctx, tx, &rows, query("finding/search_run").In(s.Dialect), s.filterArgs(&f))
		default:
			rows, err = s.findLatest(ctx, tx, &f)
		}
		return err
	})
	return findingsOf(rows), s.WrapError(ctx, err)
}

// searchDepth is the number of latest findings that a text search reads.
const searchDepth = 100_000

// filterArgs returns a filter as parameters of a statement.
func (s *findingStore) filterArgs(f *reconcile.FindingFilter) db.Args {
	text := ""
	if f.Text != "" {
		text = "%" + plainText.Replace(strings.ToLower(db.CleanText(f.Text))) + "%"
	}
	return db.Args{
		"run_id": f.RunID, "project_id": db.CleanText(f.ProjectID), "outcome": db.CleanText(string(f.Outcome)), "text": text,
		"payment_id": db.CleanText(f.Text), "beyond": f.AfterSeq, "limit": orAny(f.Limit), "depth": s.searchDepth,
		"forever": db.FormatTime(merchant.EndOfTime),
	}
}

// plainText escapes the wildcards of a pattern with "!". The statements contain "escape '!'".
var plainText = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// findLatest finds the latest findings of payins. An exact payment_id also matches findings beyond the search depth.
func (s *findingStore) findLatest(ctx context.Context, tx *sqlx.Tx, f *reconcile.FindingFilter) ([]foundRow, error) {
	var whole, rows []foundRow
	a := s.filterArgs(f)
	if f.Text != "" {
		if err := s.List(ctx, tx, &whole, query("finding/search_payin").In(s.Dialect), a); err != nil {
			return nil, err
		}
	}
	if err := s.List(ctx, tx, &rows, query("finding/search_findings").In(s.Dialect), a); err != nil {
		return nil, err
	}
	rows = append(rows, whole...)
	slices.SortFunc(rows, func(a, b foundRow) int {
		return cmp.Or(cmp.Compare(b.RunID, a.RunID), cmp.Compare(b.Seq, a.Seq))
	})
	rows = slices.CompactFunc(rows, func(a, b foundRow) bool { return a.RunID == b.RunID && a.Seq == b.Seq })
	return rows[:min(len(rows), orAny(f.Limit))], nil
}
