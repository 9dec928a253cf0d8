package web

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"hhrecon/reconcile"
)

// progressView is the progress of a run, or of an action on a run.
type progressView struct {
	Moving bool // the run or action is in progress, so the page polls again
	Run    reconcile.Run
	Stage  string
	Done   int64
	Total  int64
	ETA    string // time at which HighHelp will have been queried about all payins; empty after that time
	Late   string // reason why the ETA is too late; empty if the ETA is early enough
	Action *actionState
}

// progressOf returns the progress of a run. The progress comes from the database and from this process.
func (p runPages) progressOf(ctx context.Context, run reconcile.Run) progressView {
	v := progressView{Run: run, Total: run.Selected, Action: p.actions.of(run.ID)}
	switch {
	case v.Action != nil && !v.Action.Done:
		v.Moving = true
	case run.State != reconcile.Running:
	case run.Judged < run.Selected: // queries and writing of findings overlap
		v.Moving, v.Stage, v.Done = true, "Asking HighHelp", run.Judged
		now := p.Now()
		eta, late, err := p.ETA(ctx, &run, now)
		if err != nil {
			p.Logger.Warn("cannot estimate when the run ends", "run", run.ID, "error", err)
			break
		}
		v.ETA, v.Late = eta.In(cmp.Or(p.Settings().Zone, time.UTC), now), late
	default:
		v.Moving, v.Stage, v.Done = true, "Writing findings and corrections", run.Settled
	}
	return v
}

// progress writes the part of the page that htmx polls. When the run or action is done, progress makes htmx reload the
// page.
func (p runPages) progress(w http.ResponseWriter, r *http.Request, run reconcile.Run) {
	v := p.progressOf(r.Context(), run)
	if !v.Moving {
		w.Header().Set("HX-Refresh", "true")
	}
	p.renderPart(w, r, "run.html", "progress", v)
}
