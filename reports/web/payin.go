package web

import (
	"errors"
	"fmt"
	"net/http"

	"hhrecon/reconcile"
)

// payinView is the history of a payin, and the decision that it may need.
type payinView struct {
	ProjectID string
	PaymentID string
	Last      *reconcile.Finding // the payin's latest finding; nil if the payin has only alerts and findings of dry runs
	Row       reconcile.State    // state of the merchant's row that hhrecon last wrote or read
	Entries   []timelineEntry
	Decision  decisionView
	Proposals []proposalView
}

func (p payinPages) payin(w http.ResponseWriter, r *http.Request) {
	p.showPayin(w, r, http.StatusOK, r.FormValue("project"), r.FormValue("id"), "")
}

// showPayin shows the history of a payin. If an action was refused, problem contains the reason.
func (p payinPages) showPayin(w http.ResponseWriter, r *http.Request, status int,
	projectID, paymentID, problem string) {
	ctx := r.Context()
	timeline, err := p.Store.PayinTimeline(ctx, projectID, paymentID)
	if err != nil {
		p.fail(w, r, fmt.Errorf("history of payin %q: %w", paymentID, err))
		return
	}
	if len(timeline.Findings)+len(timeline.Alerts)+len(timeline.Actions) == 0 {
		p.refuse(w, r, http.StatusNotFound, "This payin is unknown",
			"No run has queried HighHelp about this payin yet, and HighHelp has sent no alert about it.")
		return
	}
	last, err := p.Store.LatestFinding(ctx, projectID, paymentID)
	if err != nil && !errors.Is(err, reconcile.ErrNoFinding) {
		p.fail(w, r, fmt.Errorf("latest finding of payin %q: %w", paymentID, err))
		return
	}
	known := err == nil
	marked, err := p.supportEntries(ctx, projectID, paymentID, &last)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	v := payinView{ProjectID: projectID, PaymentID: paymentID, Entries: timelineOf(&timeline, marked...)}
	if known {
		v.Last, v.Row = &last, currentRow(&last, timeline.Actions)
		if v.Decision, err = p.decisionOn(r, &last, timeline.Actions); err != nil {
			p.fail(w, r, err)
			return
		}
	}
	v.Decision.Problem = problem
	v.Proposals, err = proposals(p.page, r, projectID,
		func(o *reconcile.Proposal) bool { return o.PaymentID == paymentID })
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.render(w, r, status, "payin.html", "Payin "+paymentID, v)
}

// currentRow returns the state of the merchant's row after the latest finding, or after a later action of a person.
func currentRow(last *reconcile.Finding, actions []reconcile.Action) reconcile.State {
	row := rowOf(last)
	if last.Correction == reconcile.CorrectionApplied {
		row = last.After
	}
	for _, a := range actions {
		if a.Result == reconcile.CorrectionApplied && a.At.After(last.CheckedAt) {
			row = a.After
		}
	}
	return row
}
