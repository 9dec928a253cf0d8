package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"hhrecon/reconcile"
)

// orderView asks to confirm an order about a whole run, with what it comes to.
type orderView struct {
	Run      runLine
	Kind     reconcile.ActionKind
	Becomes  []becomes
	Changes  int64 // rows
	Released int64 // rows that an earlier release corrected before it broke off
	Left     int64 // undo: rows that would be left alone
	Later    int64 // held: later runs that have a word on some of its payins, and on what they have one it is left alone
	Problem  string
}

// becomes is what one state of the merchant's rows comes to.
type becomes struct {
	State    string
	Currency string
	Count    int64
	Sum      int64 // of the merchant's amounts, in minor units
	Harmful  bool
}

func (p *page) showRelease(w http.ResponseWriter, r *http.Request) {
	p.confirmHeld(w, r, reconcile.ActionRelease, "")
}

func (p *page) showDiscard(w http.ResponseWriter, r *http.Request) {
	p.confirmHeld(w, r, reconcile.ActionDiscard, "")
}

func (p *page) release(w http.ResponseWriter, r *http.Request) {
	p.orderHeld(w, r, reconcile.ActionRelease)
}

func (p *page) discard(w http.ResponseWriter, r *http.Request) {
	p.orderHeld(w, r, reconcile.ActionDiscard)
}

// confirmHeld shows what releasing or discarding a held run comes to.
func (p *page) confirmHeld(w http.ResponseWriter, r *http.Request, kind reconcile.ActionKind, problem string) {
	run, err := p.runOf(r)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if why := orderRefusal(&run, kind); why != "" {
		p.refuse(w, r, http.StatusConflict, "Nothing to "+string(kind), why)
		return
	}
	v := orderView{Run: lineOf(run), Kind: kind, Problem: problem}
	if v.Becomes, err = p.heldCorrections(r.Context(), run.ID); err != nil {
		p.fail(w, r, err)
		return
	}
	for _, b := range v.Becomes {
		v.Changes += b.Count
	}
	if v.Later, err = p.laterRuns(r.Context(), &run); err != nil {
		p.fail(w, r, err)
		return
	}
	for a, err := range p.Store.Actions(r.Context(), run.ID) {
		if err != nil {
			p.fail(w, r, fmt.Errorf("actions on run %d: %w", run.ID, err))
			return
		}
		if a.Kind == reconcile.ActionRelease && a.Result == reconcile.CorrectionApplied {
			v.Released++
		}
	}
	status := http.StatusOK
	if problem != "" {
		status = http.StatusUnprocessableEntity
	}
	p.render(w, r, status, "order.html", fmt.Sprintf("%s run %d", title(string(kind)), run.ID), v)
}

// laterRuns counts the project's runs since that wrote what they found.
func (p *page) laterRuns(ctx context.Context, run *reconcile.Run) (n int64, err error) {
	runs, err := p.Store.FindRuns(ctx, reconcile.RunFilter{ProjectID: run.ProjectID, Limit: 1000})
	if err != nil {
		return 0, fmt.Errorf("runs since run %d: %w", run.ID, err)
	}
	for _, later := range runs {
		if later.ID > run.ID && !later.DryRun && !later.ClosedAt.IsZero() && later.Selected > 0 {
			n++
		}
	}
	return n, nil
}

// heldCorrections adds up what a held run would write, by what the rows become.
func (p *page) heldCorrections(ctx context.Context, runID int64) ([]becomes, error) {
	type key struct{ state, currency string }
	sums := make(map[key]*becomes)
	for f, err := range p.Store.Findings(ctx, reconcile.Scope{RunID: runID}) {
		if err != nil {
			return nil, fmt.Errorf("findings of run %d: %w", runID, err)
		}
		if f.Correction != reconcile.CorrectionHeld {
			continue
		}
		k := key{pair(f.After.Status, f.After.SubStatus), f.Currency}
		b := sums[k]
		if b == nil {
			b = &becomes{State: k.state, Currency: k.currency, Harmful: f.Harmful}
			sums[k] = b
		}
		b.Count++
		b.Sum += f.Amount
	}
	list := make([]becomes, 0, len(sums))
	for _, b := range sums {
		list = append(list, *b)
	}
	slices.SortFunc(list, func(a, b becomes) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.State, b.State), cmp.Compare(a.Currency, b.Currency))
	})
	return list, nil
}

func (p *page) orderHeld(w http.ResponseWriter, r *http.Request, kind reconcile.ActionKind) {
	run, err := p.runOf(r)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	order := p.orderOf(r, kind, run.ID)
	why := orderRefusal(&run, kind)
	switch {
	case why != "":
		p.refuse(w, r, http.StatusConflict, "Nothing was done", why)
	case order.Note == "":
		p.confirmHeld(w, r, kind, "Nothing was done yet: say why, for the audit trail.")
	default:
		p.carryOut(w, r, order)
	}
}
