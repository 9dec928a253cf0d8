package web

import (
	"fmt"
	"net/http"

	"hhrecon/reconcile"
)

func (p *page) showUndo(w http.ResponseWriter, r *http.Request) { p.confirmUndo(w, r, "") }

// confirmUndo shows what would be put back, by a dry run of the undo itself.
func (p *page) confirmUndo(w http.ResponseWriter, r *http.Request, problem string) {
	run, err := p.runOf(r)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if why := orderRefusal(&run, reconcile.ActionUndo); why != "" {
		p.refuse(w, r, http.StatusConflict, "Nothing to undo", why)
		return
	}
	v := orderView{Run: lineOf(run), Kind: reconcile.ActionUndo, Problem: problem}
	order := p.orderOf(r, reconcile.ActionUndo, run.ID)
	order.DryRun = true
	err = p.Store.Execute(r.Context(), order, func(a reconcile.Action) error {
		switch a.Result {
		case reconcile.CorrectionDryRun:
			v.Changes++
		case reconcile.CorrectionSuperseded, reconcile.CorrectionRefused:
			v.Left++
		}
		return nil
	})
	if err != nil {
		p.fail(w, r, fmt.Errorf("what undoing run %d comes to: %w", run.ID, err))
		return
	}
	p.render(w, r, http.StatusOK, "order.html", fmt.Sprintf("Undo run %d", run.ID), v)
}

func (p *page) undo(w http.ResponseWriter, r *http.Request) {
	run, err := p.runOf(r)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	order := p.orderOf(r, reconcile.ActionUndo, run.ID)
	why := orderRefusal(&run, reconcile.ActionUndo)
	switch {
	case why != "":
		p.refuse(w, r, http.StatusConflict, "Nothing was done", why)
	case order.Note == "":
		p.confirmUndo(w, r, "Nothing was done yet: say why, for the audit trail.")
	default:
		p.carryOut(w, r, order)
	}
}
