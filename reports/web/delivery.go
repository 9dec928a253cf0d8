package web

import (
	"errors"
	"fmt"
	"net/http"

	"hhrecon/reconcile"
)

// deliveriesView lists the deliveries of reports.
type deliveriesView struct {
	State      reconcile.DeliveryState
	States     []reconcile.DeliveryState
	Deliveries []reconcile.Delivery
}

const deliveriesPage = 200

func (p runPages) deliveries(w http.ResponseWriter, r *http.Request) {
	v := deliveriesView{State: reconcile.DeliveryState(r.FormValue("state")), States: []reconcile.DeliveryState{
		reconcile.DeliveryWaiting, reconcile.DeliverySending, reconcile.DeliverySent, reconcile.DeliveryGivenUp,
	}}
	var err error
	if v.Deliveries, err = p.Store.Deliveries(r.Context(),
		reconcile.DeliveryFilter{State: v.State, Limit: deliveriesPage}); err != nil {
		p.fail(w, r, fmt.Errorf("list deliveries: %w", err))
		return
	}
	p.render(w, r, http.StatusOK, "deliveries.html", "Reports by mail", v)
}

// sendAgain queues the report of a run again for all its recipients.
func (p runPages) sendAgain(w http.ResponseWriter, r *http.Request, run reconcile.Run) {
	n, err := p.Store.Resend(r.Context(), run.ID, nil, userOf(r).Name, p.Now())
	switch {
	case errors.Is(err, reconcile.ErrNoReport):
		p.flash(w, r, "Nothing is sent: run %d has no report by mail.", run.ID)
	case err != nil:
		p.fail(w, r, fmt.Errorf("send the report of run %d again: %w", run.ID, err))
		return
	default:
		p.Logger.Info("report queued again", "run", run.ID, "user", userOf(r).Name, "deliveries", n)
		p.flash(w, r, "The report of run %d is sent again: %s.", run.ID, plural(int64(n), "mail"))
	}
	http.Redirect(w, r, runAddress(run.ID), http.StatusSeeOther)
}
