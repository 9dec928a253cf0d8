package merchant

import (
	"context"
	"fmt"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// sampleAge is the maximum age of the payins of a sample, unless all payins are older.
const sampleAge = 7 * 24 * time.Hour

// Sample returns at most n payins of a project as the merchant's queries read them. About half of them are open, and
// they come first. Each half has the newest payins.
func (s *Queries) Sample(ctx context.Context, p *reconcile.Project, n int) ([]reconcile.Payin, error) {
	if s.err != nil {
		return nil, s.err
	}
	for _, from := range []time.Time{time.Now().Add(-sampleAge), BeginOfTime} {
		var halves [2][]reconcile.Payin
		for i, payins := range []db.Subquery{
			s.OpenQuery(p.ID, reconcile.Window{From: from, To: EndOfTime}, p.OpenStatuses()),
			s.FinalQuery(p.ID, from, p.FinalStatuses()),
		} {
			err := s.List(ctx, s.Conn, &halves[i], query("sample_payins").In(s.Dialect), db.Args{"payins": payins,
				"from": db.FormatTime(BeginOfTime), "to": db.FormatTime(EndOfTime), "limit": n})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", payins.Statement.Name, s.WrapError(ctx, err))
			}
		}
		open, final := halves[0], halves[1]
		open = open[:min(len(open), n-min(len(final), n/2))]
		if final = final[:min(len(final), n-len(open))]; len(open)+len(final) > 0 {
			return append(open, final...), nil
		}
	}
	return nil, nil
}
