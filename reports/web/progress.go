package web

import (
	"context"
	"net/http"

	"hhrecon/reconcile"
)

// progressView is how far a run is, or a person's order about it.
type progressView struct {
	Moving   bool // there is more to come: look again
	Run      reconcile.Run
	Stage    string
	Done     int64
	Total    int64
	Forecast string // when all will be asked about; empty: nobody is asked any more
	Late     string // why that is not in time; empty: it is, or nobody waits for it
	Order    *orderState
}

// progressOf says how far a run is, as far as the database and this process know.
func (p *page) progressOf(ctx context.Context, run reconcile.Run) progressView {
	v := progressView{Run: run, Total: run.Selected, Order: p.orders.of(run.ID)}
	switch {
	case v.Order != nil && !v.Order.Done:
		v.Moving = true
	case run.State != reconcile.Running:
	case run.Judged < run.Selected: // findings are written beside it
		v.Moving, v.Stage, v.Done = true, "Asking HighHelp", run.Judged
		v.Forecast, v.Late = p.forecastOf(ctx, run)
	default:
		v.Moving, v.Stage, v.Done = true, "Writing findings and corrections", run.Settled
	}
	return v
}

// progress is the piece that htmx asks for again and again; once nothing moves any more, the page is to be loaded anew.
func (p *page) progress(w http.ResponseWriter, r *http.Request) {
	run, err := p.runOf(r)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	v := p.progressOf(r.Context(), run)
	if !v.Moving {
		w.Header().Set("HX-Refresh", "true")
	}
	p.renderPart(w, r, "run.html", "progress", v)
}
