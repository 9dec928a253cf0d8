package web

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"hhrecon/reconcile"
)

// effect contains the number and the sum of the rows that an action would change to the same state.
type effect struct {
	State    string
	Currency string
	Count    int64
	Sum      reconcile.Sum // the sum of the merchant's amounts
	Harmful  bool
}

// heldEffects returns the effects of a release or discard of a held run.
func (p actionPages) heldEffects(r *http.Request, run *reconcile.Run, v *actionView) (err error) {
	ctx := r.Context()
	if v.Effects, err = p.heldCorrections(ctx, run.ID); err != nil {
		return err
	}
	v.Changes = run.HoldSize
	for a, err := range p.Store.Actions(ctx, run.ID) {
		if err != nil {
			return fmt.Errorf("actions on run %d: %w", run.ID, err)
		}
		if a.Kind == reconcile.ActionRelease && a.Result == reconcile.CorrectionApplied {
			v.Released++
		}
	}
	return nil
}

// heldCorrections adds up the corrections of a held run by the new state of the rows.
func (p actionPages) heldCorrections(ctx context.Context, runID int64) ([]effect, error) {
	sums := make(map[effect]*effect) // effects by new state and currency
	for f, err := range p.Store.Findings(ctx, reconcile.ReportScope{RunID: runID}) {
		if err != nil {
			return nil, fmt.Errorf("findings of run %d: %w", runID, err)
		}
		if f.Correction != reconcile.CorrectionHeld {
			continue
		}
		key := effect{State: pair(f.After.Status, f.After.SubStatus), Currency: f.Currency}
		if sums[key] == nil {
			one := key
			one.Harmful = f.Harmful
			sums[key] = &one
		}
		b := sums[key]
		b.Count++
		b.Sum.Add(f.Amount)
	}
	list := reconcile.Map(slices.Collect(maps.Values(sums)), func(b *effect) effect { return *b })
	slices.SortFunc(list, func(a, b effect) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.State, b.State), cmp.Compare(a.Currency, b.Currency))
	})
	return list, nil
}
