package web

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"hhrecon/reconcile"
)

// progressView is how far a run is, or a person's order about it.
type progressView struct {
	Moving bool // there is more to come: look again
	Run    reconcile.Run
	Stage  string
	Done   int64
	Total  int64
	ETA    string // when all payins will have been asked about; empty: they have been
	Late   string // why that is too late; empty: it is not, or nothing says so
	Action *actionState
}

// progressOf says how far a run is, as far as the database and this process know.
func (p runPages) progressOf(ctx context.Context, run reconcile.Run) progressView {
	v := progressView{Run: run, Total: run.Selected, Action: p.actions.of(run.ID)}
	switch {
	case v.Action != nil && !v.Action.Done:
		v.Moving = true
	case run.State != reconcile.Running:
	case run.Judged < run.Selected: // findings are written beside it
		v.Moving, v.Stage, v.Done = true, "Asking HighHelp", run.Judged
		now := p.Now()
		eta, late, err := p.ETA(ctx, &run, now)
		if err != nil {
			p.Logger.Warn("the page cannot say when a run will be done", "run", run.ID, "error", err)
			break
		}
		v.ETA, v.Late = eta.In(cmp.Or(p.Settings().Zone, time.UTC), now), late
	default:
		v.Moving, v.Stage, v.Done = true, "Writing findings and corrections", run.Settled
	}
	return v
}

// progress is the part of the page that htmx polls. When nothing is under way any more, it makes the page reload.
func (p runPages) progress(w http.ResponseWriter, r *http.Request, run reconcile.Run) {
	v := p.progressOf(r.Context(), run)
	if !v.Moving {
		w.Header().Set("HX-Refresh", "true")
	}
	p.renderPart(w, r, "run.html", "progress", v)
}
